//! What the admins of a world are told.

use super::company::open_relay;
use super::mailbox::{Mail, mails_below};
use super::smtp::SmtpServer;
use super::world::World;

/// Who is told.
pub(crate) const ADMIN: &str = "identity@acme.example";

impl World {
    /// Mail becomes files, and [`ADMIN`] is told of trouble.
    pub(crate) fn configure_admin(&self, more: &str) {
        let mail = format!("transport = \"files\"\nper_minute = 100000\nadmins = [\"{ADMIN}\"]");
        self.configure_mail(&mail, more);
    }

    /// Mail goes to the server, and these people are told of trouble.
    pub(crate) fn mail_and_tell(&self, server: &SmtpServer, admins: &[&str], more: &str) {
        let mail = format!("{}\nadmins = {admins:?}", open_relay(server));
        self.configure_mail(&mail, more);
    }

    /// Somebody corrects an address in OneLogin.
    pub(crate) fn change_email(&self, id: i64, address: &str) {
        self.control.with_tenant(|tenant| {
            tenant.users.get_mut(&id).unwrap().email = Some(address.to_owned());
        });
    }

    /// The mails to [`ADMIN`] among the files, in the order of their subjects.
    pub(crate) fn files_to_admin(&self) -> Vec<Mail> {
        let mut mails = mails_below(&self.home.path("outbox"));
        mails.retain(|mail| mail.to == [ADMIN]);
        mails.sort_by(|one, other| one.subject.cmp(&other.subject));
        mails
    }
}

/// The mails that the server took for this admin, in their order.
pub(crate) fn told_to(server: &SmtpServer, admin: &str) -> Vec<Mail> {
    let received = server.received();
    let to_admin = received.iter().filter(|mail| mail.recipients == [admin]);
    to_admin.map(Mail::from).collect()
}

/// The subjects of these mails.
pub(crate) fn subjects(mails: &[Mail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.subject.as_str()).collect()
}

/// The text tells all of this, wherever its lines break.
#[track_caller]
pub(crate) fn assert_says(mail: &Mail, words: &[&str]) {
    let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(text.contains(word), "no {word:?} in\n{}", mail.text);
    }
}
