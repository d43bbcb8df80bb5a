//! The desired state as a file: when it is taken, when it is refused, and what its words mean on
//! which day.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use onelogin_sandbox::{FaultKind, FieldVariant};
use onelogin_steward::domain::role::change::Cause;

use super::company::{Company, SALES, SUPPORT, UNDISTURBED, reads_of, role, sales, support, the_file};
use crate::roles::scene::{people, status};

/// The file is refused with these words, nothing is written, and no run is recorded.
async fn assert_refused(company: &Company, words: &[&str]) {
    let ran = company.run().await;
    ran.assert_did(78, "", &[]);
    for word in words {
        assert!(ran.output.stderr.contains(word), "no {word:?} in {ran:?}");
    }
    let (code, _) = company.plan().await;
    assert_eq!(code, 78);
    assert_eq!(company.control().requests(), []);
}

#[tokio::test]
async fn f1_a_file_without_roles_is_refused_also_when_an_older_one_is_known() {
    for text in ["", "# nothing but words\n", "role = []\n", "tenant = 1\n"] {
        let company = Company::new().await;
        company.given_file(text);
        assert_refused(&company, &["roles.toml"]).await;
        company.given_file(&the_file());
        company.converges().await;
        company.given_file(text);
        let seen = company.mutations().len();
        company.run().await.assert_did(78, "", &[]);
        assert_eq!(company.mutations().len(), seen);
        company.given_file(&the_file());
        company.converges().await;
    }
}

#[tokio::test]
async fn f2_a_file_that_was_cut_off_takes_nobody_out() {
    let company = Company::new().await;
    company.converges().await;
    let whole = the_file();
    // Where it no longer parses, and where it still does.
    company.given_file(&whole[..whole.len() - 20]);
    company.run().await.assert_did(78, "", &[]);
    company.given_file(&sales());
    let ran = company.run().await;
    assert_eq!(ran.written, []);
    company.given_file(&role("Sales", [1, 2, 3, 4]));
    let ran = company.run().await;
    ran.assert_did(4, "refused", &[]);
    company.given_file(&whole);
    company.converges().await;
}

#[tokio::test]
async fn f2_f3_a_file_that_moves_while_it_is_read_is_read_as_a_whole() {
    let company = Company::new().await;
    let path = company.world.home.path("roles.toml");
    // Empty at first, then written, then replaced, as editors and volumes do.
    company.given_file("");
    let (beside, whole) = (company.world.home.path("..new"), the_file());
    let moved = async {
        // One read has begun: it finds the file empty, and looks again before it believes it.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        fs::write(&path, &whole[..40]).unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        fs::write(&beside, &whole).unwrap();
        fs::rename(&beside, &path).unwrap();
    };
    let (ran, ()) = tokio::join!(company.run(), moved);
    ran.assert_did(0, "succeeded", &UNDISTURBED);
    company.converges().await;
}

#[tokio::test]
async fn f3_a_file_that_is_missing_is_never_an_empty_one() {
    let company = Company::new().await;
    company.converges().await;
    let path = company.world.home.path("roles.toml");
    fs::remove_file(&path).unwrap();
    let ran = company.run().await;
    ran.assert_did(78, "", &[]);
    assert!(ran.output.stderr.contains("never means empty roles"), "{ran:?}");
    // Another target of a symbolic link.
    company.world.home.write("one.toml", &the_file());
    company.world.home.write(
        "two.toml",
        &(role("Sales", [1, 2, 3, 4, 5, 6, 7, 10]) + &support()),
    );
    std::os::unix::fs::symlink(company.world.home.path("one.toml"), &path).unwrap();
    company.is_in_line().await;
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(company.world.home.path("two.toml"), &path).unwrap();
    company
        .run()
        .await
        .assert_did(0, "succeeded", &[('+', SALES, 10), ('-', SALES, 9)]);
    company.given_file(&the_file());
}

#[tokio::test]
async fn f4_every_mistake_is_told_with_its_place_and_nothing_is_applied() {
    let company = Company::new().await;
    company.given_file(&the_file().replace("members", "member"));
    assert_refused(&company, &["roles.toml:3:1", "roles.toml:6:1", "members"]).await;
    company.given_file(&the_file().replace("[[role]]", "[[roles]]"));
    assert_refused(&company, &["roles.toml:1:", "role"]).await;
    company.given_file(&(sales() + &sales()));
    assert_refused(&company, &["roles.toml:5:"]).await;
    company.given_file(&(sales() + "membership = \"exact\"\nmembership = \"exact\"\n"));
    assert_refused(&company, &["roles.toml:5:"]).await;
    company.given_file(&the_file());
    company.converges().await;
}

#[tokio::test]
async fn f5_no_members_is_a_mistake_and_an_empty_list_must_be_meant() {
    let company = Company::new().await;
    company.given_file(&(sales() + "[[role]]\nname = \"Support\"\n"));
    assert_refused(&company, &["roles.toml:4:"]).await;
    company.given_file(&(sales() + "[[role]]\nname = \"Support\"\nmembers = []\n"));
    assert_refused(&company, &["allow_empty"]).await;
    // Meant, it needs the guards' consent like any other: 4 of 10 are allowed, in a small role.
    company.given_file(&(sales() + "[[role]]\nname = \"Support\"\nmembers = []\nallow_empty = true\n"));
    let empty = [11, 12, 13, 14].map(|person| ('-', SUPPORT, person));
    let ran = company.run().await;
    ran.assert_did(
        0,
        "succeeded",
        &[&[('+', SALES, 9), ('-', SALES, 8)][..], &empty].concat(),
    );
    // Emptied by ourselves, so no sudden emptiness.
    company.is_in_line().await;
    company.given_file(&the_file());
    company.converges().await;
}

#[tokio::test]
async fn f6_odd_bytes_are_told_precisely_and_windows_line_ends_are_fine() {
    let company = Company::new().await;
    let path = company.world.home.path("roles.toml");
    for (bytes, words) in [
        (
            the_file().replace("\"p1@acme.example\"", "1").into_bytes(),
            "roles.toml:3:",
        ),
        (
            the_file()
                .replace("\"p1@acme.example\"", "2026-01-01")
                .into_bytes(),
            "roles.toml:3:",
        ),
        (the_file().replace("p1@", "p1\0@").into_bytes(), "roles.toml:3:"),
        ([the_file().as_bytes(), b"# \xff\n"].concat(), "roles.toml:7"),
        (vec![b'#'; 17 << 20], "roles.toml"),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_refused(&company, &[words]).await;
    }
    company.given_file(&format!("\u{feff}{}", the_file().replace('\n', "\r\n")));
    company.run().await.assert_did(0, "succeeded", &UNDISTURBED);
    company.given_file(&the_file());
    company.converges().await;
}

#[tokio::test]
async fn f7_a_circle_is_named_and_an_unreadable_include_does_not_matter_to_what_the_file_says() {
    let company = Company::new().await;
    company.given_file(&(sales() + "include = [\"Support\"]\n" + &support() + "include = [\"Sales\"]\n"));
    assert_refused(&company, &["Sales", "Support"]).await;
    company.given_file(&(sales() + "include = [\"Sales\"]\n"));
    assert_refused(&company, &["Sales"]).await;
    company.given_file(&(sales() + "include = [\"Nobody\"]\n"));
    assert_refused(&company, &["Nobody"]).await;
    // An include is the desired people of the other role, so its members need not be read. Since
    // they cannot be, their places there are not certain, and nobody who is to be there goes elsewhere.
    company.given_file(&(role("Sales", [1, 2, 3, 4, 5, 6]) + "include = [\"Support\"]\n" + &support()));
    company.configure("", "removals_per_role_percent = 50");
    company.given_fault(&reads_of(SUPPORT), status(500));
    let ran = company.run().await;
    let mut written: Vec<_> = [11, 12, 13, 15].map(|person| ('+', SALES, person)).into();
    written.extend([('-', SALES, 7), ('-', SALES, 8)]);
    ran.assert_did(3, "partial", &written);
}

#[tokio::test]
async fn f8_who_is_excluded_in_one_branch_and_listed_in_another_is_in() {
    let company = Company::new().await;
    let file = [
        role("Sales", [1, 2, 3, 4, 5, 6, 7, 9])
            + "exclude = [\"p15@acme.example\"]\ninclude = [\"Support\"]\n",
        support(),
        role("Board", [1]) + "include = [\"Sales\", \"Support\"]\n",
    ];
    company.given_file(&file.concat());
    let ran = company.run().await;
    assert_eq!(ran.output.code, 0, "{ran:?}");
    assert!(!company.members(SALES).contains(&15));
    // Excluded from Sales, and in by way of Support.
    assert!(company.members(super::company::BOARD).contains(&15));
    company.is_in_line().await;
}

#[tokio::test]
async fn f9_a_rule_that_fits_nobody_any_more_holds_the_removals_of_its_role() {
    let company = Company::with(|tenant| {
        for id in [11, 12, 13, 15] {
            tenant.users.get_mut(&id).unwrap().department = Some("Care".to_owned());
        }
    })
    .await;
    let file =
        sales() + "[[role]]\nname = \"Support\"\nmatch = { department = \"Care\" }\nallow_empty = true\n";
    company.given_file(&file);
    company.converges().await;
    // The directory tells no department any more: empty, null, or not at all.
    for variant in [
        FieldVariant::EmptyString,
        FieldVariant::Null,
        FieldVariant::Absent,
    ] {
        let field = "department".to_owned();
        company.given_fault("GET /api/*", FaultKind::FieldVariant { field, variant });
        let ran = company.run().await;
        assert_eq!((ran.output.code, &*ran.written), (4, &[][..]), "{ran:?}");
        company.converges().await;
    }
}

#[tokio::test]
async fn f9_a_field_that_nobody_tells_is_unknown_in_every_run_and_not_only_in_the_first() {
    let company = Company::with(|tenant| {
        for id in [11, 12, 13, 15] {
            tenant.users.get_mut(&id).unwrap().department = Some("Care".to_owned());
        }
    })
    .await;
    let file = "[[role]]\nname = \"Support\"\nmatch = { department = \"Care\" }\nallow_empty = true\n";
    company.given_file(&(sales() + file));
    let absent = FaultKind::FieldVariant {
        field: "department".to_owned(),
        variant: FieldVariant::Absent,
    };
    company.given_fault("GET /api/*", absent);
    for _ in 0..3 {
        let ran = company.run().await;
        assert_eq!(ran.output.code, 4, "{ran:?}");
        ran.assert_tells(&["OneLogin does not tell department of everybody"]);
        assert_eq!(company.members(SUPPORT), people(11, 14));
    }
    company.converges().await;
}

#[tokio::test]
async fn f11_days_begin_and_end_in_the_time_zone_also_where_clocks_change() {
    let entry = |text: &str| {
        the_file().replace(
            "\"p9@acme.example\"",
            &format!("{{ user = \"p9@acme.example\", {text} }}"),
        )
    };
    // The instant, the entry, and whether 9 is in then. Berlin is at +01:00 in winter.
    for (now, text, is_in) in [
        ("2026-11-30T22:59:59Z", "until = \"2026-11-30\"", true),
        ("2026-11-30T23:00:00Z", "until = \"2026-11-30\"", false),
        ("2026-11-30T22:59:59Z", "from = \"2026-12-01\"", false),
        ("2026-11-30T23:00:00Z", "from = \"2026-12-01\"", true),
        // The night in which an hour is missing, and the one that has it twice.
        ("2027-03-28T21:59:59Z", "until = \"2027-03-28\"", true),
        ("2027-03-28T22:00:00Z", "until = \"2027-03-28\"", false),
        ("2027-10-31T22:59:59Z", "until = \"2027-10-31\"", true),
        ("2027-10-31T23:00:00Z", "until = \"2027-10-31\"", false),
        ("2028-02-29T12:00:00Z", "until = \"2028-02-29\"", true),
        ("2028-03-01T12:00:00Z", "until = \"2028-02-29\"", false),
        ("2026-12-01T12:00:00Z", "until = \"9999-12-31\"", true),
    ] {
        let company = Company::new().await;
        company.world.set_now(now);
        company.given_file(&entry(text));
        let ran = company.run().await;
        assert_eq!(ran.output.code, 0, "{now} {text}: {ran:?}");
        assert_eq!(company.members(SALES).contains(&9), is_in, "{now} {text}");
        company.is_in_line().await;
    }
    for wrong in [
        "until = \"2027-02-29\"",
        "until = \"2026-11-30T12:00:00\"",
        "from = \"2026-12-02\", until = \"2026-12-01\"",
    ] {
        let company = Company::new().await;
        company.given_file(&entry(wrong));
        assert_refused(&company, &["roles.toml:3:"]).await;
    }
}

#[tokio::test]
async fn f11_a_last_day_that_passes_takes_the_person_out_against_no_limit() {
    let company = Company::new().await;
    let until = |id: i64| format!("{{ user = \"p{id}@acme.example\", until = \"2026-11-30\" }}");
    let file = [4, 5, 6, 7, 9].iter().fold(the_file(), |file, id| {
        file.replace(&format!("\"p{id}@acme.example\""), &until(*id))
    });
    company.given_file(&file);
    company.converges().await;
    company.configure("", "removals_per_role = 1\nremovals_per_run = 1");
    company.world.set_now("2026-12-01T07:00:00Z");
    let gone = [4, 5, 6, 7, 9].map(|person| ('-', SALES, person));
    company.run().await.assert_did(0, "succeeded", &gone);
    let journal = company.journal().await;
    assert!(
        journal
            .iter()
            .rev()
            .take(5)
            .all(|change| change.cause == Cause::UntilPassed)
    );
    company.is_in_line().await;
}

#[tokio::test]
async fn f14_a_clock_that_is_not_onelogins_writes_nothing() {
    use onelogin_steward::clock::Clock as _;
    for years in [10, -10] {
        let company = Company::new().await;
        company.given_file(&the_file().replace(
            "\"p9@acme.example\"",
            "{ user = \"p9@acme.example\", until = \"2030-01-01\" }",
        ));
        let now = company.world.clock.now();
        company
            .world
            .clock
            .set(now + jiff::SignedDuration::from_hours(24 * 365 * years));
        let ran = company.run().await;
        ran.assert_did(4, "refused", &[]);
        ran.assert_tells(&["clock"]);
        company.world.clock.set(now);
        company.converges().await;
    }
}

#[tokio::test]
async fn f16_a_file_that_lost_people_is_not_accepted_and_holds_every_removal() {
    let company = Company::new().await;
    company.configure("", "removals_per_role_percent = 100");
    company.converges().await;
    // 12 memberships, and 5 of them are gone: 41 %.
    company.given_file(&(role("Sales", [1, 2, 3, 10]) + &support()));
    for _ in 0..2 {
        let ran = company.run().await;
        assert_eq!(ran.output.code, 4, "{ran:?}");
        assert!(ran.written.iter().all(|one| one.0 == '+'), "{ran:?}");
        ran.assert_tells(&["the file asks for 8 memberships, and the last accepted one for 12"]);
    }
    company.given_file(&the_file());
    let (_, plan) = company.plan().await;
    assert_eq!(
        plan["totals"]["held"], 0,
        "the older file is still the measure: {plan}"
    );
    company.converges().await;
}

#[tokio::test]
async fn f17_a_file_that_others_may_write_is_refused() {
    for name in ["roles.toml", "config.toml"] {
        let company = Company::new().await;
        let path = company.world.home.path(name);
        for mode in [0o620, 0o602] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let ran = company.run().await;
            ran.assert_did(78, "", &[]);
            assert!(ran.output.stderr.contains("chmod "), "{ran:?}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        company.converges().await;
    }
}
