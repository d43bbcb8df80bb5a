//! The odd people whom every invented tenant has, the more telling ones first.

use jiff::{SignedDuration, Timestamp};

use super::people::{from_directory, never_signed_in, set_password_due};
use super::stage::{CONTRACTORS, EMPLOYEES, ENGINEERING, INTERNS, PARTNERS, SERVICE_ACCOUNTS};
use crate::tenant::User;

/// Somebody out of the ordinary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Character {
    /// Given and family name.
    name: (Option<&'static str>, Option<&'static str>),
    address: &'static str,
    group_id: i64,
    days_left: i64,
    oddity: Oddity,
}

/// What is odd about somebody, apart from name and date.
#[derive(Debug, Clone, Copy)]
enum Oddity {
    None,
    Status(i64),
    State(i64),
    Locale(&'static str),
    Locked,
    NeverSignedIn(i64),
    /// Active, and yet without a password (observed).
    NoPassword,
    Directory,
    TrustedIdp,
    NullEmail,
    EmptyEmail,
    EmptyEverywhere,
    GoneManager,
}

/// A character with both names.
const fn known(
    first: &'static str,
    last: &'static str,
    address: &'static str,
    group_id: i64,
    days_left: i64,
    oddity: Oddity,
) -> Character {
    Character {
        name: (Some(first), Some(last)),
        address,
        group_id,
        days_left,
        oddity,
    }
}

/// The same with a name that lacks a part.
const fn renamed(character: Character, first: Option<&'static str>, last: Option<&'static str>) -> Character {
    Character {
        name: (first, last),
        ..character
    }
}

/// A group that no list shows.
const GONE_GROUP: i64 = 599;

use Oddity as O;

#[rustfmt::skip] // A table is read by its lines.
pub(super) const CAST: [Character; 46] = [
    // The account owner.
    known("Amara", "Okonkwo", "amara.okonkwo@acme.example", EMPLOYEES, 61, O::Locale("en-US")),
    known("Bjørn", "Þórsson", "bjorn.thorsson@acme.example", EMPLOYEES, 40, O::Locale("en-US")),
    known("Chloé", "d'Aubigné", "chloe.daubigne@acme.example", EMPLOYEES, 14, O::Locale("fr-FR")),
    known("Jürgen", "Weiß", "juergen.weiss@acme.example", EMPLOYEES, 7, O::Locale("de")),
    known("Seán", "O'Brien", "sean.obrien@acme.example", EMPLOYEES, 3, O::Locale("en-US")),
    known("花子", "佐藤", "hanako.sato@acme.example", EMPLOYEES, 1, O::Locale("ja")),
    known("Thandiwe", "Mokoena", "thandiwe.mokoena@acme.example", EMPLOYEES, 0, O::None),
    known("María José", "Núñez-Peña", "mj.nunez@acme.example", EMPLOYEES, -2, O::Locale("es")),
    known("Văn Ánh", "Nguyễn", "anh.nguyen@acme.example", EMPLOYEES, -200, O::None),
    known("Łukasz", "Żółć", "lukasz.zolc@acme.example", EMPLOYEES, -5, O::Status(4)),
    known("Priya", "Raghunathan", "priya.r@ext.acme.example", CONTRACTORS, 7, O::None),
    known("Tomás", "Ó Súilleabháin", "tomas@ext.acme.example", CONTRACTORS, -1, O::None),
    known("Backup", "Service", "svc-backup@acme.example", SERVICE_ACCOUNTS, -900, O::None),
    known("Ada", "Núñez", "ada.nunez@acme.example", ENGINEERING, 3, O::Locale("es_MX")),
    known("Filip", "Ek", "filip.ek@acme.example", INTERNS, 1, O::Locale("sv-SE")),
    known("Odile", "Laurent", "odile.laurent@ext.acme.example", PARTNERS, 7, O::Locale("fr-FR")),
    known("Greta", "Holm", "greta.holm@acme.example", EMPLOYEES, 7, O::Locked),
    known("Ivo", "Barić", "ivo.baric@acme.example", EMPLOYEES, 3, O::Status(5)),
    known("Rania", "Khoury", "rania.khoury@acme.example", EMPLOYEES, 3, O::NeverSignedIn(7)),
    known("Oskar", "Blom", "oskar.blom@acme.example", EMPLOYEES, 3, O::NeverSignedIn(0)),
    known("Petra", "Šustrová", "petra.sustrova@acme.example", EMPLOYEES, 3, O::Status(2)),
    known("Wei", "Lim", "wei.lim@acme.example", EMPLOYEES, 3, O::Status(8)),
    known("Noa", "Levi", "noa.levi@acme.example", EMPLOYEES, 3, O::State(0)),
    known("Pablo", "Ibarra", "pablo.ibarra@acme.example", EMPLOYEES, 3, O::State(2)),
    known("Sina", "Vogt", "sina.vogt@acme.example", EMPLOYEES, 3, O::State(3)),
    known("Dirk", "Mertens", "dirk.mertens@acme.example", EMPLOYEES, 7, O::Directory),
    known("Fatou", "Diallo", "fatou.diallo@acme.example", EMPLOYEES, 7, O::TrustedIdp),
    known("Kiosk", "Lobby", "kiosk.lobby", EMPLOYEES, 7, O::NullEmail),
    known("Kiosk", "Canteen", "kiosk.canteen", EMPLOYEES, 7, O::EmptyEmail),
    // The address of somebody above, in other letters.
    known("Chloe", "Daubigne", "Chloe.Daubigne@ACME.example", EMPLOYEES, 14, O::None),
    known("X", "Æ", "x.ae@acme.example", EMPLOYEES, 7, O::None),
    renamed(known("", "", "wulandari@acme.example", EMPLOYEES, 7, O::None), None, Some("Wulandari")),
    renamed(known("", "", "nameless@acme.example", EMPLOYEES, 7, O::EmptyEverywhere), None, None),
    known("ليلى", "الحداد", "layla.alhaddad@acme.example", EMPLOYEES, 7, O::None),
    known("דנה", "כהן", "dana.cohen@acme.example", EMPLOYEES, 3, O::None),
    known("🦊 Rene", "Kettle 🚲", "rene.kettle@acme.example", EMPLOYEES, 7, O::None),
    known("<b>Robin</b>", "Mark & Up", "robin.markup@acme.example", EMPLOYEES, 7, O::None),
    known("{{ 7*7 }}", "Brace", "brace@acme.example", EMPLOYEES, 7, O::None),
    known("Eve\r\nBcc: everybody@ext.acme.example", "Header", "eve.header@acme.example", EMPLOYEES, 7, O::None),
    known("=1+1", "@Sheet", "formula@acme.example", EMPLOYEES, 7, O::None),
    known("Lena", "Brandt", "lena.brandt@acme.example", EMPLOYEES, 3, O::GoneManager),
    known("Musa", "Keita", "musa.keita@acme.example", EMPLOYEES, 3, O::NoPassword),
    known("Ravi", "Menon", "ravi.menon@acme.example", GONE_GROUP, 3, O::None),
    known("Ines", "Plus", "ines+onelogin@acme.example", EMPLOYEES, 1, O::None),
    known("Status", "Unheard-of", "status.unheard@acme.example", EMPLOYEES, 3, O::Status(9)),
    known("Maximiliane-Theodora-Wilhelmine", "von und zu der Langen-Namensgebung auf Überhohenstein", "m.langen@acme.example", EMPLOYEES, 7, O::Locale("de")),
];

/// Turns an ordinary person into a character.
pub(super) fn play(user: &mut User, character: &Character, now: Timestamp) {
    let handle = character.address.split('@').next().unwrap_or_default();
    let mut played = User::new(user.id, character.address);
    played.username = Some(handle.to_owned());
    played.firstname = character.name.0.map(str::to_owned);
    played.lastname = character.name.1.map(str::to_owned);
    played.custom_attributes = std::mem::take(&mut user.custom_attributes);
    played.department.clone_from(&user.department);
    played.group_id = Some(character.group_id);
    set_password_due(&mut played, character.days_left, now, 3600);
    apply(&mut played, character.oddity, now);
    *user = played;
}

fn apply(user: &mut User, oddity: Oddity, now: Timestamp) {
    match oddity {
        O::None => {}
        O::Status(status) => user.status = status,
        O::State(state) => user.state = state,
        O::Locale(locale) => user.preferred_locale_code = Some(locale.to_owned()),
        O::Locked => {
            user.status = 3;
            user.locked_until = now.saturating_add(SignedDuration::from_mins(15)).ok();
        }
        O::NeverSignedIn(status) => never_signed_in(user, status),
        O::NoPassword => {
            user.password_changed_at = None;
            user.last_login = None;
        }
        O::Directory => from_directory(user),
        O::TrustedIdp => user.trusted_idp_id = Some(70_011),
        O::NullEmail => user.email = None,
        O::EmptyEmail => user.email = Some(String::new()),
        O::EmptyEverywhere => {
            for field in [
                &mut user.username,
                &mut user.title,
                &mut user.department,
                &mut user.company,
                &mut user.phone,
            ] {
                *field = Some(String::new());
            }
            user.invalid_login_attempts = None;
        }
        // Older than any id of the tenant.
        O::GoneManager => user.manager_user_id = Some(17),
    }
}
