//! The guide and the README stay true: every command line in them is one that the program takes, every
//! TOML block is one that it loads, and the guide leaves no command and no exit code out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::{CommandFactory as _, Parser as _};
use jiff::Timestamp;
use onelogin_steward::cli::{Cli, Exit};
use onelogin_steward::config::{self, Environment};
use onelogin_steward::desired_file;
use toml_edit::DocumentMut;

use crate::support::home::Home;

const GUIDE: &str = "docs/OPERATIONS.md";
const PAGES: [&str; 2] = [GUIDE, "README.md"];

/// What the blocks of the guide are written into, as an administrator does.
const CONFIG: &str = r#"
[onelogin]
url = "https://acme.onelogin.com"
client_id = "0123456789abcdef"
client_secret_file = "credentials/onelogin-client-secret"

[mail]
from = "IT Service Desk <it@acme.example>"
"#;

/// A page, and the blocks of code in it.
struct Page {
    name: &'static str,
    prose: String,
    /// Language and text.
    blocks: Vec<(String, String)>,
}

impl Page {
    fn read(name: &'static str) -> Self {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        let (mut prose, mut blocks) = (String::new(), Vec::new());
        let mut block: Option<(String, String)> = None;
        for line in text.lines() {
            match (line.trim_start().strip_prefix("```"), &mut block) {
                (Some(language), None) => block = Some((language.to_owned(), String::new())),
                (Some(_), Some(_)) => blocks.extend(block.take()),
                (None, Some((_, code))) => *code += &format!("{line}\n"),
                (None, None) => prose += &format!("{line}\n"),
            }
        }
        assert!(block.is_none(), "{name}: a block has no end");
        Self { name, prose, blocks }
    }

    fn blocks(&self, language: &str) -> impl Iterator<Item = &str> {
        let of_language = self.blocks.iter().filter(move |(of, _)| of == language);
        of_language.map(|(_, code)| code.as_str())
    }

    /// The command lines of our program, in blocks and in the prose.
    fn commands(&self) -> Vec<Vec<String>> {
        let joined = self.blocks("sh").map(|code| code.replace("\\\n", " "));
        let spans = self
            .prose
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|span| span.replace('\n', " "));
        let lines: Vec<String> = joined.chain(spans).collect();
        let commands = lines.iter().flat_map(|text| text.lines()).flat_map(commands_of);
        commands.filter_map(|words| ours(&words)).collect()
    }
}

/// The commands of a line of shell, as words. A comment, a pipe and a redirection end one.
fn commands_of(line: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words, mut word) = (vec![], vec![], None::<String>);
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (' ', None) => words.extend(word.take()),
            ('#', None) if word.is_none() => break,
            // What follows ">" is a file, and no command of ours.
            ('|' | '&' | ';' | '>', None) => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    commands.push(words);
    commands
}

/// The words of a command of our program, without `sudo`; `None` for other programs, and where our name
/// stands alone.
fn ours(words: &[String]) -> Option<Vec<String>> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let command = match words.as_slice() {
        ["sudo", "-u", _, command @ ..] | ["sudo", command @ ..] | command => command,
    };
    let (program, arguments) = command.split_first()?;
    let is_ours = *program == "onelogin-steward" && !arguments.is_empty();
    is_ours.then(|| command.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn every_command_line_of_the_guide_and_the_readme_is_one_that_the_program_takes() {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for page in PAGES.map(Page::read) {
        for command in page.commands() {
            tried += 1;
            if let Err(error) = Cli::try_parse_from(&command) {
                wrong.push(format!("{}: {}\n{error}", page.name, command.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 50, "only {tried} commands were found");
}

#[test]
fn a_line_of_shell_is_taken_apart_as_a_shell_does() {
    let line = r#"sudo -u x onelogin-steward pause role-sync --reason "a | b" | head -3 && journalctl -u onelogin-steward # now"#;
    let commands: Vec<Vec<String>> = commands_of(line).iter().filter_map(|words| ours(words)).collect();
    assert_eq!(
        commands,
        [["onelogin-steward", "pause", "role-sync", "--reason", "a | b"]]
    );
}

#[test]
fn every_toml_block_of_the_guide_and_the_readme_loads() {
    let blocks: Vec<(&str, String)> = PAGES
        .map(Page::read)
        .iter()
        .flat_map(|page| page.blocks("toml").map(|code| (page.name, code.to_owned())))
        .collect();
    assert!(blocks.len() >= 3, "only {} blocks were found", blocks.len());
    for (name, block) in blocks {
        let written: DocumentMut = block
            .parse()
            .unwrap_or_else(|error| panic!("{name}: {error}\n{block}"));
        if written.contains_key("role") {
            desired_file::parse(block.as_bytes(), Path::new(name)).unwrap();
            continue;
        }
        let home = Home::new();
        for secret in ["onelogin-client-secret", "smtp-password"] {
            home.write(Path::new("credentials").join(secret), "secret");
        }
        let path = home.config(&merged(&written));
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        if let Err(problems) = config::load(&path, &Environment::default(), now) {
            panic!("{name}:\n{block}\n{problems}");
        }
    }
}

/// The base, with what the block sets.
fn merged(block: &DocumentMut) -> String {
    let mut config: DocumentMut = CONFIG.parse().unwrap();
    for (key, item) in block.iter() {
        match (
            config.get_mut(key).and_then(|item| item.as_table_mut()),
            item.as_table(),
        ) {
            (Some(section), Some(values)) => {
                for (key, value) in values {
                    section.insert(key, value.clone());
                }
            }
            _ => drop(config.insert(key, item.clone())),
        }
    }
    config.to_string()
}

#[test]
fn the_guide_says_of_every_command_who_may_run_it() {
    let guide = Page::read(GUIDE);
    let table = guide.prose.split("| as root |").nth(1).unwrap();
    let rows = table.lines().filter_map(|line| line.split('|').nth(1));
    let told: BTreeSet<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let missing: Vec<String> = leaves(&Cli::command(), "")
        .into_iter()
        .filter(|command| !told.contains(command.as_str()))
        .collect();
    assert!(missing.is_empty(), "{GUIDE} does not say who may run {missing:?}");
}

/// The commands below this one that do something by themselves.
fn leaves(command: &clap::Command, above: &str) -> Vec<String> {
    let mut found = Vec::new();
    for below in command.get_subcommands() {
        let name = format!("{above}{}", below.get_name());
        if !below.is_subcommand_required_set() {
            found.push(name.clone());
        }
        found.extend(leaves(below, &format!("{name} ")));
    }
    found
}

#[test]
fn the_guide_says_of_every_exit_code_what_to_do() {
    let guide = Page::read(GUIDE);
    let codes = [
        Exit::Done,
        Exit::Failed,
        Exit::Usage,
        Exit::Partly,
        Exit::Held,
        Exit::Pending,
        Exit::Busy,
        Exit::Invalid,
    ];
    for exit in codes {
        let row = format!("\n| {} | ", exit as u8);
        assert!(
            guide.prose.contains(&row),
            "{GUIDE} does not tell what {exit:?} means"
        );
    }
}
