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
mod tests {
    use std::fs;

    use super::*;
    use crate::config::settings::Transport;
    use crate::mail::fixture::{berlin, due_in, mail_settings, notice_in, person};

    fn letterhead() -> Letterhead {
        Letterhead::new(&mail_settings(Transport::Files {
            directory: "outbox".into(),
        }))
    }

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, source) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, source).unwrap();
        }
        folder
    }

    /// "file:line: message", with the file below the folder.
    fn problems_of(files: &[(&str, &str)]) -> Vec<String> {
        let folder = folder_with(files);
        let problems = Templates::load(Some(folder.path())).unwrap_err();
        let prefix = format!("{}/", folder.path().display());
        problems
            .iter()
            .map(|problem| problem.to_string().replace(&prefix, ""))
            .collect()
    }

    #[test]
    fn the_embedded_templates_hold_for_every_sample() {
        let templates = Templates::load(None).unwrap();
        for (kind, facts) in sample::all() {
            let content = templates.render(kind, &facts).unwrap();
            assert!(
                !content.subject.contains('\n') && content.subject.is_ascii(),
                "{}",
                content.subject
            );
            for line in content.text.lines() {
                assert_eq!(line, line.trim_end(), "{kind:?}");
                assert!(line.chars().count() < 78 || !line.trim().contains("  "), "{line}");
            }
            assert!(!content.text.contains("\n\n\n"), "{}", content.text);
            assert!(
                !content.text.contains("{{") && !content.html.contains("{%"),
                "{kind:?}"
            );
            assert!(
                content.html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"),
                "{}",
                content.html
            );
            assert!(
                !content.html.contains("src=") && !content.html.contains("url("),
                "nothing remote"
            );
        }
    }

    #[test]
    fn the_notice_says_who_when_and_how_to_check() {
        let content = Templates::load(None)
            .unwrap()
            .render_notice(&notice_in(7, Audience::Person), &letterhead())
            .unwrap();
        assert_eq!(content.subject, "Your OneLogin password expires soon");
        for part in [&content.text, &content.html] {
            for told in [
                "Ana",
                "in 7 days",
                "14:05",
                "CET, Europe/Berlin",
                "ana.novak@acme.example",
                "Tuesday, 1 September 2026",
                "IT Service Desk",
                "no link",
                "it@acme.example",
            ] {
                assert!(part.contains(told), "{told} in {part}");
            }
            assert!(!part.contains("http"), "{part}");
        }
        assert!(
            content
                .text
                .contains("Monday, 30 November 2026, 14:05 (CET, Europe/Berlin)")
        );
    }

    #[test]
    fn each_audience_and_time_has_its_mail() {
        let templates = Templates::load(None).unwrap();
        let subject_of = |days, audience| {
            templates
                .render_notice(&notice_in(days, audience), &letterhead())
                .unwrap()
                .subject
        };
        assert_eq!(
            subject_of(0, Audience::Person),
            "Your OneLogin password expires soon"
        );
        assert_eq!(
            subject_of(-2, Audience::Person),
            "Your OneLogin password has expired"
        );
        assert_eq!(
            subject_of(3, Audience::Manager),
            "A OneLogin password expires soon"
        );
        assert_eq!(subject_of(-2, Audience::Desk), "A OneLogin password has expired");
    }

    #[test]
    fn a_configured_link_is_shown_and_named_as_the_only_one() {
        let mut settings = mail_settings(Transport::Files {
            directory: "outbox".into(),
        });
        settings.link = Some("https://acme.onelogin.com/profile?a=1&b=2".parse().unwrap());
        let templates = Templates::load(None).unwrap();
        for audience in [Audience::Person, Audience::Manager] {
            let content = templates
                .render_notice(&notice_in(7, audience), &Letterhead::new(&settings))
                .unwrap();
            assert!(
                content
                    .text
                    .contains("\n    https://acme.onelogin.com/profile?a=1&b=2\n")
            );
            assert!(
                content
                    .html
                    .contains("href=\"https://acme.onelogin.com/profile?a=1&amp;b=2\"")
            );
            for part in [&content.text, &content.html] {
                assert!(
                    part.contains("Its only link") && !part.contains("no link"),
                    "{part}"
                );
            }
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let templates = Templates::load(None).unwrap();
        for (name, in_html) in [
            ("<b>Ana</b>", "&lt;b&gt;Ana&lt;/b&gt;"),
            ("{{ 7*7 }}", "{{ 7*7 }}"),
            ("Ana \"x\" O'Hara", "Ana &quot;x&quot; O&#x27;Hara"),
            ("👩\u{200d}🚀", "👩\u{200d}🚀"),
            ("ليلى", "ليلى"),
        ] {
            let mut user = person();
            user.firstname = Some(format!("{name}\r\nBcc: all"));
            let notice = PasswordNotice::new(&user, &due_in(7, Audience::Person), &berlin());
            let content = templates.render_notice(&notice, &letterhead()).unwrap();
            assert!(
                content.text.starts_with(&format!("Hello {name} Bcc: all,\n")),
                "{}",
                content.text
            );
            assert!(
                content
                    .html
                    .contains(&format!("<bdi dir=\"auto\">{in_html} Bcc: all</bdi>")),
                "{}",
                content.html
            );
            assert!(!content.subject.contains(name));
        }
    }

    #[test]
    fn a_missing_name_is_a_plain_hello() {
        let mut notice = notice_in(1, Audience::Person);
        notice.name = None;
        let content = Templates::load(None)
            .unwrap()
            .render_notice(&notice, &letterhead())
            .unwrap();
        assert!(
            content
                .text
                .starts_with("Hello,\n\nYour OneLogin password expires tomorrow:\n")
        );
    }

    #[test]
    fn a_folder_replaces_file_by_file() {
        let folder = folder_with(&[
            (
                "password-expiry/subject.txt.j2",
                "{# ours #}\nYour password at Acme\n",
            ),
            ("README", "not a template"),
            ("password-expiry/body.txt.de.j2", "{{ a language to come"),
        ]);
        let templates = Templates::load(Some(folder.path())).unwrap();
        let content = templates
            .render_notice(&notice_in(7, Audience::Person), &letterhead())
            .unwrap();
        assert_eq!(content.subject, "Your password at Acme");
        assert!(content.text.contains("in 7 days"));
        assert!(Templates::load(Some(&folder.path().join("none"))).is_ok());
    }

    #[test]
    fn a_broken_file_is_told_with_its_line() {
        let told = problems_of(&[
            ("password-expiry/body.txt.j2", "Hello\n\n{{ name }\n"),
            ("mail-test/subject.txt.j2", "{% if %}"),
        ]);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].starts_with("password-expiry/body.txt.j2:3: syntax error"),
            "{told:?}"
        );
        assert!(
            told[1].starts_with("mail-test/subject.txt.j2:1: syntax error"),
            "{told:?}"
        );
    }

    #[test]
    fn an_unknown_variable_is_told_even_in_a_branch_that_is_rarely_taken() {
        let told = problems_of(&[
            ("password-expiry/body.txt.j2", "Hello {{ nmae }}"),
            (
                "password-expired/body.txt.j2",
                "Hello\n{% if days_left == 12345 %}{{ acount }}{% endif %}",
            ),
            ("password-expiry-other/body.txt.j2", "Hello\n{{ expires.dya }}"),
        ]);
        assert!(
            told.contains(&"password-expiry/body.txt.j2:1: unknown variable `nmae`".to_owned()),
            "{told:?}"
        );
        assert!(
            told.contains(&"password-expired/body.txt.j2:2: unknown variable `acount`".to_owned()),
            "{told:?}"
        );
        assert!(
            told.contains(&"password-expiry-other/body.txt.j2:2: unknown variable `expires.dya`".to_owned()),
            "{told:?}"
        );
    }

    #[test]
    fn an_error_inside_a_shared_piece_names_that_piece() {
        let told = problems_of(&[("genuine.txt.j2", "ok\n{{ sendr }}")]);
        assert_eq!(told, ["genuine.txt.j2:2: unknown variable `sendr`"]);
    }

    #[test]
    fn empty_endless_and_misplaced_files_are_errors() {
        let told = problems_of(&[("mail-test/body.txt.j2", "  \n")]);
        assert_eq!(told, ["mail-test/body.txt.j2: comes out empty"]);
        let loops = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        let told = problems_of(&[("mail-test/body.txt.j2", loops)]);
        assert_eq!(
            told,
            ["mail-test/body.txt.j2:1: takes too many steps; is there a loop in it?"]
        );
        let told = problems_of(&[("pasword-expiry/body.txt.j2", "Hello")]);
        assert!(
            told[0].starts_with("pasword-expiry/body.txt.j2: no mail uses a template of this name"),
            "{told:?}"
        );
    }

    #[test]
    fn a_file_that_is_too_large_or_not_text_is_an_error() {
        let told = problems_of(&[("mail-test/body.txt.j2", &"x".repeat(300_000))]);
        assert_eq!(told, ["mail-test/body.txt.j2: is larger than 256 KiB"]);
        let folder = folder_with(&[]);
        fs::create_dir(folder.path().join("mail-test")).unwrap();
        fs::write(folder.path().join("mail-test/body.txt.j2"), b"fine\nfine\n\xff\n").unwrap();
        fs::create_dir(folder.path().join("mail-test/subject.txt.j2")).unwrap();
        let problems = Templates::load(Some(folder.path())).unwrap_err();
        let told: Vec<_> = problems
            .iter()
            .map(|problem| (problem.line, problem.message.as_str()))
            .collect();
        assert_eq!(told, [(None, "is not a file"), (Some(3), "is not UTF-8")]);
    }
}
