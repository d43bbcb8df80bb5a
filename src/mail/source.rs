//! Template files: those inside the binary, and those of a folder.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest template file.
const LARGEST_FILE: u64 = 256 * 1024;

macro_rules! embedded {
    ($($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../templates/", $file)))),+]
    };
}

/// Every template, with the text that holds where the folder has none.
pub(super) const EMBEDDED: &[(&str, &str)] = embedded![
    "layout.html.j2",
    "parts.html.j2",
    "genuine.txt.j2",
    "genuine.html.j2",
    "password-expiry/subject.txt.j2",
    "password-expiry/body.txt.j2",
    "password-expiry/body.html.j2",
    "password-expired/subject.txt.j2",
    "password-expired/body.txt.j2",
    "password-expired/body.html.j2",
    "password-expiry-other/subject.txt.j2",
    "password-expiry-other/body.txt.j2",
    "password-expiry-other/body.html.j2",
    "mail-test/subject.txt.j2",
    "mail-test/body.txt.j2",
    "mail-test/body.html.j2",
];

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

/// Reports files that look like templates and that no mail uses: with a misspelt name the embedded
/// template would go on being used, and nobody would see why.
pub(super) fn find_strangers(folder: &Path, problems: &mut Vec<TemplateProblem>) {
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
            if prefix.is_empty() && entry.path().is_dir() {
                folders.push((entry.path(), format!("{name}/")));
            } else if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "j2")
                && !is_known(&name)
            {
                problems.push(TemplateProblem {
                    file: entry.path(),
                    line: None,
                    message: "no mail uses a template of this name; is it misspelt?".to_owned(),
                });
            }
        }
    }
}

/// Whether this is the name of a template, with or without the tag of a language before its `.j2`.
fn is_known(name: &str) -> bool {
    let is_template = |name: &str| EMBEDDED.iter().any(|(known, _)| *known == name);
    let without_language = || {
        let (stem, language) = name.strip_suffix(".j2")?.rsplit_once('.')?;
        let is_tag = language.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        is_tag.then(|| format!("{stem}.j2"))
    };
    is_template(name) || without_language().is_some_and(|name| is_template(&name))
}

/// The first line on which a name stands as a word of its own.
pub(super) fn line_of(source: &str, name: &str) -> Option<usize> {
    let is_word = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
    };
    source.lines().position(is_word).map(|at| at + 1)
}
