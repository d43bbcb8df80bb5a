//! `grant` and `revoke`: the smallest change of the text, with comments and order kept.

mod array;
mod desk;

use jiff::civil::Date;
use similar::TextDiff;
use toml_edit::Value;

use desk::{Desk, List};

use crate::domain::role::RoleId;
use crate::domain::role::desired::{Member, Membership, RoleName};
use crate::problem::Problems;

/// An edited file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file as it was.
    pub before: String,
    /// The file as it is to be; the same where there was nothing to do.
    pub after: String,
    /// What a person should know beyond the diff, a sentence each.
    pub notes: Vec<String>,
}

/// ROLE as it stands on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleArgument {
    /// `id:123`
    Id(RoleId),
    /// Anything else: the exact name.
    Name(String),
}

/// Why a file is not edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file has mistakes.
    #[error("roles.toml is not edited while it has mistakes:\n{0}")]
    Broken(Problems),
    /// The edit would give a file with mistakes.
    #[error("the edit would leave a file with mistakes, so nothing is written:\n{0}")]
    WouldBreak(Problems),
    /// The person is not written in a usable way.
    #[error("{0:?} is not a person: {1}")]
    NotAPerson(String, String),
    /// The file has no such role.
    #[error("roles.toml has no [[role]] {0}; {1}")]
    NoSuchRole(String, String),
    /// There is nobody to take out.
    #[error("{0} is not among the members of {1} under this name; name the person as the file does")]
    NotListed(String, String),
    /// The text would not say what was asked for. A defect of this program.
    #[error("the edited file would not say what was asked for, so nothing is written; edit it by hand")]
    NotAsMeant,
}

impl Edit {
    /// Whether the file changes.
    pub fn changes(&self) -> bool {
        self.before != self.after
    }

    /// The change as a unified diff, with the name of the file in its heading.
    pub fn diff(&self, name: &str) -> String {
        TextDiff::from_lines(&self.before, &self.after)
            .unified_diff()
            .context_radius(3)
            .header(name, name)
            .to_string()
    }
}

impl RoleArgument {
    /// Reads the argument.
    pub fn parse(text: &str) -> Self {
        let number = text.strip_prefix("id:").and_then(|number| number.parse().ok());
        number.map_or_else(|| Self::Name(text.to_owned()), |number| Self::Id(RoleId(number)))
    }

    fn is(&self, role: &RoleName) -> bool {
        match (self, role) {
            (Self::Id(one), RoleName::Id(other)) => one == other,
            (Self::Name(one), RoleName::Name(other)) => one == other,
            _ => false,
        }
    }
}

impl std::fmt::Display for RoleArgument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "with id = {id}"),
            Self::Name(name) => write!(f, "{name:?}"),
        }
    }
}

/// Puts the person into `members` of the role, from now to the end of `until`. An entry that is
/// there already is changed, and an `exclude` of the person, which would win, is taken away.
pub fn grant(
    text: &str,
    person: &str,
    role: &RoleArgument,
    until: Option<Date>,
    reason: &str,
) -> Result<Edit, EditError> {
    let mut desk = Desk::open(text, person, role)?;
    if desk.take_out(List::Exclude)? {
        let note = "the person was in exclude, which wins over members; that entry is taken away";
        desk.notes.push(note.to_owned());
    }
    let members = &desk.role()?.members;
    let index = members
        .iter()
        .position(|member| member.listed.person == desk.person);
    let before = index.and_then(|index| members.get(index)).cloned();
    if before.as_ref().is_some_and(|member| member.from.is_some()) {
        let note = "the entry had a first day; the person is in the role from now on";
        desk.notes.push(note.to_owned());
    }
    let member = Member {
        listed: before
            .clone()
            .map_or_else(|| desk.listed(), |member| member.listed),
        from: None,
        until,
        reason: Some(array::one_line(reason)),
    };
    if before.as_ref() == Some(&member) {
        return desk.close();
    }
    let entry = array::entry(&member);
    let list = desk.array(List::Members)?;
    match index {
        Some(index) => drop(list.replace(index, entry)),
        None => array::push(list, entry, None),
    }
    let members = &mut desk.role_mut()?.members;
    match index.and_then(|index| members.get_mut(index)) {
        Some(old) => *old = member,
        None => members.push(member),
    }
    desk.close()
}

/// Takes the person out of the role: out of `members`, and where the role could still bring them in
/// (`include`, `match`) or would keep them (`additive`), into `exclude`. The reason stands there as
/// a comment where the list has a line for each entry; elsewhere the file has no place for it.
pub fn revoke(text: &str, person: &str, role: &RoleArgument, reason: &str) -> Result<Edit, EditError> {
    let mut desk = Desk::open(text, person, role)?;
    let was_listed = desk.take_out(List::Members)?;
    let own = desk.role()?;
    let comes_back = !own.include.is_empty() || own.matching.is_some();
    let stays = own.membership == Membership::Additive;
    let is_excluded = own.exclude.iter().any(|listed| listed.person == desk.person);
    if is_excluded {
        return desk.close();
    }
    if comes_back || stays {
        let why = if comes_back {
            "include or match could still bring the person in, so exclude names them"
        } else {
            "an additive role keeps whom the file does not name, so exclude names the person"
        };
        desk.notes.push(why.to_owned());
        let listed = desk.listed();
        let value = Value::from(listed.written.as_str());
        let comment = array::one_line(reason);
        array::push(desk.array(List::Exclude)?, value, Some(&comment));
        desk.role_mut()?.exclude.push(listed);
    } else if !was_listed {
        return Err(EditError::NotListed(desk.person.to_string(), role.to_string()));
    }
    desk.close()
}
