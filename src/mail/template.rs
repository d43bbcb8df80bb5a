//! The words: templates of this binary, replaced file by file by those of a folder.
//!
//! A mail is `<mail>/subject.txt.j2`, `<mail>/body.txt.j2` and `<mail>/body.html.j2`; another
//! language will be a second file beside each, with its tag before the `.j2`. The other files are
//! pieces that mails share. Everything is read, compiled and tried once, when the program starts
//! or reloads: an edited file never changes the mails of a run that is under way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;

use super::context::{PasswordNotice, TestMail};
use super::letterhead::{Letterhead, Lines};
use super::message::Content;
use super::sample;
use super::source::{EMBEDDED, TemplateProblem, find_strangers, line_of, read_template};
use super::{clean, wrap};
use crate::domain::notice::Audience;

/// Steps that one rendering may take; ours take some hundreds.
const FUEL: u64 = 50_000;
/// Functions that minijinja brings; it lists them among the unknown names.
const GLOBALS: [&str; 4] = ["range", "dict", "namespace", "debug"];
/// What a mail consists of.
const PARTS: [&str; 3] = ["subject.txt", "body.txt", "body.html"];
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 150;

/// The mails that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// To the person, before the expiry.
    PasswordExpiry,
    /// To the person, after it.
    PasswordExpired,
    /// To somebody else about the person, before or after.
    PasswordExpiryOther,
    /// `mail test`
    MailTest,
}

impl Kind {
    const fn folder(self) -> &'static str {
        match self {
            Self::PasswordExpiry => "password-expiry",
            Self::PasswordExpired => "password-expired",
            Self::PasswordExpiryOther => "password-expiry-other",
            Self::MailTest => "mail-test",
        }
    }

    pub(super) fn of(notice: &PasswordNotice) -> Self {
        match (notice.audience, notice.expired) {
            (Audience::Person, false) => Self::PasswordExpiry,
            (Audience::Person, true) => Self::PasswordExpired,
            (Audience::Manager | Audience::Desk, _) => Self::PasswordExpiryOther,
        }
    }
}

/// The templates in force.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    folder: Option<PathBuf>,
    /// Names of the templates that the folder replaces.
    replaced: BTreeSet<&'static str>,
}

impl Templates {
    /// Reads the templates of `folder` over the embedded ones, compiles all, and renders each with
    /// every odd shape that its facts can have. A folder that does not exist replaces nothing.
    ///
    /// The error holds every problem that was found.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<TemplateProblem>> {
        let mut problems = Vec::new();
        let mut templates = Self {
            environment: environment(),
            folder: folder.map(Path::to_owned),
            replaced: BTreeSet::new(),
        };
        if let Some(folder) = folder {
            if folder.is_file() {
                let message = "is a file; mail.templates names a folder".to_owned();
                return Err(vec![TemplateProblem {
                    file: folder.to_owned(),
                    line: None,
                    message,
                }]);
            }
            find_strangers(folder, &mut problems);
        }
        for (name, embedded) in EMBEDDED {
            let source = match folder.map(|folder| read_template(&folder.join(name))) {
                None | Some(Ok(None)) => (*embedded).to_owned(),
                Some(Ok(Some(source))) => {
                    templates.replaced.insert(name);
                    source
                }
                Some(Err(problem)) => {
                    problems.push(problem);
                    continue;
                }
            };
            if let Err(error) = templates.environment.add_template_owned(*name, source) {
                problems.push(templates.problem(name, &error));
            }
        }
        if problems.is_empty() {
            problems = templates.try_all();
        }
        if problems.is_empty() {
            Ok(templates)
        } else {
            Err(problems)
        }
    }

    /// The mail about a password, in words.
    ///
    /// The error is for facts of a shape that none of the trials at load had.
    pub fn render_notice(
        &self,
        notice: &PasswordNotice,
        letterhead: &Letterhead,
    ) -> Result<Content, TemplateProblem> {
        self.render(Kind::of(notice), &facts(&letterhead.lines, notice))
    }

    /// The mail of `mail test`, in words.
    pub fn render_test(&self, test: &TestMail, letterhead: &Letterhead) -> Result<Content, TemplateProblem> {
        self.render(Kind::MailTest, &facts(&letterhead.lines, test))
    }

    fn render(&self, kind: Kind, facts: &Value) -> Result<Content, TemplateProblem> {
        let [subject, text, html] = PARTS.map(|part| self.render_part(kind, part, facts));
        let (subject, text, html) = (subject?, text?, html?);
        Ok(Content {
            subject: clean::clean_to(&subject, LONGEST_SUBJECT),
            text: wrap::wrap(&text),
            // minijinja escapes the slash too, which HTML does not ask for; zone names and the
            // link are easier to read, and to check, without.
            html: html.replace("&#x2f;", "/"),
        })
    }

    fn render_part(&self, kind: Kind, part: &str, facts: &Value) -> Result<String, TemplateProblem> {
        let name = format!("{}/{part}.j2", kind.folder());
        let rendered = self
            .environment
            .get_template(&name)
            .and_then(|template| template.render(facts))
            .map_err(|error| self.problem(&name, &error))?;
        if rendered.trim().is_empty() {
            return Err(TemplateProblem {
                file: self.origin(&name),
                line: None,
                message: "comes out empty".to_owned(),
            });
        }
        Ok(rendered)
    }

    /// Renders every mail with every sample, and looks for names that no mail provides, which a
    /// branch that no sample takes may hide.
    fn try_all(&self) -> Vec<TemplateProblem> {
        let mut problems = BTreeSet::new();
        let mut known = BTreeSet::from(GLOBALS.map(str::to_owned));
        for (kind, facts) in sample::all() {
            known.extend(facts.try_iter().into_iter().flatten().map(|key| key.to_string()));
            // Part by part: a broken text must not hide a broken HTML part.
            for part in PARTS {
                problems.extend(self.render_part(kind, part, &facts).err());
            }
        }
        for (name, template) in self.environment.templates() {
            for unknown in template.undeclared_variables(false) {
                let file = self.origin(name);
                let line = line_of(template.source(), &unknown);
                let told = problems
                    .iter()
                    .any(|problem| problem.file == file && problem.line == line);
                if !told && !known.contains(&unknown) {
                    let message = format!("unknown variable `{unknown}`");
                    problems.insert(TemplateProblem { file, line, message });
                }
            }
        }
        problems.into_iter().collect()
    }

    /// Where the template of this name was read from.
    fn origin(&self, name: &str) -> PathBuf {
        match &self.folder {
            Some(folder) if self.replaced.contains(name) => folder.join(name),
            _ => Path::new("templates").join(name),
        }
    }

    fn problem(&self, name: &str, error: &minijinja::Error) -> TemplateProblem {
        // The innermost error is the one at fault: the others are the includes around it.
        let mut innermost = error;
        while let Some(inner) = std::error::Error::source(innermost).and_then(|inner| inner.downcast_ref()) {
            innermost = inner;
        }
        let source = innermost.template_source().zip(innermost.range());
        let place = source.and_then(|(source, range)| source.get(range));
        let message = match (innermost.kind(), innermost.detail(), place) {
            (ErrorKind::UndefinedError, _, Some(place)) => format!("unknown variable `{place}`"),
            (ErrorKind::OutOfFuel, ..) => "takes too many steps; is there a loop in it?".to_owned(),
            (kind, Some(detail), _) => format!("{kind}: {detail}"),
            (kind, None, _) => kind.to_string(),
        };
        TemplateProblem {
            file: self.origin(innermost.name().unwrap_or(name)),
            line: innermost.line(),
            message,
        }
    }
}

/// Letterhead and mail in one flat table, as templates see it.
pub(super) fn facts(lines: &Lines, mail: &impl Serialize) -> Value {
    #[derive(Serialize)]
    struct Facts<'a, T: Serialize> {
        #[serde(flatten)]
        lines: &'a Lines,
        #[serde(flatten)]
        mail: &'a T,
    }
    Value::from(Serde(Facts { lines, mail }))
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_reload(false);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.contains(".html.") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    environment
}

#[cfg(test)]
mod tests;
