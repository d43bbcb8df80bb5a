//! Second factors: what people have enrolled, and what they could enrol.

/// An enrolled second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// A string in v2 (documented), the same number in v1.
    pub device_id: String,
    /// The name its owner gave it.
    pub user_display_name: String,
    /// The name of its type as people see it.
    pub type_display_name: String,
    /// The name of its type as administrators see it.
    pub auth_factor_name: String,
    /// Whether it is the one asked for first.
    pub is_default: bool,
    /// Whether the API neither shows nor removes it: only factors that the API can verify are listed
    /// (documented), so that others survive a reset (guess).
    pub is_hidden: bool,
}

impl Device {
    /// A visible device of a type, under the name of the type.
    pub fn new(device_id: impl Into<String>, auth_factor_name: impl Into<String>) -> Self {
        let name: String = auth_factor_name.into();
        Self {
            device_id: device_id.into(),
            user_display_name: name.clone(),
            type_display_name: name.clone(),
            auth_factor_name: name,
            is_default: false,
            is_hidden: false,
        }
    }

    /// The same device as the one asked for first.
    #[must_use]
    pub fn as_default(mut self) -> Self {
        self.is_default = true;
        self
    }

    /// The same device out of the API's sight.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self
    }
}

/// A factor that people may enrol (documented).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// The factor's id.
    pub factor_id: i64,
    /// Its name as people see it.
    pub name: String,
    /// Its name inside OneLogin.
    pub auth_factor_name: String,
}

impl Factor {
    /// A factor.
    pub fn new(factor_id: i64, name: impl Into<String>, auth_factor_name: impl Into<String>) -> Self {
        Self {
            factor_id,
            name: name.into(),
            auth_factor_name: auth_factor_name.into(),
        }
    }
}
