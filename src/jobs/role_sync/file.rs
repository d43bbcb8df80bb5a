//! The desired state that is in force.

use std::path::Path;

use anyhow::Context as _;

use crate::desired_file;
use crate::domain::role::desired::DesiredState;
use crate::problem::Problems;
use crate::store::Store;

/// A desired state with the text that it was read from.
#[derive(Debug, Clone)]
pub struct FileInForce {
    /// What it says.
    pub state: DesiredState,
    /// Its bytes as text; they are UTF-8, or they would not have been read.
    pub text: String,
    /// Set: the file itself is not usable, this is the last accepted one, and so is told why.
    pub trouble: Option<String>,
}

impl FileInForce {
    /// Reads the file.
    pub async fn load(path: &Path) -> Result<Self, Problems> {
        let bytes = desired_file::read_stable(path).await?;
        let state = desired_file::parse(&bytes, path)?;
        Ok(Self {
            state,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            trouble: None,
        })
    }

    /// Reads the file; where it is missing or has mistakes, the last accepted one stays in force.
    pub async fn load_or_accepted(path: &Path, store: &Store) -> anyhow::Result<Self> {
        let problems = match Self::load(path).await {
            Ok(file) => return Ok(file),
            Err(problems) => problems.to_string(),
        };
        let accepted = store.load_accepted_file().await?;
        let (_, text) =
            accepted.with_context(|| format!("no desired state was ever accepted, and {problems}"))?;
        let state = desired_file::parse(text.as_bytes(), path).map_err(|problems| {
            anyhow::anyhow!("the last accepted desired state cannot be read: {problems}")
        })?;
        Ok(Self {
            state,
            text,
            trouble: Some(problems),
        })
    }
}
