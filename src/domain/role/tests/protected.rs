//! G7: people who are never removed.

use super::identities::{knows, staff, user};
use super::*;

#[test]
fn g7_a_protected_person_is_never_removed_and_an_uncertain_entry_holds_every_removal() {
    let with = |text: &str, change: fn(&mut World)| {
        let selector = Selector::parse(text).unwrap();
        staff()
            .with(|world| world.terms.protected = vec![selector])
            .with(change)
            .plan()
    };
    let plan = with("user3@acme.example", |_| {});
    assert_eq!((steps(&plan, 1), writes(&plan, 2).1), (NOTHING, vec![5]));
    assert_eq!(notes(&plan, Topic::Protected).len(), 1);
    assert_eq!(plan.totals().held, 0);

    let held = |plan: &RolePlan| {
        assert_eq!((writes(plan, 1).1, writes(plan, 2).1), (vec![], vec![]));
        assert_eq!(guards(plan, 2), [Guard::Identity]);
    };
    held(&with("ower@acme.example", |_| {}));
    held(&with("user9@acme.example", |world| {
        user(world, 10).username = Some("user9@acme.example".to_owned());
    }));
    held(&with("user9@acme.example", |world| {
        knows(world, "user9@acme.example", 10);
    }));
    held(&with("owner@acme.example", |world| {
        knows(world, "owner@acme.example", 99);
    }));

    let plan = with("owner@acme.example", |world| {
        knows(world, "owner@acme.example", 99);
        world.gone = [UserId(99)].into();
    });
    assert_eq!(
        (writes(&plan, 1).1, notes(&plan, Topic::Protected).len()),
        (vec![3], 1)
    );
}
