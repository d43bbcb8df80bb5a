//! `[onelogin]`

use crate::config::environment::Environment;
use crate::config::reader::Reader;
use crate::config::secrets::{CLIENT_SECRET, Found};
use crate::config::settings::OneLogin;
use crate::config::value::{self, Wrong};

use super::Paths;

/// `[onelogin]`
pub(in crate::config) fn read_onelogin(
    reader: &Reader<'_>,
    env: &Environment,
    paths: &Paths,
) -> Option<OneLogin> {
    let url = reader.required(
        "onelogin.url",
        value::base_url,
        "write the address of the tenant: url = \"https://acme.onelogin.com\"",
    );
    let client_id = reader.required(
        "onelogin.client_id",
        value::text,
        "take it from OneLogin: Developers > API Credentials",
    );
    let client_secret = match CLIENT_SECRET.read(reader, env, &paths.folder) {
        Found::Secret(secret, _) => Some(secret),
        Found::Mistakes => None,
        Found::Nothing => {
            reader.missing(
                CLIENT_SECRET.file_key,
                Wrong::new(
                    "the secret is missing",
                    "write it into a file of its own and name that: client_secret_file = \"...\" \
                     (or use the systemd credential onelogin-client-secret)",
                ),
            );
            None
        }
    };
    let requests_per_hour = reader.integer("onelogin.requests_per_hour", 1..=1_000_000);
    let timeout = reader.parsed("onelogin.timeout", value::duration);
    Some(OneLogin {
        url: url?,
        client_id: client_id?,
        client_secret: client_secret?,
        requests_per_hour: requests_per_hour?,
        timeout: timeout?,
    })
}
