//! Rules of the configuration: whom they match, and what they say about them.

use std::collections::{BTreeMap, BTreeSet};

use super::policy::MaxAge;
use super::user::{User, UserId};

/// One `[[password_expiry.rule]]`. The first that matches a person wins over OneLogin's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// For people who read reports.
    pub name: String,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// `None`: OneLogin's age.
    pub max_age: Option<MaxAge>,
    /// `None`: the list of `[password_expiry]`.
    pub notice_days: Option<BTreeSet<u16>>,
    /// Who is told.
    pub notify: Notify,
}

/// Who receives the notices about a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Notify {
    /// The person.
    #[default]
    User,
    /// The person's manager, if in good standing.
    Manager,
    /// Nobody.
    Nobody,
    /// A fixed address.
    Address(String),
}

/// One key of `match`, with the values of which any may fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The person's group, by number.
    GroupId(BTreeSet<i64>),
    /// The person's group, by name.
    Group(Vec<Pattern>),
    /// The name of the OneLogin policy that applies to the person.
    OneloginPolicy(Vec<Pattern>),
    /// A role the person is a member of, by name.
    Role(Vec<Pattern>),
    /// A text field of the person.
    Field(Field, Vec<Pattern>),
}

/// A text field that a rule may look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants carry OneLogin's own names")]
pub enum Field {
    Email,
    Username,
    Department,
    Title,
    Company,
    ExternalId,
    /// A custom attribute, by its short name.
    Custom(String),
}

impl Field {
    /// The field that a key of `match` looks at, if it looks at one.
    pub fn of_key(name: &str) -> Option<Self> {
        Some(match name {
            "email" => Self::Email,
            "username" => Self::Username,
            "department" => Self::Department,
            "title" => Self::Title,
            "company" => Self::Company,
            "external_id" => Self::ExternalId,
            _ => {
                let attribute = name.strip_prefix("custom.").filter(|name| !name.is_empty())?;
                Self::Custom(attribute.to_owned())
            }
        })
    }

    /// The key that OneLogin uses in its JSON; of a custom attribute the path to it.
    pub fn wire_name(&self) -> String {
        match self {
            Self::Email => "email".to_owned(),
            Self::Username => "username".to_owned(),
            Self::Department => "department".to_owned(),
            Self::Title => "title".to_owned(),
            Self::Company => "company".to_owned(),
            Self::ExternalId => "external_id".to_owned(),
            Self::Custom(name) => format!("custom_attributes.{name}"),
        }
    }

    /// What the person has there.
    pub fn value<'a>(&self, user: &'a User) -> Option<&'a str> {
        match self {
            Self::Email => user.email.as_deref(),
            Self::Username => user.username.as_deref(),
            Self::Department => user.department.as_deref(),
            Self::Title => user.title.as_deref(),
            Self::Company => user.company.as_deref(),
            Self::ExternalId => user.external_id.as_deref(),
            Self::Custom(name) => user.custom_attributes.get(name)?.as_deref(),
        }
    }
}

/// Text in which `*` stands for anything. Case is ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<String>,
}

impl Pattern {
    /// Reads a pattern as it stands in the configuration.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            parts: text.to_lowercase().split('*').map(str::to_owned).collect(),
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern has no wildcard.
    pub fn is_exact(&self) -> bool {
        self.parts.len() == 1
    }

    /// Whether the text fits.
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let Some((first, rest)) = self.parts.split_first() else {
            return false;
        };
        let Some((last, middle)) = rest.split_last() else {
            return text == *first;
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        // The leftmost fit of each middle part leaves the most room for the parts after it.
        for part in middle {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

/// Who is in which of the roles that rules name. Complete reads only.
pub type RoleMembers = BTreeMap<String, BTreeSet<UserId>>;

/// A fact about a person that comes from somewhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// Known; `None` where there is none.
    Known(Option<&'a str>),
    /// Not known, which is never "no match".
    Unknown,
}

/// What a rule may know of a person beside their own fields.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The name of the person's group.
    pub group_name: Lookup<'a>,
    /// The name of the policy that applies to the person, as far as the API shows it.
    pub policy_name: Lookup<'a>,
    /// Members of the roles that rules name.
    pub role_members: &'a RoleMembers,
}

/// Whether a rule is about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Matches,
    /// It is not.
    Differs,
    /// What is known does not tell.
    Undecidable,
}

impl Rule {
    /// Whether every condition holds for the person. One that does not decides, whatever the
    /// others are.
    pub fn verdict(&self, user: &User, around: &Surroundings<'_>) -> Verdict {
        let verdicts: Vec<Verdict> = self
            .conditions
            .iter()
            .map(|condition| condition.verdict(user, around))
            .collect();
        if verdicts.contains(&Verdict::Differs) {
            Verdict::Differs
        } else if verdicts.contains(&Verdict::Undecidable) {
            Verdict::Undecidable
        } else {
            Verdict::Matches
        }
    }
}

impl Condition {
    fn verdict(&self, user: &User, around: &Surroundings<'_>) -> Verdict {
        let decided = |holds: bool| if holds { Verdict::Matches } else { Verdict::Differs };
        let any = |patterns: &[Pattern], value: Option<&str>| {
            decided(value.is_some_and(|value| patterns.iter().any(|pattern| pattern.matches(value))))
        };
        let looked_up = |patterns: &[Pattern], lookup: Lookup<'_>| match lookup {
            Lookup::Known(value) => any(patterns, value),
            Lookup::Unknown => Verdict::Undecidable,
        };
        match self {
            Self::GroupId(ids) => decided(user.group_id.is_some_and(|id| ids.contains(&id.0))),
            Self::Group(patterns) => looked_up(patterns, around.group_name),
            Self::OneloginPolicy(patterns) => looked_up(patterns, around.policy_name),
            Self::Role(patterns) => decided(around.role_members.iter().any(|(role, members)| {
                members.contains(&user.id) && patterns.iter().any(|pattern| pattern.matches(role))
            })),
            Self::Field(field, patterns) => any(patterns, field.value(user)),
        }
    }
}

/// Something that a rule calls by its exact name and that OneLogin does not list: renamed, deleted
/// or misspelt. Taken for "no match" it would quietly give people another age.
pub fn missing_name<'a>(patterns: &'a [Pattern], listed: &BTreeSet<&str>) -> Option<&'a str> {
    patterns
        .iter()
        .filter(|pattern| pattern.is_exact())
        .find(|pattern| !listed.iter().any(|name| pattern.matches(name)))
        .map(Pattern::as_str)
}

/// The facts that the rules of a configuration need beyond what every run reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// OneLogin's names of the user fields that rules look at; each must be known for everybody.
    pub fields: BTreeSet<String>,
    /// Patterns for the names of groups.
    pub groups: Vec<Pattern>,
    /// Patterns for the names of policies, which are then needed even where no age is taken from
    /// them.
    pub policies: Vec<Pattern>,
    /// Patterns for the names of roles whose members must be read completely.
    pub roles: Vec<Pattern>,
}

/// Collects what the rules need to be decided.
pub fn needs_of(rules: &[Rule]) -> Needs {
    let mut needs = Needs::default();
    for condition in rules.iter().flat_map(|rule| &rule.conditions) {
        match condition {
            Condition::GroupId(_) => {}
            Condition::Group(patterns) => needs.groups.extend(patterns.iter().cloned()),
            Condition::OneloginPolicy(patterns) => needs.policies.extend(patterns.iter().cloned()),
            Condition::Role(patterns) => needs.roles.extend(patterns.iter().cloned()),
            Condition::Field(field, _) => {
                needs.fields.insert(field.wire_name());
            }
        }
    }
    needs
}
