//! One .eml file per mail: a rehearsal without a mail server.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::Delivery;
use crate::mail::message::{Message, hex};

/// The longest part of a file name that comes from an address.
const LONGEST_NAME: usize = 40;

/// A directory of mails. Mails hold personal data: only the owner may read them.
#[derive(Debug)]
pub(super) struct Outbox {
    directory: PathBuf,
    /// Tells apart the unfinished files of deliveries that are under way at the same time.
    unfinished: Arc<AtomicU64>,
}

impl Outbox {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            unfinished: Arc::default(),
        }
    }

    /// Whether mails could be written, in words.
    pub(super) fn try_out(&self) -> Result<String, String> {
        let existing = self.directory.ancestors().find(|place| place.exists());
        let place = existing.unwrap_or(&self.directory);
        let writable = if place.is_dir() {
            rustix::fs::access(place, rustix::fs::Access::WRITE_OK)
        } else {
            Err(rustix::io::Errno::NOTDIR)
        };
        match writable {
            Ok(()) => Ok(format!(
                "REHEARSAL: mails become files in {}",
                self.directory.display()
            )),
            Err(error) => Err(format!(
                "{} cannot be written: {error}; set mail.directory",
                place.display()
            )),
        }
    }

    /// Writes the mail whole or not at all. A failure concerns every mail, not this recipient.
    pub(super) async fn write(&self, message: &Message, bytes: Vec<u8>) -> Delivery {
        let directory = self.directory.clone();
        let (name, id) = file_name(message);
        let nth = self.unfinished.fetch_add(1, Ordering::Relaxed);
        let written = tokio::task::spawn_blocking(move || {
            DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
            let path = directory.join(name);
            let unfinished = directory.join(format!(".{id}-{}-{nth}.tmp", std::process::id()));
            write_whole(&unfinished, &path, &bytes)
                .inspect_err(|_| drop(fs::remove_file(&unfinished)))
                .map(|()| path)
        });
        let failed = |error: &dyn std::fmt::Display| Delivery::RefusedSender {
            reply: format!(
                "no mail can be written to {}: {error}; make that directory writable for this service, \
                 or set mail.directory",
                self.directory.display()
            ),
        };
        match written.await {
            Ok(Ok(path)) => Delivery::Written { path },
            Ok(Err(error)) => failed(&error),
            Err(error) => failed(&error),
        }
    }
}

/// `ana.novak-1a2b3c4d5e6f7a8b.eml`, and the part of it that is the message's own. The same message
/// has the same name on every day, so a repeat takes the place of the first.
fn file_name(message: &Message) -> (String, String) {
    let readable = |c: &char| c.is_ascii_alphanumeric() || "._+-".contains(*c);
    let user: String = message
        .intended
        .user()
        .chars()
        .filter(readable)
        .take(LONGEST_NAME)
        .collect();
    let id = hex(&Sha256::digest(&message.message_id)[..8]);
    (format!("{user}-{id}.eml"), id)
}

fn write_whole(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    // The new name too must outlive a power cut.
    path.parent()
        .map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use mail_parser::MessageParser;

    use super::*;
    use crate::config::settings;
    use crate::domain::notice::Audience;
    use crate::mail::fixture::{due_in, mail_settings, notice_in, sent_at};
    use crate::mail::{Mailer, Message, Templates, message_id};

    fn mailer_in(directory: &Path) -> Mailer {
        let directory = directory.to_owned();
        Mailer::open(&mail_settings(settings::Transport::Files { directory })).unwrap()
    }

    fn message(mailer: &Mailer, threshold: i32, sent_days_before: i32) -> Message {
        let due = due_in(threshold, Audience::Person);
        let content = Templates::load(None)
            .unwrap()
            .render_notice(&notice_in(threshold, Audience::Person), mailer.letterhead())
            .unwrap();
        let id = message_id(&due.key, "acme", mailer.letterhead().domain());
        Message::new(
            content,
            &due.recipient.address,
            mailer.letterhead(),
            id,
            sent_at(sent_days_before),
        )
        .unwrap()
    }

    fn names_in(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn a_mail_is_written_whole_and_for_its_owner_alone() {
        let temp = tempfile::tempdir().unwrap();
        let directory = temp.path().join("state/outbox");
        let mailer = mailer_in(&directory);
        let Delivery::Written { path } = mailer.deliver(&message(&mailer, 7, 7)).await else {
            panic!("not written");
        };
        assert_eq!((mode_of(&directory), mode_of(&path)), (0o700, 0o600));
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("Ana.Novak-"), "{name}");
        assert_eq!(path.extension().unwrap(), "eml");
        let bytes = fs::read(&path).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert!(mail.body_text(0).unwrap().contains("in 7 days"));
        assert_eq!(names_in(&directory), [name]);
    }

    #[tokio::test]
    async fn a_repeat_takes_the_place_of_the_first_even_on_another_day() {
        let temp = tempfile::tempdir().unwrap();
        let mailer = mailer_in(temp.path());
        let first = mailer.deliver(&message(&mailer, 7, 7)).await;
        assert_eq!(mailer.deliver(&message(&mailer, 7, 6)).await, first);
        assert_eq!(names_in(temp.path()).len(), 1);
        assert_ne!(mailer.deliver(&message(&mailer, 3, 3)).await, first);
        assert_eq!(names_in(temp.path()).len(), 2);
    }

    #[tokio::test]
    async fn deliveries_at_the_same_time_do_not_disturb_each_other() {
        let temp = tempfile::tempdir().unwrap();
        let mailer = mailer_in(temp.path());
        let messages: Vec<Message> = (0..8).map(|nth| message(&mailer, nth / 2, 3)).collect();
        let deliveries =
            futures_util::future::join_all(messages.iter().map(|message| mailer.deliver(message))).await;
        assert!(
            deliveries
                .iter()
                .all(|delivery| matches!(delivery, Delivery::Written { .. })),
            "{deliveries:?}"
        );
        assert_eq!(names_in(temp.path()).len(), 4);
    }

    #[tokio::test]
    async fn an_unwritable_place_is_named_with_what_to_do() {
        let temp = tempfile::tempdir().unwrap();
        let blocked = temp.path().join("file");
        fs::write(&blocked, "in the way").unwrap();
        let mailer = mailer_in(&blocked.join("outbox"));
        let Delivery::RefusedSender { reply } = mailer.deliver(&message(&mailer, 7, 7)).await else {
            panic!("written where nothing can be written");
        };
        assert!(
            reply.contains("file/outbox") && reply.contains("mail.directory"),
            "{reply}"
        );
    }
}
