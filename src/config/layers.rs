//! The layers, merged: embedded default < file < environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::value::{Dict, Tag, Value};
use toml_edit::Document;

use super::DEFAULT;
use super::environment::Environment;
use super::file::{Part, Source};
use super::key::{KeyPath, Step};
use super::layer::{Layer, Origin, values_of, values_of_environment};
use crate::problem::{Excerpt, Place, Problem, Problems};

/// The merged values, and the way back to where each was written.
pub(super) struct Layers {
    file: PathBuf,
    source: Source,
    figment: Figment,
    merged: Dict,
    /// The variable that set a key.
    variables: BTreeMap<String, String>,
}

impl Layers {
    /// Reads the file and puts the layers over each other. Problems of single values are added to
    /// `problems`; a file that cannot be read at all is the one error.
    pub(super) fn read(
        path: &Path,
        env: &Environment,
        problems: &mut Vec<Problem>,
    ) -> Result<Self, Problems> {
        // Relative paths in the file start here, also after somebody has changed the directory.
        let file = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let source = Source::read(&file)?;
        problems.extend(source.permission_problem());

        let unusable =
            |message: String| Problems::from(Problem::general(Place::File(file.clone()), message, ""));
        let default = Document::parse(DEFAULT)
            .map_err(|error| unusable(format!("the embedded default: {}", error.message())))?;
        let mut variables = BTreeMap::new();
        let figment = Figment::new()
            .merge(Layer {
                origin: Origin::Default,
                values: values_of(default.as_table()),
            })
            .merge(Layer {
                origin: Origin::File,
                values: values_of(source.document().as_table()),
            })
            .merge(Layer {
                origin: Origin::Environment,
                values: values_of_environment(env, &mut variables, problems),
            });
        let merged = figment
            .find_value("")
            .map_err(|error| unusable(error.to_string()))?
            .into_dict()
            .unwrap_or_default();
        Ok(Self {
            file,
            source,
            figment,
            merged,
            variables,
        })
    }

    /// The file, absolute.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The mistake of a file that a group may write.
    pub(super) fn group_problem(&self) -> Option<Problem> {
        self.source.group_problem()
    }

    /// The merged values.
    pub(super) fn merged(&self) -> &Dict {
        &self.merged
    }

    /// The value of a dotted key.
    pub(super) fn find(&self, dotted: &str) -> Option<&Value> {
        let (section, name) = match dotted.rsplit_once('.') {
            Some((section, name)) => (self.find(section)?.as_dict()?, name),
            None => (&self.merged, dotted),
        };
        section.get(name)
    }

    /// The layer that a value comes from.
    pub(super) fn origin(&self, tag: Tag) -> Origin {
        let name = self
            .figment
            .get_metadata(tag)
            .map(|metadata| metadata.name.as_ref());
        let known = Origin::ALL.into_iter().find(|origin| Some(origin.name()) == name);
        known.unwrap_or(Origin::Default)
    }

    /// The variable that set a dotted key.
    pub(super) fn variable(&self, dotted: &str) -> Option<&str> {
        self.variables.get(dotted).map(String::as_str)
    }

    /// Where a value, or its key, was written.
    pub(super) fn locate(&self, path: &KeyPath, tag: Tag, part: Part) -> (Place, Option<Excerpt>) {
        match self.origin(tag) {
            Origin::Environment => {
                let name = self.variable_above(path).unwrap_or_default();
                (Place::Variable(name), None)
            }
            Origin::File => self.source.locate(path, part).unwrap_or(self.whole_file()),
            Origin::Default => self.whole_file(),
        }
    }

    /// Where a key that is missing would stand: the header of its section, else the file.
    pub(super) fn locate_section(&self, section: &str) -> (Place, Option<Excerpt>) {
        let header = (!section.is_empty()).then(|| self.source.locate(&KeyPath::of(section), Part::Key));
        header.flatten().unwrap_or(self.whole_file())
    }

    fn whole_file(&self) -> (Place, Option<Excerpt>) {
        (Place::File(self.file.clone()), None)
    }

    fn variable_above(&self, path: &KeyPath) -> Option<String> {
        let mut dotted = String::new();
        for step in path.steps() {
            let Step::Key(name) = step else { break };
            if !dotted.is_empty() {
                dotted.push('.');
            }
            dotted.push_str(name);
            if let Some(variable) = self.variable(&dotted) {
                return Some(variable.to_owned());
            }
        }
        None
    }
}
