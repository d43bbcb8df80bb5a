//! What the server does otherwise than a good server would.

/// A moment of the conversation at which the script is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A connection was opened; the answer is the greeting.
    Greeting,
    /// `EHLO`, before and after STARTTLS.
    Ehlo,
    /// The client has shown its user name and password.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// The word `DATA`.
    Data,
    /// The whole mail has arrived; the answer decides whether the client may forget it.
    EndOfData,
}

/// Which of the occasions of a step is meant. Occasions are counted over all connections, from 1.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// Each one.
    Always,
    /// This one only.
    Nth(usize),
    /// This one and all after it.
    From(usize),
    /// Those that concern this recipient: at `Rcpt` and `EndOfData`.
    Recipient(&'static str),
    /// The first so many of those that concern this recipient.
    FirstOf(usize, &'static str),
}

/// What the server does then.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Gives this answer in the place of its own. After `421` it closes the connection, as the
    /// standard says. At [`Step::EndOfData`] a mail not answered with 2xx is not kept.
    Reply(&'static str),
    /// Gives its own answer, then closes the connection.
    AnswerThenClose,
    /// Closes the connection without an answer. At [`Step::EndOfData`] the mail is kept: the server
    /// has taken it, only the answer is lost.
    Close,
    /// Never answers. At [`Step::EndOfData`] the mail is kept, as with [`Act::Close`].
    Hang,
}

/// A line of the script.
pub(super) struct Rule {
    pub(super) step: Step,
    pub(super) when: When,
    pub(super) act: Act,
}

impl Rule {
    /// Whether this line speaks of the `nth` occasion of `step`, which concerns `recipients`, and is
    /// the `nth_of_them` that does.
    pub(super) fn meets(&self, step: Step, nth: usize, recipients: &[String], nth_of_them: usize) -> bool {
        let concerns = |address: &str| recipients.iter().any(|known| known.eq_ignore_ascii_case(address));
        self.step == step
            && match self.when {
                When::Always => true,
                When::Nth(wanted) => nth == wanted,
                When::From(first) => nth >= first,
                When::Recipient(address) => concerns(address),
                When::FirstOf(count, address) => concerns(address) && nth_of_them <= count,
            }
    }
}
