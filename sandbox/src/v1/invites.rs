//! Links by which people choose a first or a new password.

use serde_json::Value;

use crate::errors;
use crate::random;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// `POST /api/1/invites/get_invite_link`: a link, and no mail (documented).
pub(crate) fn link(world: &mut World, request: &Request) -> Reply {
    match find(world, request) {
        Ok((user_id, _)) => {
            let mut state = user_id.unsigned_abs().wrapping_add(world.answered);
            let token = random::hex_digits(&mut state, 40);
            Reply::envelope(vec![Value::from(format!(
                "http://{}.onelogin.com/password/reset?token={token}",
                world.tenant.subdomain
            ))])
        }
        Err(reply) => reply,
    }
}

/// `POST /api/1/invites/send_invite_link`, to `personal_email` if there is one (documented). No mail leaves the sandbox.
pub(crate) fn send(world: &mut World, request: &Request) -> Reply {
    let now = world.clock.now();
    match find(world, request) {
        Ok((user_id, address)) => {
            if let Some(user) = world.tenant.users.get_mut(&user_id) {
                user.invitation_sent_at = Some(now);
            }
            Reply::done(&format!("Email sent successfully to {address}"))
        }
        Err(reply) => reply,
    }
}

/// The user whose address is named, in exactly these letters (documented), and where a mail would go.
///
/// What an unknown address is told is a guess.
fn find(world: &World, request: &Request) -> Result<(i64, String), Reply> {
    let body = request.json().unwrap_or_default();
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let Some(email) = text("email") else {
        return Err(errors::no_input(request));
    };
    let mut users = world.tenant.users.values();
    let user = users.find(|user| user.email.as_deref() == Some(email));
    let user = user.ok_or_else(|| errors::envelope(404, format!("User for email {email} was not found")))?;
    Ok((user.id, text("personal_email").unwrap_or(email).to_owned()))
}
