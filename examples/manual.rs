//! Writes what the packages hold of the command line: a man page for each command into one folder, the
//! completions into another.
//!
//! `cargo run --example manual -- MAN_PAGES COMPLETIONS`

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use onelogin_steward::cli::Cli;

/// What clap does not know: files, variables, exit codes, signals.
const FURTHER: &str = include_str!("../packaging/manual.roff");

fn main() -> io::Result<()> {
    let folders: Vec<_> = std::env::args_os().skip(1).collect();
    let [pages, completions] = &folders[..] else {
        return Err(io::Error::other(
            "name two folders: for man pages, for completions",
        ));
    };
    let (pages, completions) = (Path::new(pages), Path::new(completions));
    fs::create_dir_all(pages)?;
    fs::create_dir_all(completions)?;

    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    write_page(&cli, pages)?;
    File::options()
        .append(true)
        .open(pages.join("onelogin-steward.1"))?
        .write_all(FURTHER.as_bytes())?;

    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut Cli::command(), "onelogin-steward", completions)?;
    }
    Ok(())
}

/// The page of a command, and those of the commands below it.
fn write_page(command: &Command, folder: &Path) -> io::Result<()> {
    // The version stands where a date would; a short word in the middle of the header leaves room for
    // the names of the commands.
    let page = Man::new(command.clone())
        .source("onelogin-steward")
        .date(env!("CARGO_PKG_VERSION"))
        .manual("Steward");
    let mut file = File::create(folder.join(page.get_filename()))?;
    page.render_title(&mut file)?;
    page.render_name_section(&mut file)?;
    page.render_synopsis_section(&mut file)?;
    page.render_description_section(&mut file)?;
    page.render_options_section(&mut file)?;
    if command.has_subcommands() {
        page.render_subcommands_section(&mut file)?;
    }
    command
        .get_subcommands()
        .try_for_each(|below| write_page(below, folder))
}
