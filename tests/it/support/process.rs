//! A program that runs beside the test: its lines, its signals, its end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;

/// A running program. One that still runs when the value is dropped is killed.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    /// Starts it and listens to what it writes, on stdout and on stderr.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        forward(child.stdout.take().unwrap(), sender.clone());
        forward(child.stderr.take().unwrap(), sender);
        Self {
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// The next line that contains `text`, which may have been written long ago but was not yet
    /// returned by an earlier wait.
    ///
    /// # Panics
    /// Where the program ends, or [`PATIENCE`] does, before there is one; with all that was written.
    pub(crate) fn wait_for_line(&mut self, text: &str) -> String {
        self.wait_longer_for_line(text, Duration::ZERO)
    }

    /// The same for a line that is due only after a while.
    pub(crate) fn wait_longer_for_line(&mut self, text: &str, due_in: Duration) -> String {
        let deadline = Instant::now() + PATIENCE + due_in;
        loop {
            match self.next_line(deadline) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(why) => panic!(
                    "no line with {text:?}: {why}; it wrote:\n{}",
                    self.seen.join("\n")
                ),
            }
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).unwrap();
    }

    /// Waits for its end and gives its exit code.
    ///
    /// # Panics
    /// Where it does not end within [`PATIENCE`], or is ended by a signal; with all that it wrote.
    pub(crate) fn wait(&mut self) -> i32 {
        let status = self.wait_for_end();
        status
            .code()
            .unwrap_or_else(|| panic!("ended by {status}; it wrote:\n{}", self.seen.join("\n")))
    }

    /// Waits for its end, whether it ends by itself or by a signal.
    ///
    /// # Panics
    /// Where it does not end within [`PATIENCE`]; with all that it wrote.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        // Both streams end with the process, so nothing needs to be polled.
        let end = loop {
            if let Err(end) = self.next_line(deadline) {
                break end;
            }
        };
        assert!(
            end == RecvTimeoutError::Disconnected,
            "it does not end; it wrote:\n{}",
            self.seen.join("\n")
        );
        self.child.wait().unwrap()
    }

    /// Every line read so far: all of them after [`Self::wait`].
    pub(crate) fn lines(&self) -> &[String] {
        &self.seen
    }

    fn next_line(&mut self, deadline: Instant) -> Result<String, RecvTimeoutError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = self.lines.recv_timeout(left)?;
        self.seen.push(line.clone());
        Ok(line)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it has ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn forward(stream: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
}
