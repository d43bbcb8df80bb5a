//! The configuration: one TOML file over the embedded default, under the environment.

pub mod settings;
