//! One connection: the commands of SMTP, and where the script speaks.

use std::io;
use std::sync::Arc;

use mail_parser::decoders::base64::base64_decode;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::ledger::{InFlight, Ledger, Received};
use super::script::{Act, Step};
use super::stream::Lines;

/// How connections are protected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    None,
    StartTls,
    Implicit,
}

/// What all sessions of a server share.
pub(super) struct Options {
    pub(super) protection: Protection,
    pub(super) login: Option<(String, String)>,
    pub(super) acceptor: TlsAcceptor,
    pub(super) smtputf8: bool,
    pub(super) ledger: Arc<Ledger>,
}

/// What follows after an exchange.
enum Next {
    Continue,
    StartTls,
    Close,
}

/// Serves one connection. A client that breaks it off is no concern of the server.
pub(super) async fn serve(tcp: TcpStream, options: Arc<Options>) {
    let _: io::Result<()> = async {
        if options.protection == Protection::Implicit {
            let tls = options.acceptor.accept(tcp).await?;
            return Session::new(tls, true, &options).run(true).await.map(drop);
        }
        if let Some(tcp) = Session::new(tcp, false, &options).run(true).await? {
            let tls = options.acceptor.accept(tcp).await?;
            Session::new(tls, true, &options).run(false).await?;
        }
        Ok(())
    }
    .await;
}

struct Session<'a, S> {
    lines: Lines<S>,
    tls: bool,
    options: &'a Options,
    user: Option<String>,
    envelope: Option<Envelope<'a>>,
}

struct Envelope<'a> {
    from: String,
    recipients: Vec<String>,
    _in_flight: InFlight<'a>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Session<'a, S> {
    fn new(stream: S, tls: bool, options: &'a Options) -> Self {
        Self {
            lines: Lines::new(stream),
            tls,
            options,
            user: None,
            envelope: None,
        }
    }

    /// Talks until one side has had enough; gives the stream back where STARTTLS is to follow.
    async fn run(mut self, greet: bool) -> io::Result<Option<S>> {
        if greet {
            let act = self.options.ledger.act_at(Step::Greeting, &[]);
            if matches!(self.carry_out(act, "220 test ESMTP").await?, Next::Close) {
                return Ok(None);
            }
        }
        while let Some(line) = self.lines.next_text().await? {
            match self.obey(&line).await? {
                Next::Continue => {}
                Next::StartTls => return Ok(self.lines.into_inner()),
                Next::Close => break,
            }
        }
        Ok(None)
    }

    async fn obey(&mut self, line: &str) -> io::Result<Next> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" => self.ehlo().await,
            "STARTTLS" if self.offers_starttls() => {
                self.say("220 2.0.0 go ahead").await?;
                Ok(Next::StartTls)
            }
            "AUTH" => self.auth(rest).await,
            "MAIL" => self.mail(rest).await,
            "RCPT" => self.rcpt(rest).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.envelope = None;
                self.say("250 2.0.0 forgotten").await
            }
            "NOOP" => self.say("250 2.0.0 still here").await,
            "QUIT" => {
                self.say("221 2.0.0 bye").await?;
                Ok(Next::Close)
            }
            _ => self.say("502 5.5.1 not known here").await,
        }
    }

    async fn ehlo(&mut self) -> io::Result<Next> {
        let mut lines = vec!["250-localhost", "250-8BITMIME"];
        if self.offers_starttls() {
            lines.push("250-STARTTLS");
        }
        if self.options.login.is_some() && self.protected_enough() {
            lines.push("250-AUTH PLAIN LOGIN");
        }
        if self.options.smtputf8 {
            lines.push("250-SMTPUTF8");
        }
        lines.push("250 ENHANCEDSTATUSCODES");
        let act = self.options.ledger.act_at(Step::Ehlo, &[]);
        self.carry_out(act, &lines.join("\r\n")).await
    }

    async fn auth(&mut self, rest: &str) -> io::Result<Next> {
        if !self.protected_enough() {
            return self.say("530 5.7.0 STARTTLS first").await;
        }
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let shown = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => self.ask(initial, "334 ").await?.and_then(|plain| {
                let mut parts = plain.split('\0').skip(1).map(str::to_owned);
                Some((parts.next()?, parts.next()?))
            }),
            "LOGIN" => {
                let user = self.ask(initial, "334 VXNlcm5hbWU6").await?;
                let password = self.ask("", "334 UGFzc3dvcmQ6").await?;
                user.zip(password)
            }
            _ => return self.say("504 5.5.4 no such mechanism").await,
        };
        let right = shown.is_some() && shown == self.options.login;
        let act = self.options.ledger.act_at(Step::Auth, &[]);
        if right && !refuses(act) {
            self.user = shown.map(|(user, _)| user);
        }
        let usual = if right {
            "235 2.7.0 welcome"
        } else {
            "535 5.7.8 wrong user name or password"
        };
        self.carry_out(act, usual).await
    }

    /// What the client sent with the command, or sends when asked; out of base64.
    async fn ask(&mut self, initial: &str, prompt: &str) -> io::Result<Option<String>> {
        let mut sent = initial.to_owned();
        if sent.is_empty() {
            self.say(prompt).await?;
            sent = self.lines.next_text().await?.unwrap_or_default();
        }
        Ok(base64_decode(sent.as_bytes()).and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    async fn mail(&mut self, rest: &str) -> io::Result<Next> {
        if !self.protected_enough() {
            return self.say("530 5.7.0 STARTTLS first").await;
        }
        if self.options.login.is_some() && self.user.is_none() {
            return self.say("530 5.7.0 authentication required").await;
        }
        let ledger = &self.options.ledger;
        let act = ledger.act_at(Step::Mail, &[]);
        self.envelope = (!refuses(act)).then(|| Envelope {
            from: address(rest),
            recipients: Vec::new(),
            _in_flight: ledger.in_flight(),
        });
        self.carry_out(act, "250 2.1.0 ok").await
    }

    async fn rcpt(&mut self, rest: &str) -> io::Result<Next> {
        if self.envelope.is_none() {
            return self.say("503 5.5.1 MAIL first").await;
        }
        let recipient = address(rest);
        let act = self
            .options
            .ledger
            .act_at(Step::Rcpt, std::slice::from_ref(&recipient));
        if let (false, Some(envelope)) = (refuses(act), &mut self.envelope) {
            envelope.recipients.push(recipient);
        }
        self.carry_out(act, "250 2.1.5 ok").await
    }

    async fn data(&mut self) -> io::Result<Next> {
        if self
            .envelope
            .as_ref()
            .is_none_or(|envelope| envelope.recipients.is_empty())
        {
            return self.say("503 5.5.1 RCPT first").await;
        }
        let act = self.options.ledger.act_at(Step::Data, &[]);
        let next = self.carry_out(act, "354 end with a dot").await?;
        if refuses(act) || matches!(next, Next::Close) {
            self.envelope = None;
            return Ok(next);
        }
        let Some(data) = self.lines.read_mail().await? else {
            return Ok(Next::Close);
        };
        // Held until the answer is out: the mail is in flight as long as its sender does not know.
        let Some(envelope) = self.envelope.take() else {
            return Ok(Next::Close);
        };
        let act = self.options.ledger.act_at(Step::EndOfData, &envelope.recipients);
        if !refuses(act) {
            self.options.ledger.keep(Received {
                envelope_from: envelope.from.clone(),
                recipients: envelope.recipients.clone(),
                data,
                tls: self.tls,
                authenticated_as: self.user.clone(),
            });
        }
        self.carry_out(act, "250 2.0.0 taken").await
    }

    /// Answers as the script wants it, or as usual.
    async fn carry_out(&mut self, act: Option<Act>, usual: &str) -> io::Result<Next> {
        match act {
            None => self.say(usual).await,
            Some(Act::Reply(reply)) => {
                self.say(reply).await?;
                Ok(if reply.starts_with("421") {
                    Next::Close
                } else {
                    Next::Continue
                })
            }
            Some(Act::AnswerThenClose) => {
                self.say(usual).await?;
                Ok(Next::Close)
            }
            Some(Act::Close) => Ok(Next::Close),
            Some(Act::Hang) => {
                self.options.ledger.note_hang();
                // Until the client has had enough, or the server ends.
                while self.lines.next().await?.is_some() {}
                Ok(Next::Close)
            }
        }
    }

    async fn say(&mut self, line: &str) -> io::Result<Next> {
        self.lines.say(line).await?;
        Ok(Next::Continue)
    }

    fn offers_starttls(&self) -> bool {
        self.options.protection == Protection::StartTls && !self.tls
    }

    fn protected_enough(&self) -> bool {
        self.options.protection == Protection::None || self.tls
    }
}

/// Whether the script answers with something else than yes. A `3xx` is the yes to `DATA`.
fn refuses(act: Option<Act>) -> bool {
    matches!(act, Some(Act::Reply(reply)) if !reply.starts_with(['2', '3']))
}

/// The address between the angle brackets of `MAIL FROM:<…>` and `RCPT TO:<…>`.
fn address(rest: &str) -> String {
    let inner = rest.split_once('<').and_then(|(_, after)| after.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}
