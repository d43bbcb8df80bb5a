//! The sample at the top of the repository.

use super::*;

const SAMPLE: &str = include_str!("../../../roles.toml");

/// The sample with its examples taken out of their comments.
pub(super) fn with_examples() -> String {
    let mut in_list = false;
    let uncomment = |line: &str| {
        let rest = line.strip_prefix("# ").unwrap_or_default();
        let word = rest.split(" = ").next().unwrap_or_default();
        let is_key = rest.contains(" = ") && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let is_example = in_list || is_key || rest.starts_with("[[");
        in_list = (in_list || rest.ends_with("= [")) && rest != "]";
        format!("{}\n", if is_example { rest } else { line })
    };
    SAMPLE.lines().map(uncomment).collect()
}

#[test]
fn f1_the_sample_is_all_comments_and_refused_as_empty() {
    assert!(
        SAMPLE
            .lines()
            .all(|line| line.is_empty() || line.starts_with('#'))
    );
    assert!(mistake(SAMPLE).message.contains("empty"));
}

#[test]
fn every_example_of_the_sample_is_good() {
    let state = good(&with_examples());
    assert_eq!(state.roles.len(), 3, "{}", with_examples());
    assert_eq!(state.roles[0].members.len(), 3);
    assert!(state.tenant.is_some() && state.roles[1].matching.is_some() && state.roles[2].allow_empty);
}
