//! Secrets: from a systemd credential, else a file, else the environment. Never from the
//! configuration file, and never into a message.

use std::fmt;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::environment::{Environment, variable_of};
use super::reader::Reader;
use super::value::Wrong;

/// A secret and the places it may come from.
pub(super) struct Secret {
    /// The key it has in the environment.
    pub(super) key: &'static str,
    /// The key that names its file.
    pub(super) file_key: &'static str,
    /// The name of its systemd credential.
    pub(super) credential: &'static str,
}

/// The secret of the API credential.
pub(super) const CLIENT_SECRET: Secret = Secret {
    key: "onelogin.client_secret",
    file_key: "onelogin.client_secret_file",
    credential: "onelogin-client-secret",
};

/// The password for the mail server.
pub(super) const MAIL_PASSWORD: Secret = Secret {
    key: "mail.password",
    file_key: "mail.password_file",
    credential: "smtp-password",
};

/// What was found.
pub(super) enum Found {
    /// No source names it.
    Nothing,
    /// Mistakes, which were noted.
    Mistakes,
    /// The secret, and the source that gave it.
    Secret(SecretString, String),
}

/// No secret is longer; a file that is was named by mistake.
const MOST_BYTES: u64 = 64 * 1024;

/// A source by name, and what it gave; `None`: the file is not there.
type Source = (String, Result<Option<SecretString>, Unreadable>);

/// Why a source gives nothing.
enum Unreadable {
    /// It is not for us to read.
    Forbidden,
    /// Anything else, in words that follow the name of the source.
    Otherwise(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden => f.write_str("cannot be read: permission denied"),
            Self::Otherwise(why) => f.write_str(why),
        }
    }
}

impl Secret {
    /// Reads the secret from each of its sources, and notes what is wrong with them.
    pub(super) fn read(&self, reader: &Reader<'_>, env: &Environment, folder: &Path) -> Found {
        // A file name that is no text is reported when the sources are read.
        let mut sound = !reader.is_mistyped(self.file_key);
        let mut found: Vec<(String, SecretString)> = Vec::new();
        let mut absent_file = None;
        for (source, read) in self.sources(reader, env, folder) {
            match read {
                Ok(Some(secret)) if secret.expose_secret().is_empty() => {
                    sound = false;
                    self.wrong(
                        reader,
                        format!("the secret is empty in {source}"),
                        "write it there",
                    );
                }
                Ok(Some(secret)) => found.push((source, secret)),
                Ok(None) => absent_file = Some(source),
                // systemd gave the secret; the file that it came from may be root's alone.
                Err(Unreadable::Forbidden) if !found.is_empty() => {}
                Err(why) => {
                    sound = false;
                    let help = match why {
                        Unreadable::Forbidden => "run as the service user, whose group may read it",
                        Unreadable::Otherwise(_) => "",
                    };
                    self.wrong(reader, format!("{source} {why}"), help);
                }
            }
        }
        if let (Some(source), true) = (absent_file, found.is_empty()) {
            sound = false;
            let help = "write the secret into that file, or correct its name";
            self.wrong(reader, format!("{source} does not exist"), help);
        }
        let same = |pair: &[(String, SecretString)]| match pair {
            [(_, one), (_, other)] => one.expose_secret() == other.expose_secret(),
            _ => true,
        };
        if !found.windows(2).all(same) {
            sound = false;
            let sources: Vec<&str> = found.iter().map(|(source, _)| source.as_str()).collect();
            let message = format!("these sources hold different secrets: {}", sources.join(", "));
            self.wrong(reader, message, "keep one of them");
        }
        match found.into_iter().next() {
            _ if !sound => Found::Mistakes,
            Some((source, secret)) => Found::Secret(secret, source),
            None => Found::Nothing,
        }
    }

    fn wrong(&self, reader: &Reader<'_>, message: String, help: &str) {
        let wrong = Wrong::new(message, help);
        match reader.find(self.file_key) {
            Some(node) => reader.wrong(&node, wrong),
            None => reader.missing(self.file_key, wrong),
        }
    }

    /// The sources that are named, the strongest first.
    fn sources(&self, reader: &Reader<'_>, env: &Environment, folder: &Path) -> Vec<Source> {
        let mut sources = Vec::new();
        if let Some(directory) = env.get("CREDENTIALS_DIRECTORY").filter(|path| !path.is_empty()) {
            let read = read_file(&PathBuf::from(directory).join(self.credential));
            // A unit may carry other credentials and not this one, or an empty one in place of a file
            // that is not there (SetCredential= of ours).
            let read = read.map(|secret| secret.filter(|secret| !secret.expose_secret().is_empty()));
            if !matches!(read, Ok(None)) {
                sources.push((format!("the credential {}", self.credential), read));
            }
        }
        if let Some((_, file)) = reader.optional_text(self.file_key) {
            let path = folder.join(file);
            sources.push((path.display().to_string(), read_file(&path)));
        }
        if let Some(value) = reader.layers().variable(self.key).and_then(|name| env.get(name)) {
            let read = value.to_str().map(|text| Some(trimmed(text)));
            let source = format!("the variable {}", variable_of(self.key));
            sources.push((source, read.ok_or_else(not_text)));
        }
        sources
    }
}

fn not_text() -> Unreadable {
    Unreadable::Otherwise("does not hold UTF-8 text".to_owned())
}

fn read_file(path: &Path) -> Result<Option<SecretString>, Unreadable> {
    let mut bytes = Vec::new();
    // Asked before it is opened: opening a pipe waits for its writer.
    let read = std::fs::metadata(path).and_then(|facts| {
        if !facts.is_file() {
            return Err(std::io::Error::other("it is not a regular file"));
        }
        let file = std::fs::File::open(path)?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes)
    });
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(Unreadable::Forbidden),
        Err(error) => return Err(Unreadable::Otherwise(format!("cannot be read: {error}"))),
        Ok(_) if bytes.len() as u64 > MOST_BYTES => {
            return Err(Unreadable::Otherwise("is larger than 64 KiB".to_owned()));
        }
        Ok(_) => {}
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Some(trimmed(text))),
        Err(_) => Err(not_text()),
    }
}

/// Without the one line break that editors and `echo` add.
fn trimmed(text: &str) -> SecretString {
    let line = text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n'));
    SecretString::from(line.unwrap_or(text))
}
