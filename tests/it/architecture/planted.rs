//! The checks see what is planted for them, and nothing where all is well.

use super::edges::{self, Uses};
use super::rules::{self, Rule};
use super::source::Source;
use super::{ROOTS, RULES, TABLE};

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source::new(path, text)).collect()
}

#[test]
fn an_edge_that_is_not_in_the_table_is_told_with_its_file_and_line() {
    let planted = sources(&[
        (
            "src/domain/due.rs",
            "use super::user::User;\nuse crate::store::Ledger;\n",
        ),
        (
            "src/jobs/mod.rs",
            "use crate::{domain::due, app::{Context, self}};\n",
        ),
        (
            "src/mail/smtp/pool.rs",
            "fn f() {\n    super::super::super::onelogin::list();\n}\n",
        ),
        ("src/config/mod.rs", "use crate::domain::{expiry, rule::Rule};\n"),
    ]);
    assert_eq!(
        edges::not_in_table(&planted, TABLE, ROOTS),
        [
            "src/domain/due.rs:2: `domain` may not use `store`",
            "src/jobs/mod.rs:1: `jobs` may not use `app`",
            "src/jobs/mod.rs:1: `jobs` may not use `app`",
            "src/mail/smtp/pool.rs:2: `mail` may not use `onelogin`",
        ]
    );
}

#[test]
fn super_stays_in_the_module_as_long_as_it_does_not_reach_the_root() {
    let planted = sources(&[
        (
            "src/domain/plan/steps.rs",
            "use super::super::due::Due;\nuse super::Plan;\nuse super::{super::user, cap};\n",
        ),
        ("src/clock.rs", "use super::store::Store;\n"),
    ]);
    assert_eq!(
        edges::not_in_table(&planted, TABLE, ROOTS),
        ["src/clock.rs:1: `clock` may not use `store`"]
    );
}

#[test]
fn a_module_without_a_row_and_a_glob_over_the_root_are_told() {
    let table = [("app", Uses::Only(&["domain"]))];
    let planted = sources(&[
        ("src/app.rs", "use crate::*;\nuse crate::domain;\n"),
        ("src/extra.rs", ""),
    ]);
    assert_eq!(
        edges::not_in_table(&planted, &table, ROOTS),
        [
            "`extra` has no row in the table of tests/it/architecture/mod.rs",
            "src/app.rs:1: `app` may not use `*`",
        ]
    );
}

#[test]
fn a_circle_is_told_once_with_the_places_that_make_it() {
    let planted = sources(&[
        ("src/cli/run.rs", "\nuse crate::demo::show;\n"),
        ("src/demo.rs", "use crate::app;\n"),
        ("src/app.rs", "pub fn f() { crate::cli::run(); }\n"),
        ("src/domain/mod.rs", "use crate::domain::due;\n"),
        ("src/lib.rs", "pub use crate::app::App;\n"),
        ("src/main.rs", "use onelogin_steward::cli;\n"),
    ]);
    assert_eq!(
        edges::circles(&planted, ROOTS),
        [
            "circle app -> cli -> demo -> app\n  src/app.rs:1: app uses cli\n  \
          src/cli/run.rs:2: cli uses demo\n  src/demo.rs:1: demo uses app"
        ]
    );
}

#[test]
fn comments_strings_and_tests_are_no_uses() {
    let planted = sources(&[
        (
            "src/domain/due.rs",
            "//! See [`crate::store`].\n\
             /* crate::app /* nested */ crate::mail */\n\
             const A: &str = \"crate::cli \\\" crate::jobs\";\n\
             const B: &str = r#\"use crate::config; \" \"#;\n\
             const C: (char, char) = ('\"', '\\'');\n\
             fn f<'a>(x: &'a str) -> &'a str { x }\n\
             #[cfg(test)]\nuse crate::{store, mail::Mail};\n\
             #[cfg(test)]\nmod tests {\n    use crate::store;\n    fn g() { rusqlite::open(); }\n}\n",
        ),
        ("src/domain/due/tests.rs", "use crate::store;\n"),
    ]);
    assert!(edges::not_in_table(&planted, TABLE, ROOTS).is_empty());
    assert!(rules::violations(&planted, RULES).is_empty());
}

#[test]
fn code_behind_a_test_module_and_a_string_still_counts() {
    let planted = sources(&[(
        "src/domain/due.rs",
        "#[cfg(test)]\nmod tests { fn f() {} }\nconst A: &str = \"x\"; use crate::store;\n",
    )]);
    assert_eq!(
        edges::not_in_table(&planted, TABLE, ROOTS),
        ["src/domain/due.rs:3: `domain` may not use `store`"]
    );
}

#[test]
fn a_forbidden_crate_is_told_in_every_spelling() {
    let planted = sources(&[
        (
            "src/domain/due.rs",
            "use tokio::{sync::mpsc, time};\nlet now = jiff::Timestamp::now();\n",
        ),
        (
            "src/jobs/mod.rs",
            "let c: ::rusqlite::Connection;\nuse reqwest::{Url, Client as Http};\n",
        ),
        ("src/config/layers.rs", "use reqwest::Url;\nuse std::env;\n"),
        ("src/app.rs", "use std::{env, fs};\nuse reqwest::*;\n"),
        ("src/store/mod.rs", "use rusqlite::Connection;\n"),
        ("src/report.rs", "use tokio_cron_scheduler::Job;\n"),
    ]);
    assert_eq!(
        rules::violations(&planted, RULES),
        [
            "src/domain/due.rs:1: `domain` may not name `tokio`",
            "src/domain/due.rs:1: `domain` may not name `tokio`",
            "src/domain/due.rs:2: `domain` may not name `jiff::Timestamp::now`",
            "src/jobs/mod.rs:1: only `store` may name `rusqlite`",
            "src/jobs/mod.rs:2: only `onelogin` may name `reqwest::Client`",
            "src/app.rs:1: only `config` may name `std::env`",
            "src/app.rs:2: only `onelogin` may name `reqwest::Client`",
            "src/app.rs:2: only `onelogin` may name `reqwest::ClientBuilder`",
            "src/app.rs:2: only `onelogin` may name `reqwest::get`",
        ]
        .into_iter()
        .chain(["src/report.rs:1: only `scheduler` may name `tokio_cron_scheduler`"])
        .collect::<Vec<_>>()
    );
}

#[test]
fn a_word_that_only_looks_like_a_crate_is_none() {
    let planted = sources(&[("src/jobs/mod.rs", "let rusqlite_like = my::rusqlite::open();\n")]);
    assert!(rules::violations(&planted, &[Rule::only_in("store", "rusqlite")]).is_empty());
}

#[test]
fn a_file_of_too_many_lines_is_told() {
    let planted = sources(&[("src/app.rs", "a\nb\nc\n"), ("src/clock.rs", "a\nb\n")]);
    assert_eq!(
        rules::too_long(&planted, 2),
        ["src/app.rs has 3 lines, more than 2"]
    );
}
