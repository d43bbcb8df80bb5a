//! The words: templates of this binary, replaced file by file by those of a folder.
//!
//! A mail is `<mail>/subject.txt.j2`, `<mail>/body.txt.j2` and `<mail>/body.html.j2` in English, and
//! the same in another language with its tag before the `.j2`: `body.txt.de.j2`. A mail exists in a
//! language that has all three. The HTML parts hold words alone, in blocks; `layout*.html.j2` and
//! `parts.html.j2` are what they stand in, for all languages. The other files are words that mails
//! share. Everything is read, compiled and tried once, when the program starts or reloads: an edited
//! file never changes the mails of a run that is under way.

mod engine;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, Value};
use serde::Serialize;

use self::engine::environment;
use super::access::AccessNotice;
use super::context::{PasswordNotice, TestMail};
use super::language::Language;
use super::letterhead::{Letterhead, Lines};
use super::message::Content;
use super::source::{TemplateProblem, embedded, line_of, list_folder, read_template, split_tag};
use super::{clean, sample, wrap};
use crate::domain::language::{ENGLISH, LanguageChoice, choose_language};
use crate::domain::notice::Audience;

/// Functions that minijinja brings; it lists them among the unknown names.
const GLOBALS: [&str; 4] = ["range", "dict", "namespace", "debug"];
/// What a mail consists of.
const PARTS: [&str; 3] = ["subject.txt", "body.txt", "body.html"];
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 150;

/// The mails that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// To the person, before the expiry.
    PasswordExpiry,
    /// To the person, after it.
    PasswordExpired,
    /// To somebody else about the person, before or after.
    PasswordExpiryOther,
    /// To the person, before a temporary access ends.
    AccessEnd,
    /// `mail test`
    MailTest,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::PasswordExpiry,
        Self::PasswordExpired,
        Self::PasswordExpiryOther,
        Self::AccessEnd,
        Self::MailTest,
    ];

    const fn folder(self) -> &'static str {
        match self {
            Self::PasswordExpiry => "password-expiry",
            Self::PasswordExpired => "password-expired",
            Self::PasswordExpiryOther => "password-expiry-other",
            Self::AccessEnd => "access-end",
            Self::MailTest => "mail-test",
        }
    }

    /// The mail about a password.
    pub(super) const fn about_password(audience: Audience, expired: bool) -> Self {
        match (audience, expired) {
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
    /// Names of the templates that the folder replaces or adds.
    replaced: BTreeSet<String>,
    /// The tags of the languages that each mail exists in.
    languages: BTreeMap<Kind, BTreeSet<String>>,
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
            languages: BTreeMap::new(),
        };
        let mut names: BTreeSet<String> = embedded().map(|(name, _)| name.to_owned()).collect();
        if let Some(folder) = folder {
            if folder.is_file() {
                let message = "is a file; mail.templates names a folder".to_owned();
                return Err(vec![TemplateProblem {
                    file: folder.to_owned(),
                    line: None,
                    message,
                }]);
            }
            names.extend(list_folder(folder, &mut problems));
        }
        for name in names {
            let built_in = embedded()
                .find(|(known, _)| *known == name)
                .map(|(_, source)| source);
            let source = match folder.map(|folder| read_template(&folder.join(&name))) {
                None | Some(Ok(None)) => built_in.unwrap_or_default().to_owned(),
                Some(Ok(Some(source))) => {
                    templates.replaced.insert(name.clone());
                    source
                }
                Some(Err(problem)) => {
                    problems.push(problem);
                    continue;
                }
            };
            if let Err(error) = templates.environment.add_template_owned(name.clone(), source) {
                problems.push(templates.problem(&name, &error));
            }
        }
        templates.languages = templates.complete_languages();
        if problems.is_empty() {
            problems = templates.try_all();
        }
        if problems.is_empty() {
            Ok(templates)
        } else {
            Err(problems)
        }
    }

    /// The language that the reader with this locale gets a mail about a password in.
    pub fn language_for(
        &self,
        audience: Audience,
        expired: bool,
        locale: Option<&str>,
        configured: &str,
    ) -> LanguageChoice {
        self.choose(Kind::about_password(audience, expired), locale, configured)
    }

    fn choose(&self, kind: Kind, locale: Option<&str>, configured: &str) -> LanguageChoice {
        let none = BTreeSet::new();
        choose_language(locale, configured, self.languages.get(&kind).unwrap_or(&none))
    }

    /// The mail about a password, in the words of its reader's language.
    ///
    /// The error is for facts of a shape that none of the trials at load had.
    pub fn render_notice(
        &self,
        notice: &PasswordNotice,
        letterhead: &Letterhead,
    ) -> Result<Content, TemplateProblem> {
        let kind = Kind::about_password(notice.audience, notice.expired);
        let language = self.choose(kind, notice.locale.as_deref(), &letterhead.language);
        let language = Language::of(&language.tag);
        let facts = facts(&letterhead.lines, &language, &notice.in_words_of(&language));
        self.render(kind, &language, &facts)
    }

    /// The mail about an access that ends, in the words of its reader's language.
    ///
    /// The error is for facts of a shape that none of the trials at load had.
    pub fn render_access_end(
        &self,
        notice: &AccessNotice,
        letterhead: &Letterhead,
    ) -> Result<Content, TemplateProblem> {
        let language = self.choose(Kind::AccessEnd, notice.locale.as_deref(), &letterhead.language);
        let language = Language::of(&language.tag);
        let facts = facts(&letterhead.lines, &language, &notice.in_words_of(&language));
        self.render(Kind::AccessEnd, &language, &facts)
    }

    /// The mail of `mail test`, in the words of `[mail] language`.
    pub fn render_test(&self, test: &TestMail, letterhead: &Letterhead) -> Result<Content, TemplateProblem> {
        let language = self.choose(Kind::MailTest, None, &letterhead.language);
        let language = Language::of(&language.tag);
        let facts = facts(&letterhead.lines, &language, &test.in_words_of(&language));
        self.render(Kind::MailTest, &language, &facts)
    }

    /// The languages that lack parts of a mail, which is then written in another one: which mail,
    /// and the files that it lacks.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        for (kind, tags) in self.begun_languages() {
            for tag in tags {
                let lacks: Vec<String> = PARTS
                    .iter()
                    .map(|part| name_of(kind, part, &tag))
                    .filter(|name| self.environment.get_template(name).is_err())
                    .collect();
                if !lacks.is_empty() {
                    let (mail, lacks) = (kind.folder(), lacks.join(" and "));
                    gaps.push(format!("{mail} is not written in {tag:?}: {lacks} is missing"));
                }
            }
        }
        gaps
    }

    fn complete_languages(&self) -> BTreeMap<Kind, BTreeSet<String>> {
        let mut languages = self.begun_languages();
        for (kind, tags) in &mut languages {
            let has = |tag: &str, part| self.environment.get_template(&name_of(*kind, part, tag)).is_ok();
            tags.retain(|tag| PARTS.iter().all(|part| has(tag, part)));
        }
        languages
    }

    /// The languages that have at least one part of a mail.
    fn begun_languages(&self) -> BTreeMap<Kind, BTreeSet<String>> {
        let tags_of = |kind: Kind| {
            let folder = format!("{}/", kind.folder());
            let names = self.environment.templates().map(|(name, _)| name);
            let tags = names
                .filter(|name| name.starts_with(&folder))
                .map(|name| split_tag(name).map_or(ENGLISH, |(_, tag)| tag).to_owned());
            (kind, tags.collect())
        };
        Kind::ALL.into_iter().map(tags_of).collect()
    }

    fn render(&self, kind: Kind, language: &Language, facts: &Value) -> Result<Content, TemplateProblem> {
        let [subject, text, html] =
            PARTS.map(|part| self.render_part(&name_of(kind, part, language.tag()), facts));
        let (subject, text, html) = (subject?, text?, html?);
        Ok(Content {
            subject: clean::clean_to(&subject, LONGEST_SUBJECT),
            text: wrap::wrap(&text),
            // minijinja escapes the slash too, which HTML does not ask for; zone names and the
            // link are easier to read, and to check, without.
            html: html.replace("&#x2f;", "/"),
            language: language.tag().to_owned(),
        })
    }

    fn render_part(&self, name: &str, facts: &Value) -> Result<String, TemplateProblem> {
        let rendered = self
            .environment
            .get_template(name)
            .and_then(|template| template.render(facts))
            .map_err(|error| self.problem(name, &error))?;
        if rendered.trim().is_empty() {
            return Err(TemplateProblem {
                file: self.origin(name),
                line: None,
                message: "comes out empty".to_owned(),
            });
        }
        Ok(rendered)
    }

    /// Renders every mail in every language with every sample, and looks for names that no mail provides, which a
    /// branch that no sample takes may hide.
    fn try_all(&self) -> Vec<TemplateProblem> {
        let mut problems = BTreeSet::new();
        let mut known = BTreeSet::from(GLOBALS.map(str::to_owned));
        let tags: BTreeSet<&String> = self.languages.values().flatten().collect();
        for tag in tags {
            for (kind, facts) in sample::all(&Language::of(tag)) {
                known.extend(facts.try_iter().into_iter().flatten().map(|key| key.to_string()));
                if !self.languages.get(&kind).is_some_and(|tags| tags.contains(tag)) {
                    continue;
                }
                // Part by part: a broken text must not hide a broken HTML part.
                for part in PARTS {
                    problems.extend(self.render_part(&name_of(kind, part, tag), &facts).err());
                }
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

/// The name of the template of a part of a mail in a language.
fn name_of(kind: Kind, part: &str, tag: &str) -> String {
    let folder = kind.folder();
    if tag == ENGLISH {
        format!("{folder}/{part}.j2")
    } else {
        format!("{folder}/{part}.{tag}.j2")
    }
}

/// Letterhead, language and mail in one flat table, as templates see it.
pub(super) fn facts(lines: &Lines, language: &Language, mail: &impl Serialize) -> Value {
    #[derive(Serialize)]
    struct Facts<'a, T: Serialize> {
        /// The tag of the mail's language.
        language: &'a str,
        #[serde(flatten)]
        lines: &'a Lines,
        #[serde(flatten)]
        mail: &'a T,
    }
    Value::from(Serde(Facts {
        language: language.tag(),
        lines,
        mail,
    }))
}

#[cfg(test)]
mod tests;
