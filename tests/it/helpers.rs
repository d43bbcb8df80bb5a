//! The helpers of `support`, tried on their own.

use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::support::admins::{assert_says, subjects};
use crate::support::home::Home;
use crate::support::mailbox::{Mail, mails_below};
use crate::support::process::Running;

const MAIL: &str = "From: IT <it@acme.example>\r\n\
    To: Ana <ana@acme.example>, bo@acme.example\r\n\
    Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\
    Auto-Submitted: auto-generated\r\n\
    Content-Type: multipart/alternative; boundary=x\r\n\r\n\
    --x\r\nContent-Type: text/plain\r\n\r\nin 7 days\r\n\
    --x\r\nContent-Type: text/html\r\n\r\n<b>in 7 days</b>\r\n--x--\r\n";

/// A shell as a stand-in for the daemon: ready, then waiting for its end on SIGTERM.
fn waiting_shell() -> Running {
    let script =
        "trap 'echo stopped; exit 7' TERM; echo started; echo ready >&2; while read -r _; do :; done";
    Running::start(Command::new("sh").args(["-c", script]).stdin(Stdio::piped()))
}

#[test]
fn a_mail_is_read_back_with_both_parts_and_its_headers() {
    let mail = Mail::parse(MAIL.as_bytes());
    assert_eq!(mail.from, "it@acme.example");
    assert_eq!(mail.to, ["ana@acme.example", "bo@acme.example"]);
    assert_eq!(mail.subject, "Grüße");
    assert_eq!(mail.text.trim(), "in 7 days");
    assert_eq!(mail.html.trim(), "<b>in 7 days</b>");
    assert_eq!(mail.header("auto-submitted"), Some("auto-generated"));
    assert_eq!(mail.header("Reply-To"), None);
}

#[test]
fn words_of_a_mail_are_found_wherever_its_lines_break() {
    let mail = Mail::parse(b"Subject: x\r\nContent-Type: text/plain\r\n\r\nnobody\r\n  was mailed\r\n");
    assert_says(&mail, &["nobody was mailed"]);
    assert_eq!(subjects(&[mail]), ["x"]);
}

#[test]
#[should_panic(expected = "no \"everybody\"")]
fn words_that_a_mail_lacks_are_not_found() {
    assert_says(
        &Mail::parse(b"Content-Type: text/plain\r\n\r\nnobody\r\n"),
        &["everybody"],
    );
}

#[test]
fn a_part_that_a_mail_lacks_is_empty_and_not_made_up() {
    let mail = Mail::parse(b"From: it@acme.example\r\nContent-Type: text/plain\r\n\r\nonly text\r\n");
    assert_eq!(mail.text.trim(), "only text");
    assert_eq!(mail.html, "");
}

#[test]
fn mails_are_found_in_folders_below_in_the_order_of_their_paths() {
    let home = Home::new();
    for (path, subject) in [
        ("outbox/b/1.eml", "third"),
        ("outbox/a.eml", "first"),
        ("outbox/b/0.eml", "second"),
    ] {
        home.write(path, &format!("Subject: {subject}\r\n\r\nx\r\n"));
    }
    home.write("outbox/notes.txt", "no mail");
    let subjects: Vec<_> = mails_below(&home.path("outbox"))
        .into_iter()
        .map(|mail| mail.subject)
        .collect();
    assert_eq!(subjects, ["first", "second", "third"]);
    assert!(mails_below(&home.path("nowhere")).is_empty());
}

#[test]
fn the_built_program_runs_to_its_end() {
    let home = Home::new();
    home.config("");
    let output = home.steward(&["--version"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(output.stderr, "", "{}", output.stdout);
    assert_eq!(home.spawn(&["--version"]).wait(), 0);
}

#[test]
fn a_line_is_awaited_and_a_signal_ends_the_program() {
    let mut shell = waiting_shell();
    shell.wait_for_line("ready");
    shell.signal(Signal::TERM);
    assert_eq!(shell.wait(), 7);
    assert!(
        shell.lines().iter().any(|line| line == "stopped"),
        "{:?}",
        shell.lines()
    );
}

#[test]
#[should_panic(expected = "no line with \"never\"")]
fn a_line_that_never_comes_ends_the_wait_with_the_program() {
    let mut shell = waiting_shell();
    shell.wait_for_line("ready");
    shell.signal(Signal::TERM);
    shell.wait_for_line("never");
}

#[test]
fn a_program_left_running_is_killed_with_its_value() {
    let mut shell = waiting_shell();
    shell.wait_for_line("ready");
    let id = shell.id();
    drop(shell);
    assert!(rustix::process::test_kill_process(id).is_err());
}
