//! Template files: those inside the binary, and those of a folder.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::domain::language::ENGLISH;

/// The largest template file.
const LARGEST_FILE: u64 = 256 * 1024;

/// A table of file name and text, of the files that hold words, in one language.
macro_rules! words {
    ($tag:literal) => {
        words!(
            $tag,
            "person.html",
            "genuine.txt",
            "password-expiry/subject.txt",
            "password-expiry/body.txt",
            "password-expiry/body.html",
            "password-expired/subject.txt",
            "password-expired/body.txt",
            "password-expired/body.html",
            "password-expiry-other/subject.txt",
            "password-expiry-other/body.txt",
            "password-expiry-other/body.html",
            "access-end/subject.txt",
            "access-end/body.txt",
            "access-end/body.html",
            "mail-test/subject.txt",
            "mail-test/body.txt",
            "mail-test/body.html",
        )
    };
    ($tag:literal, $($stem:literal),+ $(,)?) => {
        &[$((concat!($stem, $tag, ".j2"), include_str!(concat!("../../templates/", $stem, $tag, ".j2")))),+]
    };
}

macro_rules! structure {
    ($($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../templates/", $file)))),+]
    };
}

/// Templates without words.
const STRUCTURE: &[(&str, &str)] = structure![
    "layout.html.j2",
    "parts.html.j2",
    "layout-person.html.j2",
    "layout-other.html.j2",
    "layout-access.html.j2",
    "layout-test.html.j2",
];

/// Templates with words, in the order of [`BUILT_IN_LANGUAGES`].
///
/// [`BUILT_IN_LANGUAGES`]: crate::config::settings::BUILT_IN_LANGUAGES
const WORDS: [&[(&str, &str)]; 5] = [
    words!(""),
    words!(".de"),
    words!(".es"),
    words!(".fr"),
    words!(".ja"),
];

/// Every template, with the text that holds where the folder has none.
pub(super) fn embedded() -> impl Iterator<Item = (&'static str, &'static str)> {
    STRUCTURE.iter().chain(WORDS.into_iter().flatten()).copied()
}

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateProblem {
    /// The file; for an embedded template its path below `templates`.
    pub file: PathBuf,
    /// The line, where it is one line's fault.
    pub line: Option<usize>,
    /// What is wrong, in words.
    pub message: String,
}

impl TemplateProblem {
    /// What to do about any of them.
    pub const HELP: &str = "correct the template, or delete the file to use the built-in one";
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.message)
    }
}

impl std::error::Error for TemplateProblem {}

/// The text of a template file; `None` where there is no such file.
pub(super) fn read_template(path: &Path) -> Result<Option<String>, TemplateProblem> {
    let problem = |line: Option<usize>, message: String| TemplateProblem {
        file: path.to_owned(),
        line,
        message,
    };
    let unreadable = |error: io::Error| problem(None, format!("cannot be read: {error}"));
    // Asked first: opening a named pipe would wait for ever.
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(metadata) if !metadata.is_file() => return Err(problem(None, "is not a file".to_owned())),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(problem(
            None,
            format!("is larger than {} KiB", LARGEST_FILE / 1024),
        ));
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        problem(Some(line), "is not UTF-8".to_owned())
    })
}

/// The names of the templates in a folder. A file that looks like one and that no mail uses is a
/// problem: with a misspelt name the embedded template would go on being used, and nobody would see why.
pub(super) fn list_folder(folder: &Path, problems: &mut Vec<TemplateProblem>) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = folders.pop() {
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                problems.push(TemplateProblem {
                    file: path,
                    line: None,
                    message: format!("cannot be read as a folder: {error}"),
                });
                continue;
            }
            Ok(entries) => entries,
        };
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let is_template = entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "j2");
            if prefix.is_empty() && entry.path().is_dir() && !is_template {
                folders.push((entry.path(), format!("{name}/")));
            } else if is_known(&name) {
                names.push(name);
            } else if is_template {
                problems.push(TemplateProblem {
                    file: entry.path(),
                    line: None,
                    message: "no mail uses a template of this name; is it misspelt?".to_owned(),
                });
            }
        }
    }
    names
}

/// Whether this is the name of a template, with or without the tag of a language before its `.j2`.
fn is_known(name: &str) -> bool {
    let holds_words = |name: &str| WORDS[0].iter().any(|(known, _)| *known == name);
    embedded().any(|(known, _)| known == name)
        || split_tag(name).is_some_and(|(stem, _)| holds_words(&format!("{stem}.j2")))
}

/// `password-expiry/body.txt` and `de` of `password-expiry/body.txt.de.j2`. English has no tag.
pub(super) fn split_tag(name: &str) -> Option<(&str, &str)> {
    let (stem, tag) = name.strip_suffix(".j2")?.rsplit_once('.')?;
    // "txt" would be a tag as well.
    let is_part = stem.contains('.');
    let mut subtags = tag.split('-');
    let is_language =
        |subtag: &str| (2..=3).contains(&subtag.len()) && subtag.chars().all(|c| c.is_ascii_lowercase());
    let is_more =
        |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.chars().all(|c| c.is_ascii_alphanumeric());
    let is_tag = is_part && tag != ENGLISH && subtags.next().is_some_and(is_language) && subtags.all(is_more);
    is_tag.then_some((stem, tag))
}

/// The first line on which a name stands as a word of its own.
pub(super) fn line_of(source: &str, name: &str) -> Option<usize> {
    let is_word = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
    };
    source.lines().position(is_word).map(|at| at + 1)
}
