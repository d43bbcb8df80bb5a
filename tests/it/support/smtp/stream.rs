//! Lines in, lines out, over whatever carries them.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

/// A connection read line by line.
pub(super) struct Lines<S>(BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Lines<S> {
    pub(super) fn new(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    /// The stream itself; `None` where the client has sent more than it should have by now.
    pub(super) fn into_inner(self) -> Option<S> {
        self.0.buffer().is_empty().then(|| self.0.into_inner())
    }

    /// The next line without its end; `None` where the client has gone.
    pub(super) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if self.0.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        if line.ends_with(b"\n") {
            line.pop();
        }
        if line.ends_with(b"\r") {
            line.pop();
        }
        Ok(Some(line))
    }

    /// The next line as text, for commands.
    pub(super) async fn next_text(&mut self) -> io::Result<Option<String>> {
        Ok(self
            .next()
            .await?
            .map(|line| String::from_utf8_lossy(&line).into_owned()))
    }

    /// Lines up to the lone dot, with the dots of the protocol taken off.
    pub(super) async fn read_mail(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut mail = Vec::new();
        while let Some(line) = self.next().await? {
            match line.strip_prefix(b".") {
                Some(b"") => return Ok(Some(mail)),
                Some(rest) => mail.extend_from_slice(rest),
                None => mail.extend_from_slice(&line),
            }
            mail.extend_from_slice(b"\r\n");
        }
        Ok(None)
    }

    /// Sends a line.
    pub(super) async fn say(&mut self, line: &str) -> io::Result<()> {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.0.flush().await
    }
}
