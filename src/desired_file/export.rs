//! A desired state from what OneLogin has.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::identity::normal;
use crate::domain::person;
use crate::domain::role::actual::{ActualRole, Reading};
use crate::domain::role::desired::Pin;
use crate::domain::selector::Selector;
use crate::domain::user::{User, UserId};

/// A file to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The text of the file.
    pub text: String,
    /// Roles that are left out because their members are not known for certain, with the reason. A
    /// file that named only some of the members would remove the others.
    pub left_out: Vec<(String, String)>,
}

/// Writes every role with its members. Planning with the result changes nothing. People without an
/// address of their own stand as `id:N`; of two roles with the same name each stands by its number.
///
/// The same input gives the same text: roles by name, then number; people by what is written.
pub fn export(roles: &[ActualRole], users: &BTreeMap<UserId, User>, pin: Option<&Pin>) -> Export {
    let addresses = addresses_of(users);
    let mut by_name: Vec<&ActualRole> = roles.iter().collect();
    by_name.sort_by_key(|role| (&role.name, role.id));
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for role in roles {
        *names.entry(&role.name).or_default() += 1;
    }
    let mut export = Export {
        text: head(pin),
        left_out: Vec::new(),
    };
    for role in by_name {
        let members = match &role.members {
            Reading::Proven(members) => &members.ids,
            Reading::Unproven(_, why) | Reading::Unreadable(why) => {
                let line = format!(
                    "\n# Left out: role {} ({}): {}\n",
                    role.id,
                    comment(&role.name),
                    comment(why)
                );
                export.text.push_str(&line);
                export.left_out.push((role.name.clone(), why.clone()));
                continue;
            }
        };
        let by_number = role.name.is_empty() || names.get(role.name.as_str()) != Some(&1);
        let heading = if by_number {
            format!("id = {}   # {}\n", role.id, comment(&role.name))
        } else {
            format!("name = {}\n", quoted(&role.name))
        };
        export.text.push_str("\n[[role]]\n");
        export.text.push_str(&heading);
        export.text.push_str(&list(members, users, &addresses));
    }
    export
}

fn head(pin: Option<&Pin>) -> String {
    let mut text = "# Who is in which role of OneLogin, as it was when this file was written.\n\
        # Roles that do not stand here are never touched.\n"
        .to_owned();
    match pin {
        Some(Pin::Label(label)) => text.push_str(&format!("\ntenant = {}\n", quoted(label))),
        Some(Pin::Account(number)) => text.push_str(&format!("\ntenant = {number}\n")),
        None => {}
    }
    text
}

fn list(
    members: &BTreeSet<UserId>,
    users: &BTreeMap<UserId, User>,
    addresses: &BTreeMap<UserId, String>,
) -> String {
    if members.is_empty() {
        return "members = []\nallow_empty = true\n".to_owned();
    }
    let mut lines: Vec<String> = members
        .iter()
        .map(|id| match (addresses.get(id), users.get(id)) {
            (Some(address), _) => format!("  {},\n", quoted(address)),
            (None, Some(user)) => format!("  \"id:{id}\",   # {}\n", comment(&user.account_name())),
            (None, None) => format!("  \"id:{id}\",   # not in the user list\n"),
        })
        .collect();
    lines.sort();
    format!("members = [\n{}]\n", lines.concat())
}

/// The people whose email leads to them and to nobody else.
fn addresses_of(users: &BTreeMap<UserId, User>) -> BTreeMap<UserId, String> {
    let mut owners: BTreeMap<String, BTreeSet<UserId>> = BTreeMap::new();
    for user in users.values() {
        for text in user.email.iter().chain(&user.username) {
            owners.entry(normal(text)).or_default().insert(user.id);
        }
    }
    let own = |user: &User| {
        let email = user.email.as_deref()?;
        let Some(Selector::Name(name)) = person::read_plain(email) else {
            return None;
        };
        let is_alone = email.contains('@') && owners.get(&name)?.len() == 1;
        is_alone.then(|| (user.id, email.trim().to_owned()))
    };
    users.values().filter_map(own).collect()
}

fn quoted(text: &str) -> String {
    let string = toml_edit::Value::from(text);
    // A multi-line form would be right too, and harder to read in a list.
    if text.contains(['\n', '\r']) {
        let escaped: String = text.chars().map(escape).collect();
        return format!("\"{escaped}\"");
    }
    string.to_string()
}

fn escape(c: char) -> String {
    match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    }
}

/// Text of the directory inside a comment, which a line break would end.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
