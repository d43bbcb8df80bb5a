//! Notices over real SMTP: who gets which mail, and what each answer of the server leads to.

mod content;
mod protection;
mod recheck;
mod recipients;
mod refusals;
mod rehearsal;
