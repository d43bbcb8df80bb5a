//! `/api/1/users`: every field in the list, 50 to the page.

use jiff::Timestamp;

use crate::errors;
use crate::filter;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::User;
use crate::v1::keyset;
use crate::wire;
use crate::world::World;

/// `GET /api/1/users`
pub(crate) fn list(world: &World, request: &Request) -> Reply {
    let tenant = &world.tenant;
    let rows: Vec<(i64, &User)> = tenant
        .users
        .values()
        .filter(|user| is_wanted(user, request))
        .map(|user| (user.id, user))
        .collect();
    keyset::reply(world, request, &rows, |user| wire::user_v1(tenant, user))
}

/// `GET /api/1/users/:id`: an array of one, as everywhere in v1 (documented for groups).
pub(crate) fn get(world: &World, id: i64) -> Reply {
    match world.tenant.users.get(&id) {
        Some(user) => Reply::envelope(vec![wire::user_v1(&world.tenant, user)]),
        None => errors::no_user(id),
    }
}

fn is_wanted(user: &User, request: &Request) -> bool {
    let instant = |name: &str| request.filter(name).and_then(|at| at.parse::<Timestamp>().ok());
    // In v1 these two are about creation (documented).
    if instant("since").is_some_and(|since| user.created_at < since)
        || instant("until").is_some_and(|until| user.created_at > until)
    {
        return false;
    }
    let texts = [
        ("email", &user.email),
        ("username", &user.username),
        ("firstname", &user.firstname),
        ("lastname", &user.lastname),
    ];
    texts.into_iter().all(|(name, value)| {
        request.filter(name).is_none_or(|pattern| {
            let value = value.as_deref().unwrap_or_default();
            // A leading `!` turns the filter round (documented).
            match pattern.strip_prefix('!') {
                Some(pattern) => !filter::matches(pattern, value),
                None => filter::matches(pattern, value),
            }
        })
    })
}
