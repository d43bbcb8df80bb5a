//! Writes what the packages hold of the command line: a man page for each command into one folder, the
//! completions into another.
//!
//! `cargo run --example manual -- MAN_PAGES COMPLETIONS`

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use onelogin_steward::cli::Cli;

/// What clap does not know: files, variables, exit codes, signals.
const FURTHER: &str = include_str!("../packaging/manual.roff");

fn main() -> io::Result<()> {
    let folders: Vec<_> = std::env::args_os().skip(1).collect();
    let [pages, completions] = &folders[..] else {
        return Err(io::Error::other("name two folders: for man pages, for completions"));
    };
    let (pages, completions) = (Path::new(pages), Path::new(completions));
    fs::create_dir_all(pages)?;
    fs::create_dir_all(completions)?;

    clap_mangen::generate_to(Cli::command(), pages)?;
    let main_page = pages.join("onelogin-steward.1");
    OpenOptions::new().append(true).open(main_page)?.write_all(FURTHER.as_bytes())?;

    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut Cli::command(), "onelogin-steward", completions)?;
    }
    Ok(())
}
