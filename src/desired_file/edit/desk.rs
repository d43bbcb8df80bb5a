//! A file under edit: its text, and what it is meant to say.

use std::path::Path;

use toml_edit::{Array, DocumentMut, Item};

use super::{Edit, EditError, RoleArgument, array};
use crate::desired_file::parse::parse;
use crate::domain::person;
use crate::domain::role::desired::{DesiredRole, DesiredState, Listed, RoleName};
use crate::domain::selector::Selector;
use crate::problem::nearest;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// How messages call the file.
const NAME: &str = "roles.toml";

/// A list of people of a role.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    Members,
    Exclude,
}

impl List {
    fn key(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Exclude => "exclude",
        }
    }
}

/// A file under edit, and what it is meant to say.
pub(super) struct Desk {
    before: String,
    document: DocumentMut,
    meant: DesiredState,
    index: usize,
    pub(super) person: Selector,
    written: String,
    pub(super) notes: Vec<String>,
}

impl Desk {
    pub(super) fn open(text: &str, person: &str, role: &RoleArgument) -> Result<Self, EditError> {
        let bare = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let bare = bare.replace("\r\n", "\n");
        let meant = parse(bare.as_bytes(), Path::new(NAME)).map_err(EditError::Broken)?;
        let not_one = |why: String| EditError::NotAPerson(person.to_owned(), why);
        let selector = match person::read(person) {
            (Some(selector), None) => selector,
            (_, Some(wrong)) => return Err(not_one(format!("{}; {}", wrong.message, wrong.help))),
            (None, None) => return Err(not_one(person::FORMS.to_owned())),
        };
        let index = meant.roles.iter().position(|own| role.is(&own.role));
        let index = index.ok_or_else(|| no_such_role(&meant, role))?;
        Ok(Self {
            before: text.to_owned(),
            document: bare.parse().map_err(|_| EditError::NotAsMeant)?,
            meant,
            index,
            person: selector,
            written: person.trim().to_owned(),
            notes: Vec::new(),
        })
    }

    pub(super) fn role(&self) -> Result<&DesiredRole, EditError> {
        self.meant.roles.get(self.index).ok_or(EditError::NotAsMeant)
    }

    pub(super) fn role_mut(&mut self) -> Result<&mut DesiredRole, EditError> {
        self.meant.roles.get_mut(self.index).ok_or(EditError::NotAsMeant)
    }

    pub(super) fn listed(&self) -> Listed {
        Listed {
            person: self.person.clone(),
            written: self.written.clone(),
            line: 0,
        }
    }

    /// The list in the text; an empty one where there is none yet.
    pub(super) fn array(&mut self, list: List) -> Result<&mut Array, EditError> {
        let roles = self
            .document
            .get_mut("role")
            .and_then(Item::as_array_of_tables_mut);
        let table = roles.and_then(|roles| roles.get_mut(self.index));
        let table = table.ok_or(EditError::NotAsMeant)?;
        let item = table.entry(list.key()).or_insert_with(array::new_list);
        item.as_array_mut().ok_or(EditError::NotAsMeant)
    }

    /// Takes the person out of a list, and says whether they were in it.
    pub(super) fn take_out(&mut self, list: List) -> Result<bool, EditError> {
        let person = self.person.clone();
        let own = self.role_mut()?;
        let index = match list {
            List::Members => own
                .members
                .iter()
                .position(|member| member.listed.person == person),
            List::Exclude => own.exclude.iter().position(|listed| listed.person == person),
        };
        let Some(index) = index else {
            return Ok(false);
        };
        match list {
            List::Members => drop(own.members.remove(index)),
            List::Exclude => drop(own.exclude.remove(index)),
        }
        array::remove(self.array(list)?, index);
        Ok(true)
    }

    /// The edited text, once it has been read again and found to say what it is meant to say.
    pub(super) fn close(self) -> Result<Edit, EditError> {
        let text = self.document.to_string();
        let said = parse(text.as_bytes(), Path::new(NAME)).map_err(EditError::WouldBreak)?;
        if meaning(said) != meaning(self.meant) {
            return Err(EditError::NotAsMeant);
        }
        let is_windows = self
            .before
            .split_once('\n')
            .is_some_and(|(first, _)| first.ends_with('\r'));
        let text = if is_windows {
            text.replace('\n', "\r\n")
        } else {
            text
        };
        let mark = if self.before.starts_with(BYTE_ORDER_MARK) {
            "\u{feff}"
        } else {
            ""
        };
        Ok(Edit {
            before: self.before,
            after: format!("{mark}{text}"),
            notes: self.notes,
        })
    }
}

/// The state without what only the layout decides.
fn meaning(mut state: DesiredState) -> DesiredState {
    state.digest.clear();
    for role in &mut state.roles {
        role.line = 0;
        let listed = role.members.iter_mut().map(|member| &mut member.listed);
        for listed in listed.chain(&mut role.exclude) {
            listed.line = 0;
            listed.written = listed.written.trim().to_owned();
        }
    }
    state
}

fn no_such_role(state: &DesiredState, role: &RoleArgument) -> EditError {
    let names = state.roles.iter().filter_map(|own| match &own.role {
        RoleName::Name(name) => Some(name.as_str()),
        RoleName::Id(_) => None,
    });
    let near = match role {
        RoleArgument::Name(name) => nearest(name, names),
        RoleArgument::Id(_) => None,
    };
    let help = match near {
        Some(near) => format!("the nearest name is {near:?}"),
        None => "a role that the file calls by its number is written id:123; a new one is written by hand"
            .to_owned(),
    };
    EditError::NoSuchRole(role.to_string(), help)
}
