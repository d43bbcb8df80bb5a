//! One person and one role in words.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::{plain, wrap_under};
use super::{role_plan, time};
use crate::domain::role::explain::{Explanation, Ground};
use crate::domain::role::resolve::Person;
use crate::domain::user::User;

/// One JSON document.
pub fn to_json(told: &Explanation, user: &User) -> Value {
    json!({
        "user_id": told.user,
        "email": user.email,
        "role_id": told.role,
        "name": told.name,
        "line": told.line,
        "member": told.is_member,
        "added_by": told.origin.as_ref().and_then(|origin| origin.added_by.as_ref()),
        "added_at": told.origin.as_ref().and_then(|origin| origin.added_at).map(time::rfc3339),
        "wanted": told.is_wanted,
        "in_standing": told.in_standing,
        "protected": told.is_protected,
        "grounds": told.grounds.iter().map(ground).collect::<Vec<_>>(),
        "step": told.step.as_ref().map(|(direction, step)| json!({
            "direction": direction, "cause": step.cause.to_string(), "held": step.is_held(), "guards": step.guards,
        })),
        "held": told.held.iter().map(role_plan::hold).collect::<Vec<_>>(),
    })
}

/// For a terminal. `file` is the path of roles.toml, which the lines are of.
pub fn to_text(told: &Explanation, user: &User, file: &str, zone: &TimeZone) -> String {
    let mut text = format!(
        "{} (id {}) and {} (id {})\n",
        plain(&user.account_name()),
        told.user,
        plain(&told.name),
        told.role
    );
    let mut row = |name: &str, words: &str| {
        text.push_str(&format!("  {name:<10}{}\n", wrap_under(&plain(words), 12)));
    };
    let origin = told.origin.clone().unwrap_or_default();
    let by = origin
        .added_by
        .map_or(String::new(), |by| format!(", added by {by}"));
    let at = origin
        .added_at
        .map_or(String::new(), |at| format!(", since {}", time::minute(at, zone)));
    row(
        "now",
        &match told.is_member {
            Some(true) => format!("a member{by}{at}"),
            Some(false) => "not a member".to_owned(),
            None => "not known: the members could not be read completely".to_owned(),
        },
    );
    row(
        "file",
        &match told.line {
            None => format!("{file} does not name this role, so it is left alone"),
            Some(line) if told.is_wanted => format!("{file}:{line} wants them in"),
            Some(line) => format!("{file}:{line} does not want them in"),
        },
    );
    for ground in &told.grounds {
        describe(ground, file, 0, &mut row);
    }
    if !told.in_standing {
        let words = format!(
            "status {}, state {}: not in good standing, so never added",
            user.status, user.state
        );
        row("standing", &words);
    }
    if told.is_protected {
        row("protected", "never removed from any role (role_sync.protected)");
    }
    let plan = told
        .step
        .as_ref()
        .map_or("nothing to do".to_owned(), |(direction, step)| {
            let held = if step.is_held() { ", held" } else { "" };
            format!("{direction}{held}: {}", step.cause)
        });
    row("plan", &plan);
    for hold in &told.held {
        row("held by", &format!("{}: {}", hold.guard, hold.text));
    }
    text
}

fn describe(ground: &Ground, file: &str, depth: usize, row: &mut impl FnMut(&str, &str)) {
    let indent = "> ".repeat(depth);
    let mut say = |name: &str, words: String| row(name, &format!("{indent}{words}"));
    match ground {
        Ground::Excluded { line, written } => {
            say(
                "exclude",
                format!("{file}:{line} excludes {written}, which wins over everything below"),
            );
        }
        Ground::Listed {
            line,
            written,
            from,
            until,
            reason,
            in_force,
        } => {
            let mut words = format!("{file}:{line} lists {written}");
            if let Some(from) = from {
                words.push_str(&format!(", from {from}"));
            }
            if let Some(until) = until {
                words.push_str(&format!(", until {until}"));
            }
            if let Some(reason) = reason {
                words.push_str(&format!(", reason {reason}"));
            }
            if !in_force {
                words.push_str("; not in force today");
            }
            say("members", words);
        }
        Ground::Uncertain {
            line,
            written,
            person,
        } => {
            let why = match person {
                Person::Ambiguous(_) => "fits several people",
                Person::Recycled { .. } => "means somebody else than before",
                _ => "means somebody who is missing and not proven to be gone",
            };
            say(
                "uncertain",
                format!("{file}:{line}: {written} {why}: neither added nor removed by it"),
            );
        }
        Ground::Included {
            role,
            line,
            is_wanted,
            grounds,
        } => {
            let wants = if *is_wanted { "wants" } else { "does not want" };
            say(
                "include",
                format!("{role} ({file}:{line}), which {wants} them in"),
            );
            for ground in grounds {
                describe(ground, file, depth + 1, row);
            }
        }
        Ground::Rule { has, fits } => {
            let has: Vec<String> = has
                .iter()
                .map(|(field, value)| {
                    let value = value
                        .as_ref()
                        .map_or("nothing".to_owned(), |value| format!("{value:?}"));
                    format!("{field} is {value}")
                })
                .collect();
            let fits = if *fits { "fits" } else { "does not fit" };
            say("match", format!("{fits}: {}", has.join(", ")));
        }
    }
}

fn ground(ground: &Ground) -> Value {
    match ground {
        Ground::Excluded { line, written } => {
            json!({ "kind": "exclude", "line": line, "written": written })
        }
        Ground::Listed {
            line,
            written,
            from,
            until,
            reason,
            in_force,
        } => json!({
            "kind": "members", "line": line, "written": written, "in_force": in_force, "reason": reason,
            "from": from.map(|day| day.to_string()), "until": until.map(|day| day.to_string()),
        }),
        Ground::Uncertain {
            line,
            written,
            person,
        } => json!({
            "kind": "uncertain", "line": line, "written": written, "candidates": person.candidates(),
        }),
        Ground::Included {
            role,
            line,
            is_wanted,
            grounds,
        } => json!({
            "kind": "include", "role": role, "line": line, "wanted": is_wanted,
            "grounds": grounds.iter().map(self::ground).collect::<Vec<_>>(),
        }),
        Ground::Rule { has, fits } => json!({
            "kind": "match", "fits": fits,
            "has": has.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        }),
    }
}
