//! Who is told.

use super::*;
use crate::domain::notice::{Audience, Recipient};
use crate::domain::recipient::{recipient_of, usable_address};
use crate::domain::rule::Notify;

fn manager() -> User {
    User {
        email: Some("boss@acme.example".to_owned()),
        ..User::new(2)
    }
}

fn recipient(
    user: &User,
    notify: &Notify,
    fallback: &Fallback,
    manager: User,
) -> Result<(Audience, String), Skip> {
    let users = BTreeMap::from([(user.id, user.clone()), (manager.id, manager)]);
    recipient_of(user, notify, fallback, &users).map(
        |Recipient {
             audience, address, ..
         }| (audience, address),
    )
}

#[test]
fn a_person_without_an_address_is_counted_or_goes_to_the_fallback() {
    let mut user = User {
        email: None,
        manager_user_id: Some(id(2)),
        ..User::new(1)
    };
    let of = |user: &User, fallback: &Fallback| recipient(user, &Notify::User, fallback, manager());
    assert_eq!(of(&user, &Fallback::Nobody), Err(Skip::NoAddress));
    let desk = Fallback::Address("desk@acme.example".to_owned());
    assert_eq!(
        of(&user, &desk),
        Ok((Audience::Desk, "desk@acme.example".to_owned()))
    );
    assert_eq!(
        of(&user, &Fallback::Manager),
        Ok((Audience::Manager, "boss@acme.example".to_owned()))
    );
    user.email = Some("ana@acme.example".to_owned());
    assert_eq!(
        of(&user, &desk),
        Ok((Audience::Person, "ana@acme.example".to_owned()))
    );
}

#[test]
fn only_a_manager_in_good_standing_is_told() {
    let user = User {
        manager_user_id: Some(id(2)),
        ..User::new(1)
    };
    let told = |manager| recipient(&user, &Notify::Manager, &Fallback::Nobody, manager).is_ok();
    assert!(told(manager()));
    assert!(told(User {
        status: UserStatus::Locked,
        ..manager()
    }));
    assert!(!told(User {
        status: UserStatus::Suspended,
        ..manager()
    }));
    assert!(!told(User {
        state: crate::domain::user::UserState::Unlicensed,
        ..manager()
    }));
    assert!(!told(User {
        email: None,
        ..manager()
    }));
    let own_manager = User {
        manager_user_id: Some(id(1)),
        ..manager()
    };
    let own_manager = User {
        id: id(1),
        ..own_manager
    };
    assert!(recipient(&own_manager, &Notify::Manager, &Fallback::Nobody, manager()).is_err());
}

#[test]
fn one_mailbox_is_taken_and_everything_else_is_not() {
    for good in [
        "ana@acme.example",
        " ana@acme.example ",
        "o'brien@x.example",
        "a+b@x.example",
        "jürgen@münchen.example",
        "\"a b\"@x.example",
        "\"a@b, c\"@x.example",
    ] {
        assert_eq!(usable_address(Some(good)), Some(good.trim()));
    }
    for bad in [
        "",
        "ana",
        "@acme.example",
        "ana@",
        "a@b@c",
        "a@x.example,b@x.example",
        "a@x.example; b@x.example",
        "Ana <a@x.example>",
        "a@x.example\r\nBcc: b@x.example",
        "a b@x.example",
        "a@x..example",
        ".a@x.example",
        "\"\"@x.example",
        "\"a\"b\"@x.example",
        "\"a\r\nb\"@x.example",
        "\"a\"@x.example, \"b\"@x.example",
        "\"a b\" <c@x.example>",
    ] {
        assert_eq!(usable_address(Some(bad)), None, "{bad:?}");
    }
    assert_eq!(usable_address(None), None);
}
