//! Every fault that the sandbox knows, on the second page of the user list: once, and for good. A run
//! that gets through has everybody; any other has mailed nobody.

use std::collections::{BTreeMap, BTreeSet};

use onelogin_sandbox::{BodyShape, Fault, FaultKind, FieldVariant, RetryAfter};
use onelogin_steward::config::Environment;

use crate::support::staff::staff;
use crate::support::world::World;

const PEOPLE: i64 = 250;
/// At the 100 rows a page that the sandbox gives.
const PAGES: u64 = 3;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Everybody was read and mailed.
    Good,
    /// Nobody was mailed, exit code 1.
    Failed,
}
use End::{Failed, Good};

/// The fault, how a run ends that meets it once, and how one ends that meets it at every call.
fn cases() -> Vec<(FaultKind, End, End)> {
    let throttled = |retry_after| FaultKind::Throttled {
        code: 429,
        retry_after,
    };
    let status = |code| FaultKind::Status {
        code,
        body: BodyShape::Html,
        headers: BTreeMap::new(),
    };
    vec![
        (status(502), Good, Failed),
        (status(500), Good, Failed),
        // Not a failure of the moment, so it is not tried again.
        (status(418), Failed, Failed),
        (FaultKind::TooManyRequests { retry_after: None }, Good, Failed),
        (throttled(RetryAfter::Absent), Good, Failed),
        (throttled(RetryAfter::Seconds(0)), Good, Failed),
        (throttled(RetryAfter::Seconds(-5)), Good, Failed),
        (throttled(RetryAfter::HttpDate(0)), Good, Failed),
        (throttled(RetryAfter::Text("soon".to_owned())), Good, Failed),
        // Nobody waits for an hour, or for thirty years.
        (throttled(RetryAfter::Seconds(3600)), Failed, Failed),
        (throttled(RetryAfter::HttpDate(3600)), Failed, Failed),
        (throttled(RetryAfter::Absurd), Failed, Failed),
        (FaultKind::Timeout, Good, Failed),
        (FaultKind::ConnectionReset, Good, Failed),
        (FaultKind::TruncatedJson, Good, Failed),
        (FaultKind::WrongBody, Good, Failed),
        (
            FaultKind::WrongJson(serde_json::json!({ "users": [] })),
            Good,
            Failed,
        ),
        (FaultKind::WrappedRows("users".to_owned()), Good, Failed),
        (FaultKind::EmptyPage, Good, Failed),
        (FaultKind::WrongTotalCount(2), Good, Failed),
        (FaultKind::WrongTotalCount(-2), Good, Failed),
        (FaultKind::TotalCountText("many".to_owned()), Good, Failed),
        (FaultKind::NoTotalCount, Good, Failed),
        // A list that goes round in circles is no list, also when it did so once.
        (FaultKind::RepeatedCursor, Failed, Failed),
        (FaultKind::WrongCursor("elsewhere".to_owned()), Failed, Failed),
        (FaultKind::CursorCycle, Failed, Failed),
        (FaultKind::EndlessCursor, Good, Failed),
        (FaultKind::ShiftingPage(1), Good, Failed),
        (FaultKind::ShiftingPage(-1), Good, Failed),
        (FaultKind::TokenRevoked, Good, Failed),
        (FaultKind::HalfBatch { code: 500 }, Good, Failed),
        (FaultKind::HugeBody { bytes: 33 << 20 }, Good, Failed),
        (
            FaultKind::SlowBody {
                chunk_bytes: 1,
                pause_ms: 100,
            },
            Good,
            Failed,
        ),
        (FaultKind::LateAnswer { ms: 20 }, Good, Good),
        (
            FaultKind::Redirect {
                to: "http://127.0.0.1:1/".to_owned(),
                code: 302,
            },
            Failed,
            Failed,
        ),
        // Unknown in the list of API v2 is known in the one of v1.
        (
            FaultKind::FieldVariant {
                field: "email".to_owned(),
                variant: FieldVariant::Absent,
            },
            Good,
            Good,
        ),
    ]
}

/// The name of a fault. A new one does not compile until it has a name here, and the test below
/// fails until it has a case.
fn name(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::Status { .. } => "status",
        FaultKind::TooManyRequests { .. } => "too many requests",
        FaultKind::Throttled { .. } => "throttled",
        FaultKind::Timeout => "timeout",
        FaultKind::ConnectionReset => "connection reset",
        FaultKind::TruncatedJson => "truncated json",
        FaultKind::WrongBody => "wrong body",
        FaultKind::WrongJson(_) => "wrong json",
        FaultKind::WrappedRows(_) => "wrapped rows",
        FaultKind::EmptyPage => "empty page",
        FaultKind::WrongTotalCount(_) => "wrong total count",
        FaultKind::TotalCountText(_) => "total count text",
        FaultKind::NoTotalCount => "no total count",
        FaultKind::RepeatedCursor => "repeated cursor",
        FaultKind::WrongCursor(_) => "wrong cursor",
        FaultKind::CursorCycle => "cursor cycle",
        FaultKind::EndlessCursor => "endless cursor",
        FaultKind::ShiftingPage(_) => "shifting page",
        FaultKind::HalfBatch { .. } => "half batch",
        FaultKind::TokenRevoked => "token revoked",
        FaultKind::HugeBody { .. } => "huge body",
        FaultKind::SlowBody { .. } => "slow body",
        FaultKind::LateAnswer { .. } => "late answer",
        FaultKind::Redirect { .. } => "redirect",
        FaultKind::FieldVariant { .. } => "field variant",
    }
}
const KINDS: usize = 25;

async fn check(faults: Vec<Fault>, expected: End, what: &str) {
    let world = World::new(staff(PEOPLE)).await;
    let faults: Vec<_> = faults
        .into_iter()
        .map(|fault| world.control.add_fault(fault))
        .collect();
    let impatient = Environment::from_pairs([("ONELOGIN_STEWARD__ONELOGIN__TIMEOUT", "1s")]);
    let run = world.run_expiry_in(&[], impatient).await;
    for fault in faults {
        assert!(world.control.fault_fired(fault) > 0, "{what} never struck");
    }
    match expected {
        Good => {
            assert_eq!(
                (run.status.as_str(), run.output.code),
                ("succeeded", 0),
                "{what}: {run:?}"
            );
            assert_eq!(world.mails(), usize::try_from(PEOPLE).unwrap(), "{what}");
        }
        Failed => {
            assert_eq!(
                (run.status.as_str(), run.output.code),
                ("failed", 1),
                "{what}: {run:?}"
            );
            assert_eq!(
                (world.mails(), run.rows),
                (0, 0),
                "{what}: something partial was used"
            );
        }
    }
    assert!(world.control.mutations().is_empty(), "{what}");
}

fn on_users(kind: &FaultKind) -> Fault {
    Fault::on("GET /api/2/users", kind.clone())
}

#[test]
fn every_fault_has_a_case() {
    let names: BTreeSet<&str> = cases().iter().map(|(kind, _, _)| name(kind)).collect();
    assert_eq!(names.len(), KINDS, "{names:?}");
}

#[tokio::test]
async fn a_fault_that_strikes_once() {
    for (kind, once, _) in cases() {
        check(vec![on_users(&kind).nth(2)], once, &format!("{kind:?} once")).await;
    }
}

#[tokio::test]
async fn a_fault_that_stays() {
    for (kind, _, always) in cases() {
        let faults = match kind {
            // In the middle of both walks; at every call it would be one consistent, shorter list.
            FaultKind::ShiftingPage(_) => vec![on_users(&kind).nth(2), on_users(&kind).nth(PAGES + 2)],
            _ => vec![on_users(&kind).starting_at(2)],
        };
        check(faults, always, &format!("{kind:?} for good")).await;
    }
}
