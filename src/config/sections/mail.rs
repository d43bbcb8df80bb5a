//! `[mail]`

use std::path::{Path, PathBuf};

use lettre::Address;
use reqwest::Url;

use crate::config::environment::Environment;
use crate::config::reader::{Reader, read_all};
use crate::config::secrets::{Found, MAIL_PASSWORD};
use crate::config::settings::{BUILT_IN_LANGUAGES, Mail, Smtp, Tls, Transport};
use crate::config::value::{self, Wrong};

use crate::problem::nearest;

use super::Paths;

/// The folder of templates that need not be there: the shipped file names it.
const USUAL_TEMPLATES: &str = "templates";

/// `transport`
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Files,
    Smtp,
}

/// `[mail]`, with the link that mails carry.
pub(in crate::config) fn read_mail(
    reader: &Reader<'_>,
    env: &Environment,
    paths: &Paths,
    link: Option<Url>,
) -> Option<Mail> {
    let way = reader.parsed("mail.transport", |text| {
        value::choice(text, &[("files", Way::Files), ("smtp", Way::Smtp)])
    });
    let directory = reader.parsed("mail.directory", |text| paths.written(text));
    // Always read, so that a rehearsal already tells what the real thing would stumble over.
    let smtp = read_smtp(reader, env, paths, way == Some(Way::Smtp));
    let from = reader.required(
        "mail.from",
        value::mailbox,
        "say in whose name mails leave: from = \"IT Service Desk <it@acme.example>\"",
    );
    let envelope_from = reader.optional("mail.envelope_from", value::address);
    let reply_to = reader.optional("mail.reply_to", value::mailbox);
    let admins = read_admins(reader);
    let per_minute = reader.integer("mail.per_minute", 1..=100_000);
    let redirect_to = reader.optional("mail.redirect_to", value::address);
    let templates = read_templates(reader, paths);
    let language = read_language(reader, templates.as_deref());
    let transport = match way? {
        Way::Files => Transport::Files {
            directory: directory?,
        },
        Way::Smtp => Transport::Smtp(smtp?),
    };
    Some(Mail {
        transport,
        from: from?,
        envelope_from,
        reply_to,
        admins: admins?,
        per_minute: per_minute?,
        redirect_to,
        templates,
        language: language?,
        link,
    })
}

/// The keys of the mail server; `in_use` where mail leaves through it.
fn read_smtp(reader: &Reader<'_>, env: &Environment, paths: &Paths, in_use: bool) -> Option<Smtp> {
    let host = if in_use {
        let help = "name the mail server, or rehearse with transport = \"files\"";
        reader.required("mail.host", value::host, help)
    } else {
        reader.optional("mail.host", value::host)
    };
    let port = reader.integer("mail.port", 1..=65_535);
    let tls = reader.parsed("mail.tls", |text| {
        value::choice(
            text,
            &[
                ("starttls", Tls::StartTls),
                ("implicit", Tls::Implicit),
                ("none", Tls::None),
            ],
        )
    });
    let username = reader.optional_text("mail.username");
    let ca_file = reader.optional_text("mail.ca_file");
    if !in_use {
        return None;
    }

    let is_open = tls == Some(Tls::None) && host.as_deref().is_some_and(|host| !value::is_loopback(host));
    if let (true, Some(node)) = (is_open, reader.find("mail.tls")) {
        reader.wrong(
            &node,
            Wrong::new(
                "\"none\" is for a mail server on this machine only",
                "use \"starttls\" or \"implicit\"",
            ),
        );
    }
    let ca_file = ca_file.map(|(node, text)| {
        let path = paths.read_from(text);
        if !path.is_file() {
            let message = format!("there is no file {}", path.display());
            reader.wrong(&node, Wrong::new(message, "name a PEM file, or leave it empty"));
        }
        path
    });
    let password = MAIL_PASSWORD.read(reader, env, &paths.folder);
    let login = match (username, password) {
        (Some((_, name)), Found::Secret(password, _)) => Some((name.to_owned(), password)),
        (None, Found::Nothing) | (_, Found::Mistakes) => None,
        // A name that is no text was reported as such.
        (None, Found::Secret(..)) if reader.is_mistyped("mail.username") => None,
        (Some((node, _)), Found::Nothing) => {
            let help = "name a file that holds it: password_file = \"...\" (or use the systemd credential \
                        smtp-password)";
            reader.wrong(
                &node,
                Wrong::new("there is a user name, and no password for it", help),
            );
            None
        }
        (None, Found::Secret(_, source)) => {
            let message = format!("the key is missing, and there is a password in {source}");
            let help = "set username, or take the password away";
            reader.missing("mail.username", Wrong::new(message, help));
            None
        }
    };
    Some(Smtp {
        host: host?,
        port: port?,
        tls: tls?,
        login,
        ca_file,
    })
}

fn read_admins(reader: &Reader<'_>) -> Option<Vec<Address>> {
    let Some(node) = reader.find("mail.admins") else {
        return Some(Vec::new());
    };
    let entries = reader.list_of(&node, "a list of email addresses in quotes")?;
    let read: Vec<Address> = read_all(&entries, |entry| reader.parsed_of(entry, value::address))?;
    let mut admins: Vec<Address> = Vec::new();
    for address in read {
        let is_same = |known: &Address| AsRef::<str>::as_ref(known).eq_ignore_ascii_case(address.as_ref());
        if !admins.iter().any(is_same) {
            admins.push(address);
        }
    }
    Some(admins)
}

fn read_templates(reader: &Reader<'_>, paths: &Paths) -> Option<PathBuf> {
    let (node, text) = reader.optional_text("mail.templates")?;
    let path = paths.read_from(text);
    if path.is_dir() {
        return Some(path);
    }
    if text != USUAL_TEMPLATES {
        let message = format!("there is no folder {}", path.display());
        let help = "make it, or leave the key out: every template is built in";
        reader.wrong(&node, Wrong::new(message, help));
    }
    None
}

/// A language that there are templates for: here, or in the folder.
fn read_language(reader: &Reader<'_>, templates: Option<&Path>) -> Option<String> {
    reader.parsed("mail.language", |text| {
        let is_known = BUILT_IN_LANGUAGES.contains(&text)
            || templates.is_some_and(|folder| holds_templates_in(folder, text));
        if is_known {
            return Ok(text.to_owned());
        }
        let built_in = BUILT_IN_LANGUAGES.map(|tag| format!("{tag:?}")).join(", ");
        let help = match nearest(text, BUILT_IN_LANGUAGES) {
            Some(near) => format!("the nearest built-in language is {near:?}"),
            None => {
                "write the tag as the files of mail.templates have it: body.txt.it.j2 is \"it\"".to_owned()
            }
        };
        let message = format!("expected {built_in} or a language of mail.templates, found {text:?}");
        Err(Wrong::new(message, help))
    })
}

/// Whether some mail's text part stands in the folder with this tag.
fn holds_templates_in(folder: &Path, tag: &str) -> bool {
    let file = format!("body.txt.{tag}.j2");
    let is_name = tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let mut mails = std::fs::read_dir(folder).into_iter().flatten().flatten();
    is_name && mails.any(|mail| mail.path().join(&file).is_file())
}
