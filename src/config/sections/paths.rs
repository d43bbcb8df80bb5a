//! Where paths start: those that are read at the file, those that are written at the state directory.

use std::path::{Path, PathBuf};

use crate::config::environment::Environment;
use crate::config::reader::Reader;
use crate::config::value::Wrong;

/// The two folders.
pub(in crate::config) struct Paths {
    /// The folder of the configuration file, absolute.
    pub(in crate::config) folder: PathBuf,
    /// Where written paths start, absolute.
    pub(in crate::config) state_directory: PathBuf,
}

impl Paths {
    /// Reads `state_directory`; systemd's answer serves where the key is left out.
    pub(in crate::config) fn read(reader: &Reader<'_>, env: &Environment) -> Self {
        let file = reader.layers().file();
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        // A unit may have several state directories; systemd writes a colon between them.
        let given = env.get("STATE_DIRECTORY").unwrap_or_default();
        let given: Vec<PathBuf> = std::env::split_paths(given)
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        let key = reader.optional_text("state_directory");
        let state_directory = match (&key, given.first()) {
            (Some((_, text)), _) => folder.join(text),
            (None, Some(first)) => first.clone(),
            (None, None) => folder.clone(),
        };
        // The service and a person at the command line must find the same store, or people are
        // mailed once by each.
        match (&key, given.first()) {
            (Some((node, _)), Some(first)) if !given.contains(&state_directory) => {
                let message = format!("systemd gives this service {} instead", first.display());
                reader.wrong(
                    node,
                    Wrong::new(
                        message,
                        "name that directory here, or set StateDirectory= in the unit",
                    ),
                );
            }
            (None, Some(first)) if *first != folder => {
                let message = format!(
                    "the key is missing, so commands look in {} while this service writes to {}",
                    folder.display(),
                    first.display()
                );
                let help = format!("write state_directory = \"{}\"", first.display());
                reader.missing("state_directory", Wrong::new(message, help));
            }
            _ => {}
        }
        Self {
            folder,
            state_directory,
        }
    }

    /// `store.path`
    pub(in crate::config) fn read_store_path(&self, reader: &Reader<'_>) -> Option<PathBuf> {
        reader.parsed("store.path", |text| self.written(text))
    }

    /// A path below the state directory.
    pub(super) fn written(&self, text: &str) -> Result<PathBuf, Wrong> {
        if text.is_empty() {
            return Err(Wrong::new(
                "the path is empty",
                "name a path below state_directory",
            ));
        }
        Ok(self.state_directory.join(text))
    }

    /// A path beside the configuration file.
    pub(super) fn read_from(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }
}
