//! The commands: what they print, what they write, and how they end.

mod configuration;
mod demo;
mod desired_state;
mod explain;
mod forecast;
mod history;
mod mail;
mod mail_list;
mod mail_resend;
mod pause;
mod selector;
mod status;
