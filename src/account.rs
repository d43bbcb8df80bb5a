//! The users of this machine: whose a file is, and who should run a command in our place.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Where the users of this machine stand. Users of a directory service go by their number.
const PASSWD: &str = "/etc/passwd";

/// A user of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    uid: u32,
    name: Option<String>,
}

impl Account {
    /// The user that this process runs as.
    pub fn ours() -> Self {
        Self::of(rustix::process::geteuid().as_raw())
    }

    /// The user of this number.
    pub fn of(uid: u32) -> Self {
        let name = find(&passwd(), |entry| entry.uid == uid).map(|entry| entry.name.to_owned());
        Self { uid, name }
    }

    /// The user for whom a file is there to read that is not for us: the one whose own group may read
    /// it, else its owner. Where the file is out of sight, the folder on the way to it tells. `None`
    /// where only root remains, who needs no permission.
    pub fn reader_of(file: &Path) -> Option<Self> {
        let facts = file.ancestors().find_map(|place| fs::metadata(place).ok())?;
        let reader = by_group(&passwd(), &facts).unwrap_or_else(|| Self::of(facts.uid()));
        (reader.uid != 0).then_some(reader)
    }

    /// The line that runs a command as this user.
    pub fn sudo(&self, command: &str) -> String {
        match (&self.name, self.uid) {
            (_, 0) => format!("sudo {command}"),
            (Some(name), _) => format!("sudo -u {name} {command}"),
            (None, uid) => format!("sudo -u '#{uid}' {command}"),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "uid {}", self.uid),
        }
    }
}

/// A command was run by a user who must not, or may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongUser {
    /// What is in the way, such as `/var/lib/onelogin-steward belongs to another user`.
    pub what: String,
    /// Who may.
    pub right: Account,
}

impl WrongUser {
    /// What is in the way, and the line that runs this command as the right user.
    pub fn advise(&self, command: &str) -> String {
        let Self { what, right } = self;
        let ours = Account::ours();
        format!(
            "{what}, and this is {ours}. Run it as {right}: {}",
            right.sudo(command)
        )
    }
}

impl fmt::Display for WrongUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.advise("onelogin-steward ..."))
    }
}

impl std::error::Error for WrongUser {}

/// A line of the password file.
struct Entry<'a> {
    name: &'a str,
    uid: u32,
    gid: u32,
}

fn passwd() -> String {
    fs::read_to_string(PASSWD).unwrap_or_default()
}

fn find(passwd: &str, is_meant: impl Fn(&Entry<'_>) -> bool) -> Option<Entry<'_>> {
    let entries = passwd.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let mut number = |nth| fields.nth(nth)?.parse().ok();
        Some(Entry {
            name,
            uid: number(1)?,
            gid: number(0)?,
        })
    });
    entries.into_iter().find(is_meant)
}

/// The user whose own group is that of the file, where the group may read it.
fn by_group(passwd: &str, facts: &Metadata) -> Option<Account> {
    let may_read = facts.permissions().mode() & 0o040 != 0;
    let entry = find(passwd, |entry| may_read && entry.gid == facts.gid())?;
    Some(Account {
        uid: entry.uid,
        name: Some(entry.name.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: &str =
        "root:x:0:0:root:/root:/bin/bash\nbroken\n\nonelogin-steward:x:991:990:a:/:/sbin/nologin\n";

    #[test]
    fn users_are_found_by_number_and_by_group() {
        let named = |found: Option<Entry<'_>>| found.map(|entry| entry.name.to_owned());
        let steward = Some("onelogin-steward".to_owned());
        assert_eq!(named(find(SOME, |entry| entry.uid == 991)), steward);
        assert_eq!(named(find(SOME, |entry| entry.gid == 990)), steward);
        assert_eq!(named(find(SOME, |entry| entry.uid == 990)), None);
    }

    #[test]
    fn the_line_names_the_user_where_the_machine_knows_them() {
        let account = |uid, name: Option<&str>| Account {
            uid,
            name: name.map(str::to_owned),
        };
        let line = |uid, name| account(uid, name).sudo("onelogin-steward status");
        assert_eq!(line(0, Some("root")), "sudo onelogin-steward status");
        assert_eq!(line(991, Some("ana")), "sudo -u ana onelogin-steward status");
        assert_eq!(line(991, None), "sudo -u '#991' onelogin-steward status");
    }

    #[test]
    fn a_file_of_this_user_is_read_by_this_user_and_one_of_root_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let hidden = folder.path().join("credentials/secret");
        let ours = Account::ours();
        let expected = (ours.uid != 0).then_some(ours.uid);
        // The folder of a test has no group that may read it.
        assert_eq!(Account::reader_of(&hidden).map(|reader| reader.uid), expected);
    }
}
