//! `[[password_expiry.rule]]`

use super::*;
use crate::config::Severity;
use crate::domain::policy::MaxAge;
use crate::domain::rule::{Condition, Field, Notify};

/// A file with these rules.
fn rules(rules: &str) -> Desk {
    Desk::with_text(format!("{}\n{rules}", LEAST.join("\n")))
}

fn rule(fields: &str) -> Desk {
    rules(&format!("[[password_expiry.rule]]\n{fields}"))
}

/// Rules with these matches, each with an effect.
fn matches(list: &[&str]) -> Desk {
    let one = |(at, text): (usize, &&str)| {
        format!("[[password_expiry.rule]]\nname = \"r{at}\"\nmax_age_days = 90\nmatch = {text}\n")
    };
    rules(&list.iter().enumerate().map(one).collect::<String>())
}

#[test]
fn a_rule_becomes_conditions_age_and_recipient() {
    let desk = rule(
        r#"
name = "contractors"
match = { group_id = 411, email = ["*@ext.acme.example"], "custom.site" = "Berlin" }
max_age_days = 45
notice_days = [7, 3]
notify = "desk@acme.example"
"#,
    );
    let rule = desk.loaded().settings.password_expiry.terms.rules.remove(0);
    assert_eq!(rule.max_age, Some(MaxAge::Days(45)));
    assert_eq!(rule.notify, Notify::Address("desk@acme.example".to_owned()));
    assert_eq!(rule.notice_days, Some([3, 7].into()));
    assert_eq!(rule.conditions.len(), 3);
    assert!(rule.conditions.contains(&Condition::GroupId([411].into())));
}

#[test]
fn a_custom_attribute_is_written_in_three_ways() {
    let written = [
        "{ \"custom.site\" = \"Berlin\" }",
        "{ custom = { site = [\"Berlin\"] } }",
        "{ custom.site = \"Berlin\" }",
    ];
    for text in written {
        let rule = matches(&[text])
            .loaded()
            .settings
            .password_expiry
            .terms
            .rules
            .remove(0);
        let Condition::Field(Field::Custom(name), _) = &rule.conditions[0] else {
            panic!("{text}: {:?}", rule.conditions);
        };
        assert_eq!(name, "site", "{text}");
    }
}

#[test]
fn every_key_of_match_is_known() {
    for key in crate::config::key::MATCH_KEYS {
        let value = match *key {
            "group_id" => "1",
            "custom" => "{ a = \"x\" }",
            "email" => "\"*@x.example\"",
            _ => "\"x\"",
        };
        matches(&[&format!("{{ {key} = {value} }}")]).loaded();
    }
}

#[test]
fn a_match_that_can_never_match_is_an_error() {
    let cases = [
        ("{}", "password_expiry.rule[0].match", "the match is empty"),
        (
            "{ email = [] }",
            "password_expiry.rule[0].match.email",
            "can never match",
        ),
        (
            "{ email = \"\" }",
            "password_expiry.rule[0].match.email",
            "the pattern is empty",
        ),
        (
            "{ group = [\"a\", \" \"] }",
            "password_expiry.rule[0].match.group[1]",
            "the pattern is empty",
        ),
        (
            "{ email = \"acme\" }",
            "password_expiry.rule[0].match.email",
            "is no email address",
        ),
        (
            "{ group_id = 0 }",
            "password_expiry.rule[0].match.group_id",
            "from 1 to",
        ),
        (
            "{ group_id = [-4] }",
            "password_expiry.rule[0].match.group_id[0]",
            "from 1 to",
        ),
        (
            "{ group_id = \"411\" }",
            "password_expiry.rule[0].match.group_id",
            "found text",
        ),
        (
            "{ group = 1 }",
            "password_expiry.rule[0].match.group",
            "expected text",
        ),
        (
            "{ status = \"x\" }",
            "password_expiry.rule[0].match.status",
            "unknown key",
        ),
        (
            "{ custom = {} }",
            "password_expiry.rule[0].match.custom",
            "the table is empty",
        ),
        (
            "{ \"custom.\" = \"x\" }",
            "password_expiry.rule[0].match.\"custom.\"",
            "unknown key",
        ),
        ("\"all\"", "password_expiry.rule[0].match", "expected a table"),
    ];
    for (text, key, words) in cases {
        let problem = matches(&[text]).problem();
        assert_eq!(problem.key, key, "{text}");
        assert!(problem.message.contains(words), "{text}: {}", problem.message);
    }
}

#[test]
fn a_rule_that_never_gets_its_turn_is_an_error() {
    let cases = [
        (
            "{ title = [\"A\", \"b\"] }",
            "{ title = [\"B\", \"a\", \"a\"] }",
            "has the same match",
        ),
        (
            "{ \"custom.site\" = \"x\" }",
            "{ custom.site = \"X\" }",
            "has the same match",
        ),
        ("{ email = \"*\" }", "{ title = \"x\" }", "matches everybody"),
        (
            "{ username = [\"a\", \"**\"] }",
            "{ title = \"x\" }",
            "matches everybody",
        ),
        (
            "{ title = \"*\" }",
            "{ title = \"x\", group_id = 1 }",
            "whom this one could match",
        ),
    ];
    for (first, second, words) in cases {
        let problem = matches(&[first, second]).problem();
        assert_eq!(problem.key, "password_expiry.rule[1].match", "{second}");
        assert!(problem.message.contains(words), "{second}: {}", problem.message);
        assert!(problem.message.contains("\"r0\""), "{}", problem.message);
    }
    matches(&["{ title = \"*\" }", "{ company = \"x\" }"]).loaded();
}

#[test]
fn a_rule_needs_a_name_a_match_and_an_effect() {
    let cases = [
        (
            "match = { title = \"x\" }\nmax_age_days = 9",
            "name",
            "has no name",
        ),
        (
            "name = \" \"\nmatch = { title = \"x\" }\nmax_age_days = 99",
            "name",
            "the name is empty",
        ),
        ("name = \"a\"\nmax_age_days = 99", "match", "has no match"),
        ("name = \"a\"\nmatch = { title = \"x\" }", "", "says nothing"),
        (
            "name = \"a\"\nmatch = { title = \"x\" }\nmax_age = 9\nnotify = \"none\"",
            "max_age",
            "unknown key",
        ),
        (
            "name = \"a\"\nmatch = { title = \"x\" }\nmax_age_days = -1",
            "max_age_days",
            "from 0 to 36500",
        ),
        (
            "name = \"a\"\nmatch = { title = \"x\" }\nnotice_days = [400]",
            "notice_days[0]",
            "from 0 to 365",
        ),
        (
            "name = \"a\"\nmatch = { title = \"x\" }\nnotify = \"boss\"",
            "notify",
            "\"manager\", \"none\" or an email",
        ),
    ];
    for (fields, key, words) in cases {
        let problems = rule(fields).problems();
        let errors = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        let errors: Vec<_> = errors.collect();
        assert_eq!(errors.len(), 1, "{fields}: {problems}");
        let whole = format!("password_expiry.rule[0].{key}");
        assert_eq!(errors[0].key, whole.trim_end_matches('.'), "{fields}");
        assert!(
            errors[0].message.contains(words),
            "{fields}: {}",
            errors[0].message
        );
        assert!(line_of(errors[0]) >= 5, "{fields}");
    }
}

#[test]
fn two_rules_of_one_name_are_an_error() {
    let one = |title: &str| {
        format!(
            "[[password_expiry.rule]]\nname = \"a\"\nmatch = {{ title = \"{title}\" }}\nnotify = \"none\"\n"
        )
    };
    let nameless = "[[password_expiry.rule]]\nnotify = \"none\"\nmatch = { title = \"z\" }\n";
    assert_eq!(line_of(&rules(&(one("x") + nameless)).problem()), 9);
    let problem = rules(&(one("x") + &one("y"))).problem();
    assert_eq!(
        (problem.key.as_str(), line_of(&problem)),
        ("password_expiry.rule[1].name", 10)
    );
}

#[test]
fn a_threshold_that_is_not_below_the_age_is_a_warning() {
    let desk = rule("name = \"a\"\nmatch = { title = \"x\" }\nmax_age_days = 7");
    let warnings = desk.loaded().warnings;
    let told: Vec<&str> = warnings.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "threshold 7 is not below the age and is left out",
            "threshold 14 is not below the age and is left out",
        ]
    );
    assert!(
        warnings
            .iter()
            .all(|problem| problem.severity == Severity::Warning && line_of(problem) == 8)
    );

    let never = rule("name = \"a\"\nmatch = { title = \"x\" }\nmax_age_days = 0");
    assert!(never.loaded().warnings.is_empty());
    let default = Desk::with(&["password_expiry.default_max_age_days = 14"])
        .loaded()
        .warnings;
    assert_eq!(default.len(), 1, "{default}");
}

#[test]
fn rules_that_are_no_tables_are_told() {
    for text in ["password_expiry.rule = 1", "password_expiry.rule = [\"a\"]"] {
        let problem = Desk::with(&[text]).problem();
        assert!(
            problem.message.starts_with("expected tables"),
            "{}",
            problem.message
        );
    }
}
