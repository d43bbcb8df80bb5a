//! Mappings: rules by which OneLogin itself puts people into roles.

/// A rule that runs over a user when that user changes (documented).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The mapping's id.
    pub id: i64,
    /// The name shown in OneLogin.
    pub name: String,
    /// Whether one condition is enough (`any`), or every one must hold (`all`).
    pub matches_any: bool,
    /// A disabled mapping does nothing, and its position is null (documented).
    pub is_enabled: bool,
    /// The order in which mappings run.
    pub position: Option<i64>,
    /// Whom the mapping is about.
    pub conditions: Vec<MappingCondition>,
    /// What it does to them.
    pub actions: Vec<MappingAction>,
}

/// A condition on one field of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingCondition {
    /// A user field or `has_role`.
    pub source: String,
    /// A symbol: `=`, `!=`, `~` contains, `!~`, `bw` begins with, `ew` ends with, `ri` has the role, `!ri`.
    pub operator: String,
    /// What to compare with.
    pub value: String,
}

/// Something a mapping does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingAction {
    /// `add_role`, `set_role` or another; only these two have an effect here.
    pub action: String,
    /// Role ids, as strings.
    pub value: Vec<String>,
}

impl Mapping {
    /// An enabled mapping without conditions, which is about everybody, and without actions.
    pub fn new(id: i64, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            matches_any: false,
            is_enabled: true,
            position: Some(id),
            conditions: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// The same mapping with one more condition.
    #[must_use]
    pub fn when(mut self, source: &str, operator: &str, value: &str) -> Self {
        self.conditions.push(MappingCondition {
            source: source.to_owned(),
            operator: operator.to_owned(),
            value: value.to_owned(),
        });
        self
    }

    /// The same mapping putting people into one more role.
    #[must_use]
    pub fn adding_role(mut self, role_id: i64) -> Self {
        self.actions.push(MappingAction {
            action: "add_role".to_owned(),
            value: vec![role_id.to_string()],
        });
        self
    }

    /// The same mapping, switched off.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.is_enabled = false;
        self.position = None;
        self
    }
}
