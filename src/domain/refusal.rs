//! Refusals that name a recipient and mean the sender.

use std::collections::BTreeSet;

/// So many recipients in a row, and it is about us.
const IN_A_ROW: usize = 3;

/// Refusals in a row, in the same words about policy.
///
/// A server that has had enough of a sender for the day often says so to each recipient. Taken at
/// its word it would turn every notice into one that is never tried again.
#[derive(Debug)]
pub struct RefusalStreak<T> {
    words: String,
    /// By address: the same recipient refused again proves nothing more.
    members: Vec<(String, T)>,
    /// Refusals of rows that were broken, with their words.
    earlier: Vec<(String, T)>,
    /// The words that turned out to be about the sender.
    about_sender: Option<String>,
}

impl<T> Default for RefusalStreak<T> {
    fn default() -> Self {
        Self {
            words: String::new(),
            members: Vec::new(),
            earlier: Vec::new(),
            about_sender: None,
        }
    }
}

impl<T> RefusalStreak<T> {
    /// Notes the refusal of one recipient. With the third of its kind in a row it gives back all in
    /// these words: they were refused because of who we are. An earlier one may stand apart from the
    /// row, where a mail taken before it was answered later; a later one was under way beside the
    /// third.
    pub fn refused(&mut self, reply: &str, address: &str, member: T) -> Option<Vec<T>> {
        if !is_about_policy(reply) {
            self.broken();
            return None;
        }
        let words = words_of(reply, address);
        if self.about_sender.as_ref() == Some(&words) {
            return Some(vec![member]);
        }
        if words != self.words {
            self.broken();
            self.words.clone_from(&words);
        }
        self.members.push((address.to_lowercase(), member));
        let recipients: BTreeSet<&str> = self.members.iter().map(|(address, _)| address.as_str()).collect();
        if recipients.len() < IN_A_ROW {
            return None;
        }
        self.broken();
        let all = std::mem::take(&mut self.earlier).into_iter();
        let same = all.filter(|(earlier, _)| *earlier == words);
        let same = same.map(|(_, member)| member).collect();
        self.about_sender = Some(words);
        Some(same)
    }

    /// Notes that a recipient was not refused.
    pub fn broken(&mut self) {
        let words = std::mem::take(&mut self.words);
        let members = self.members.drain(..);
        self.earlier
            .extend(members.map(|(_, member)| (words.clone(), member)));
    }
}

/// Whether a refusal of one recipient may be about the sender: 5.7.x (RFC 3463: security or policy),
/// 5.4.5, which Google says for a daily limit, or no such code and a word about relaying.
pub fn is_about_policy(reply: &str) -> bool {
    let mut codes = reply
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter(|word| word.starts_with("5."))
        .peekable();
    if codes.peek().is_none() {
        // Exim, and others that know no enhanced codes.
        return reply.to_lowercase().contains("relay");
    }
    codes.any(|code| code.starts_with("5.7.") || code == "5.4.5")
}

/// The reply without what differs from one recipient to the next: the address, and words with
/// figures in them, such as the number of a session. The codes at its beginning stay.
fn words_of(reply: &str, address: &str) -> String {
    let reply = reply.to_lowercase().replace(&address.to_lowercase(), "");
    let is_code = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    let (codes, words): (Vec<_>, Vec<_>) = reply
        .split_whitespace()
        .enumerate()
        .partition(|(at, word)| *at < 2 && is_code(word));
    let tells = words
        .iter()
        .map(|(_, word)| *word)
        .filter(|word| !word.chars().any(|c| c.is_ascii_digit()));
    codes
        .iter()
        .map(|(_, code)| *code)
        .chain(tells)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: &str = "550 5.7.1 daily limit reached, ref 1732372743";

    fn address(nth: usize) -> String {
        format!("p{nth}@x.example")
    }

    /// These replies, each to another recipient.
    fn streak(replies: &[&str]) -> Vec<Option<Vec<usize>>> {
        let mut streak = RefusalStreak::default();
        let refused = |(nth, reply): (usize, &&str)| streak.refused(reply, &address(nth), nth);
        replies.iter().enumerate().map(refused).collect()
    }

    #[test]
    fn the_third_refusal_in_the_same_policy_words_is_about_the_sender() {
        let same = [
            "550 5.7.1 <p0@x.example>: daily limit reached (session 1f2e) 17",
            "550 5.7.1 <p1@x.example>: daily limit reached (session 77aa) 18",
            "550 5.7.1 <P2@X.example>: daily limit reached (session 0003) 19",
        ];
        assert_eq!(streak(&same), [None, None, Some(vec![0, 1, 2])]);
    }

    #[test]
    fn servers_that_say_it_with_another_code_or_with_none_mean_the_sender_too() {
        for words in [
            "550 relay not permitted",
            "550 Relaying denied.",
            "550 5.4.5 Daily user sending limit exceeded",
        ] {
            assert_eq!(streak(&[words; 3]), [None, None, Some(vec![0, 1, 2])], "{words}");
        }
        for words in [
            "550 no such user",
            "550 5.4.4 no route",
            "550 5.1.2 bad relay domain",
        ] {
            assert_eq!(streak(&[words; 3]), [None, None, None], "{words}");
        }
    }

    #[test]
    fn a_fourth_one_under_way_is_about_the_sender_too() {
        let other = "550 5.7.1 blocked";
        let expected = [
            None,
            None,
            Some(vec![0, 1, 2]),
            Some(vec![3]),
            None,
            Some(vec![5]),
        ];
        assert_eq!(streak(&[LIMIT, LIMIT, LIMIT, LIMIT, other, LIMIT]), expected);
    }

    #[test]
    fn one_recipient_refused_three_times_is_about_the_recipient() {
        let mut streak = RefusalStreak::default();
        for member in 0..3 {
            assert_eq!(streak.refused(LIMIT, "Desk@x.example", member), None);
        }
        assert_eq!(streak.refused(LIMIT, "a@x.example", 3), None);
        assert_eq!(streak.refused(LIMIT, "b@x.example", 4), Some(vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn other_words_other_codes_and_a_success_break_the_row() {
        let unknown = "550 5.1.1 no such user";
        assert_eq!(streak(&[unknown, unknown, unknown]), [None, None, None]);
        let blocked = "550 5.7.1 you are blocked";
        assert_eq!(streak(&[LIMIT, LIMIT, blocked, LIMIT]), [None, None, None, None]);
        let mut broken = RefusalStreak::default();
        let refused =
            |streak: &mut RefusalStreak<usize>, nth: usize| streak.refused(LIMIT, &address(nth), nth);
        assert_eq!((refused(&mut broken, 1), refused(&mut broken, 2)), (None, None));
        broken.broken();
        assert_eq!(refused(&mut broken, 3), None);
        assert_eq!(broken.refused(blocked, &address(4), 4), None);
        assert_eq!((refused(&mut broken, 5), refused(&mut broken, 6)), (None, None));
        // The row is complete, and so nobody stays given up in these words.
        assert_eq!(refused(&mut broken, 7), Some(vec![1, 2, 3, 5, 6, 7]));
    }
}
