//! The calls of one role: in batches, halved where they are refused, looked at before they are
//! sent again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::apply::Applying;
use super::queue::Queue;
use super::report::Halt;
use super::steps::{Progress, Role, Said};
use crate::domain::role::change::Direction;
use crate::domain::user::UserId;
use crate::onelogin::{Error, LONGEST_RESET, Verdict, Written};
use crate::store::Intention;

/// Single people refused one after the other, after which the role is looked at before it goes on.
const MOST_REFUSED: u32 = 5;

/// Lost calls without any effect, after which a role is given up.
const MOST_LOST: u32 = 2;

/// Whether a refusal may be about a person in the list, or about its length. 401 and 403 are about
/// the credential, others about something that no other list would mend.
fn is_about_the_list(status: u16) -> bool {
    matches!(status, 400 | 404 | 409 | 413 | 422)
}

impl Applying<'_> {
    /// Makes the calls of one direction of a role.
    pub(super) async fn write(&mut self, role: &mut Role, direction: Direction) {
        let waiting = role.items(direction).iter();
        let waiting = waiting.filter(|item| matches!(item.progress, Progress::Waiting));
        let mut queue = Queue::new(waiting.map(|item| item.step.user));
        while let Some(piece) = queue.next() {
            let Some(written) = self.call(role, direction, &piece).await else {
                return;
            };
            let goes_on = match written.verdict {
                Verdict::Applied => {
                    queue.taken = queue.taken.max(piece.len());
                    (queue.refused_in_a_row, queue.lost) = (0, 0);
                    true
                }
                Verdict::Refused(status) if is_about_the_list(status) => {
                    self.refused(role, piece, status, &mut queue).await
                }
                Verdict::Lost => {
                    self.lost(role, direction, piece, &written.words, &mut queue)
                        .await
                }
                // Throttled calls are made again by `call`.
                Verdict::Refused(_) | Verdict::Throttled(_) => {
                    self.count_failure(&written.words);
                    false
                }
            };
            if !goes_on {
                role.give_up(direction, &format!("given up after: {}", written.words));
                return;
            }
        }
    }

    /// Makes one call, and makes it again while it is throttled. The answer is noted; `None` where
    /// nothing more is to be written.
    async fn call(&mut self, role: &mut Role, direction: Direction, users: &[UserId]) -> Option<Written> {
        let (mut tries, mut pause, mut waited) = (0, self.tools.bounds.calls.first_pause, Duration::ZERO);
        loop {
            if self.may_call() {
                self.wait_for(self.tools.writer.wait_for_turn()).await;
            }
            if !self.may_call() || !self.intend(role, direction, users).await {
                return None;
            }
            let writer = self.tools.writer;
            let written = match direction {
                Direction::Add => writer.add_members(role.id, users).await,
                Direction::Remove => writer.remove_members(role.id, users).await,
            };
            let written = match written {
                Ok(written) => written,
                Err(error) => {
                    self.refused_a_token(role, direction, users, &error);
                    return None;
                }
            };
            self.note(role, direction, users, &written).await;
            let Verdict::Throttled(reset) = written.verdict else {
                return Some(written);
            };
            tries += 1;
            let patience = self.tools.bounds.calls;
            let wait = match reset {
                Some(reset) if reset > LONGEST_RESET => {
                    let seconds = reset.as_secs();
                    self.halt(Halt::Throttled(format!(
                        "OneLogin throttles (429) and asks to wait for {seconds} seconds; the rest is left to a later run"
                    )));
                    return None;
                }
                Some(reset) => reset,
                None => {
                    waited += pause;
                    pause *= 2;
                    pause / 2
                }
            };
            if tries >= patience.tries || waited > patience.waiting {
                self.halt(Halt::Throttled(format!(
                    "OneLogin throttles (429), also when asked {tries} times; the rest is left to a later run"
                )));
                return None;
            }
            self.wait_for(tokio::time::sleep(wait)).await;
        }
    }

    /// Writes down what the next call may change. False, and the end of all writing, where it cannot.
    async fn intend(&mut self, role: &mut Role, direction: Direction, users: &[UserId]) -> bool {
        let wanted: BTreeSet<&UserId> = users.iter().collect();
        let items = role.items(direction).iter();
        let intentions = items
            .filter(|item| wanted.contains(&item.step.user))
            .map(|item| Intention {
                role: role.id,
                role_name: role.name.clone(),
                user: item.step.user,
                account: item.step.account.clone(),
                direction,
                cause: item.step.cause.clone(),
                approval: item.step.approval,
                counts: direction == Direction::Remove && !item.step.exempt,
            })
            .collect();
        let now = self.tools.clock.now();
        match self.tools.store.intend_changes(self.run, now, intentions).await {
            Ok(()) => true,
            Err(error) => {
                self.halt(Halt::Journal(error.to_string()));
                false
            }
        }
    }

    /// Keeps what the answer said.
    async fn note(&mut self, role: &mut Role, direction: Direction, users: &[UserId], written: &Written) {
        let said = match written.verdict {
            Verdict::Applied => Said::Yes,
            Verdict::Refused(_) | Verdict::Throttled(_) => Said::No(written.words.clone()),
            Verdict::Lost => Said::Nothing(written.words.clone()),
        };
        mark(role, direction, users, &said);
        let (words, id) = (written.words.clone(), written.request_id.clone());
        let noted = self
            .tools
            .store
            .note_answer(self.run, role.id, direction, users.to_vec(), words, id);
        if let Err(error) = noted.await {
            self.halt(Halt::Journal(error.to_string()));
        }
    }

    /// The call was not carried out, and no other would be.
    fn refused_a_token(&mut self, role: &mut Role, direction: Direction, users: &[UserId], error: &Error) {
        let words = error.to_string();
        mark(
            role,
            direction,
            users,
            &Said::No(format!("not carried out: {words}")),
        );
        self.halt(Halt::Credential(words));
    }

    /// A list, or a person, was refused. What part of a list took effect is not documented: the
    /// re-read after all calls tells. False where the role is to be given up.
    async fn refused(&mut self, role: &mut Role, piece: Vec<UserId>, status: u16, queue: &mut Queue) -> bool {
        if status == 404 && !queue.is_there {
            // Of an unknown role, or of an unknown person? One look tells.
            match self.tools.writer.client().role_name(role.id).await {
                Ok(None) => {
                    self.count_failure("the role is gone");
                    return false;
                }
                Ok(Some(_)) => queue.is_there = true,
                Err(error) if error.is_about_the_token() => {
                    self.halt(Halt::Credential(error.to_string()));
                    return false;
                }
                Err(_) => {}
            }
        }
        if piece.len() > 1 {
            queue.halve(piece);
            return true;
        }
        queue.person_refused = true;
        queue.refused_in_a_row += 1;
        if queue.refused_in_a_row < MOST_REFUSED {
            return true;
        }
        // They may all be as they should be already, which says nothing about the others.
        queue.refused_in_a_row = 0;
        let seen = self.look(role).await;
        if seen == 0 {
            self.count_failure("one person after the other is refused");
        }
        seen > 0
    }

    /// A call has no answer that counts: what took effect is settled, and what a re-read shows to
    /// be as before is called once more. False where the role is to be given up.
    async fn lost(
        &mut self,
        role: &mut Role,
        direction: Direction,
        piece: Vec<UserId>,
        words: &str,
        queue: &mut Queue,
    ) -> bool {
        if self.halt.is_some() {
            return false;
        }
        let before = open(role, direction, &piece).len();
        self.look(role).await;
        let left = open(role, direction, &piece);
        if left.is_empty() {
            return true;
        }
        // Only a proven list says who is not in it; who is seen is in any case.
        let reading = self.readings.get(&role.id);
        let is_known = reading.is_some_and(|reading| match direction {
            Direction::Add => reading.proven().is_some(),
            Direction::Remove => reading
                .seen()
                .is_some_and(|members| left.iter().all(|user| members.ids.contains(user))),
        });
        if !is_known {
            self.count_failure(words);
            return false;
        }
        if left.len() == before {
            queue.lost += 1;
            self.count_failure(words);
            if queue.lost >= MOST_LOST || self.halt.is_some() {
                return false;
            }
            let pause = self.tools.bounds.calls.first_pause;
            self.wait_for(tokio::time::sleep(pause)).await;
        }
        queue.put_back(left);
        true
    }
}

/// Those of a list who are not settled.
fn open(role: &Role, direction: Direction, users: &[UserId]) -> Vec<UserId> {
    let wanted: BTreeSet<&UserId> = users.iter().collect();
    let items = role.items(direction).iter();
    items
        .filter(|item| wanted.contains(&item.step.user))
        .filter(|item| matches!(item.progress, Progress::Called(_)))
        .map(|item| item.step.user)
        .collect()
}

fn mark(role: &mut Role, direction: Direction, users: &[UserId], said: &Said) {
    let wanted: BTreeSet<&UserId> = users.iter().collect();
    for item in role.items_mut(direction) {
        let is_settled = matches!(item.progress, Progress::Settled(..));
        if wanted.contains(&item.step.user) && !is_settled {
            item.progress = Progress::Called(said.clone());
        }
    }
}
