//! `init DIRECTORY`: a first configuration, in rehearsal.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, BufRead as _, ErrorKind, IsTerminal as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use toml_edit::{DocumentMut, value};

use super::args::Init;
use super::exit::{Exit, Failure};
use super::session::Session;
use crate::config;

/// Where `init` expects the secret, relative to the configuration.
const SECRET: &str = "credentials/onelogin-client-secret";

/// Where the installed service is configured; an instance of `onelogin-steward@.service` in a folder below.
const SERVICE_CONFIG: &str = "/etc/onelogin-steward";

/// Where the installed service keeps its store (StateDirectory= of the unit).
const SERVICE_STATE: &str = "/var/lib/onelogin-steward";

pub(super) fn run(session: &mut Session<'_>, arguments: Init) -> Result<Exit, Failure> {
    let Init {
        directory,
        url,
        client_id,
        from,
    } = arguments;
    let file = directory.join("config.toml");
    if file.exists() {
        return Err(anyhow::anyhow!("{} exists already and is left as it is", file.display()).into());
    }
    let url = answer(
        session,
        url,
        "--url",
        "Base URL of the tenant (https://acme.onelogin.com)",
    )?;
    let client_id = answer(
        session,
        client_id,
        "--client-id",
        "Client id of the API credential",
    )?;
    let from = answer(
        session,
        from,
        "--from",
        "From of the mails (IT Service Desk <it@acme.example>)",
    )?;
    let complaint = config::complaint_about_url(&url).map(|why| format!("--url: {why}"));
    let complaint =
        complaint.or_else(|| config::complaint_about_mailbox(&from).map(|why| format!("--from: {why}")));
    if let Some(complaint) = complaint {
        return Err(Failure::Usage(complaint));
    }
    // `init .` within /etc is a place below /etc too.
    let place = std::path::absolute(&directory).context("the current directory")?;
    write(&directory, &file, &first_config(&place, &url, &client_id, &from)?)?;
    let (file, secret) = (file.display(), directory.join(SECRET));
    session.print(&format!(
        "Wrote {file}. It is a rehearsal: mails become files, nobody is written to.\n\nNext:\n  \
         1. put the client secret into {}\n  \
         2. onelogin-steward --config {file} check\n  \
         3. onelogin-steward --config {file} run password-expiry --plan\n",
        secret.display()
    ))?;
    Ok(Exit::Done)
}

/// The flag, else what the person types.
fn answer(
    session: &mut Session<'_>,
    flag: Option<String>,
    name: &str,
    question: &str,
) -> Result<String, Failure> {
    if let Some(given) = flag {
        return Ok(given);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(format!(
            "{name} is missing, and there is no terminal to ask on"
        )));
    }
    session.say(&format!("{question}: "))?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    match line.trim() {
        "" => Err(Failure::Usage(format!("{name} is needed"))),
        given => Ok(given.to_owned()),
    }
}

/// The embedded configuration with the answers filled in and everything else as it stands there.
fn first_config(directory: &Path, url: &str, client_id: &str, from: &str) -> anyhow::Result<String> {
    let mut document: DocumentMut = config::DEFAULT.parse().context("the embedded configuration")?;
    if directory.starts_with("/etc") {
        // Below /etc lies what an administrator writes; the service writes elsewhere, each tenant for itself.
        let tenant = directory.strip_prefix(SERVICE_CONFIG).ok();
        let state = match tenant.filter(|tenant| !tenant.as_os_str().is_empty()) {
            Some(tenant) => Path::new(SERVICE_STATE).join(tenant),
            None => PathBuf::from(SERVICE_STATE),
        };
        document["state_directory"] = value(state.to_string_lossy().as_ref());
    }
    for (section, key, text) in [
        ("onelogin", "url", url),
        ("onelogin", "client_id", client_id),
        ("onelogin", "client_secret_file", SECRET),
        ("mail", "transport", "files"),
        ("mail", "from", from),
    ] {
        document[section][key] = value(text);
    }
    Ok(document.to_string())
}

fn write(directory: &Path, file: &Path, text: &str) -> anyhow::Result<()> {
    let secrets = directory.join("credentials");
    DirBuilder::new()
        .recursive(true)
        .mode(0o750)
        .create(&secrets)
        .with_context(|| format!("{} cannot be made", secrets.display()))?;
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o640)
        .open(file)
    {
        Ok(mut open) => {
            let written = open.write_all(text.as_bytes());
            if written.is_err() {
                // Half a configuration is worse than none.
                let _gone = fs::remove_file(file);
            }
            written.with_context(|| format!("{} cannot be written", file.display()))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            anyhow::bail!("{} exists already and is left as it is", file.display())
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be written", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_directory(directory: &str) -> Option<String> {
        let from = "IT Service Desk <it@acme.example>";
        let text = first_config(Path::new(directory), "https://acme.onelogin.com", "0123", from).unwrap();
        let document: DocumentMut = text.parse().unwrap();
        Some(document.get("state_directory")?.as_str()?.to_owned())
    }

    #[test]
    fn below_etc_the_service_writes_elsewhere() {
        let there = Some(SERVICE_STATE.to_owned());
        assert_eq!(state_directory("/etc/onelogin-steward"), there);
        assert_eq!(state_directory("/etc"), there);
        let of_a_tenant = Some(format!("{SERVICE_STATE}/acme"));
        assert_eq!(state_directory("/etc/onelogin-steward/acme"), of_a_tenant);
        for elsewhere in ["/home/ana/steward", "/etcetera", "first"] {
            assert_eq!(state_directory(elsewhere), None, "{elsewhere}");
        }
    }
}
