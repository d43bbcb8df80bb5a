//! systemd's end of sd_notify(3).

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;

use super::PATIENCE;
use super::world::World;

/// The socket on which a service tells how it stands.
pub(crate) struct Systemd {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Systemd {
    pub(crate) fn listen(world: &World) -> Self {
        let path = world.home.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, path }
    }

    /// Lets a program be its service, with signs of life due each `watchdog` microseconds.
    pub(crate) fn serve(&self, command: &mut Command, watchdog: Option<u32>) {
        command.env("NOTIFY_SOCKET", &self.path);
        if let Some(watchdog) = watchdog {
            command.env("WATCHDOG_USEC", watchdog.to_string());
        }
    }

    /// The next message, whole.
    ///
    /// # Panics
    /// Where none comes.
    pub(crate) fn told(&self) -> String {
        let mut message = [0; 1024];
        let length = self.socket.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..length]).trim().to_owned()
    }

    /// The next message with this text; those before it are dropped.
    pub(crate) fn told_with(&self, text: &str) -> String {
        loop {
            let told = self.told();
            if told.contains(text) {
                return told;
            }
        }
    }
}
