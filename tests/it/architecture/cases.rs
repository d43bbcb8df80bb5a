//! The page that tells which test shows which case, held to the tests that there are.

use super::source::Source;

/// The names in backticks of the last column of every table: a test, possibly with `*` in it, or a
/// script by its path.
pub(super) fn named(page: &str) -> Vec<&str> {
    let rows = page.lines().filter_map(|line| line.trim_end().strip_suffix('|'));
    let last = rows.filter_map(|row| row.rsplit('|').next());
    last.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// The names of all tests.
pub(super) fn tests(sources: &[Source]) -> Vec<&str> {
    sources.iter().flat_map(|source| tests_in(&source.text)).collect()
}

fn tests_in(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut is_marked = false;
    for line in text.lines().map(str::trim_start) {
        let signature = line.strip_prefix("async ").unwrap_or(line);
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_marked = true;
        } else if let Some(rest) = signature.strip_prefix("fn ") {
            if is_marked {
                found.push(rest.split(['(', '<']).next().unwrap_or(rest));
            }
            is_marked = false;
        }
    }
    found
}

/// Whether the pattern, in which `*` stands for anything, is this name.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|end| fits(after, end)))
        }),
    }
}

#[test]
fn names_are_read_from_the_last_column_and_from_test_functions_only() {
    let page = "| a | `no` | `one`, `t*o` |\n`neither`\n|---|\n| b | – |\n";
    assert_eq!(named(page), ["one", "t*o"]);
    let text =
        "#[test]\nfn one() {}\nfn helper() {}\n#[tokio::test(start_paused = true)]\nasync fn two() {}\n";
    assert_eq!(tests_in(text), ["one", "two"]);
    assert!(fits("*wo", "two") && fits("t*o", "two") && fits("e1_*", "e1_x") && fits("two", "two"));
    assert!(!fits("tw", "two") && !fits("*tw", "two") && !fits("e1_*", "e11_x"));
}
