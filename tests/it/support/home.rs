//! A directory of the test's own with a configuration in it, and the built program run on it.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::process::Running;

/// The directory, removed with the value.
pub(crate) struct Home(TempDir);

/// What a program that has ended left behind.
#[derive(Debug)]
pub(crate) struct Output {
    /// Its exit code.
    pub(crate) code: i32,
    /// What it wrote on stdout.
    pub(crate) stdout: String,
    /// What it wrote on stderr.
    pub(crate) stderr: String,
}

impl Home {
    /// A new, empty one.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path inside it.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(relative)
    }

    /// Writes a file, and the directories above it; gives its path.
    pub(crate) fn write(&self, relative: impl AsRef<Path>, text: &str) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Writes config.toml, on which [`Self::steward`] and [`Self::spawn`] run.
    pub(crate) fn config(&self, text: &str) -> PathBuf {
        self.write("config.toml", text)
    }

    /// The program with these arguments after `--config`, inside the directory and with no
    /// environment but PATH. For tests that set more; the others take [`Self::steward`].
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onelogin-steward"));
        #[expect(
            clippy::disallowed_methods,
            reason = "the one variable that the program is to keep"
        )]
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", path)
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .arg("--config")
            .arg(self.path("config.toml"))
            .args(args);
        command
    }

    /// The same as a user whom a mode can keep out. Root writes and reads everything, so a test that
    /// runs as root runs the program as somebody else, who is given the directory.
    pub(crate) fn command_without_privileges(&self, args: &[&str]) -> Command {
        let command = self.command(args);
        if !rustix::process::geteuid().is_root() {
            return command;
        }
        // From where that user can reach it.
        let program = self.path("onelogin-steward");
        fs::copy(env!("CARGO_BIN_EXE_onelogin-steward"), &program).unwrap();
        give_away(self.0.path());
        let mut unprivileged = Command::new(program);
        unprivileged
            .args(command.get_args())
            .env_clear()
            .uid(NOBODY)
            .gid(NOBODY);
        unprivileged
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// Where a signal ends it.
    pub(crate) fn steward(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let code = output.status.code();
        let code = code.unwrap_or_else(|| panic!("ended by {}; stderr:\n{stderr}", output.status));
        Output { code, stdout, stderr }
    }

    /// Starts the program and leaves it running.
    pub(crate) fn spawn(&self, args: &[&str]) -> Running {
        Running::start(&mut self.command(args))
    }
}

const NOBODY: u32 = 65534;

fn give_away(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give_away(&entry.unwrap().path());
        }
    }
}
