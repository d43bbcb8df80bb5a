//! The language of a mail: where it is read, what it falls back to, and how one learns of it.

use onelogin_sandbox::{Fault, FaultKind, FieldVariant, Tenant};

use crate::support::mailbox::{Mail, mails_below};
use crate::support::staff::staff;
use crate::support::world::World;

/// Four people with these locales.
fn speaking(locales: [Option<&str>; 4]) -> Tenant {
    let mut tenant = staff(4);
    for (user, locale) in tenant.users.values_mut().zip(locales) {
        user.preferred_locale_code = locale.map(str::to_owned);
    }
    tenant
}

/// Address -> language of the mails written so far.
fn languages(world: &World) -> Vec<(String, String)> {
    let told = |mail: Mail| {
        let language = mail.header("Content-Language").unwrap().to_owned();
        assert!(mail.html.contains(&format!("<html lang=\"{language}\">")));
        (mail.to[0].clone(), language)
    };
    let mut all: Vec<_> = mails_below(&world.home.path("outbox"))
        .into_iter()
        .map(told)
        .collect();
    all.sort();
    all
}

fn told(languages: [&str; 4]) -> Vec<(String, String)> {
    let pair = |(id, language): (i32, &str)| (format!("p{id}@acme.example"), language.to_owned());
    (1..).zip(languages).map(pair).collect()
}

/// The field is missing from these answers, and only there.
fn without_locale(route: &str) -> Fault {
    let variant = FieldVariant::Absent;
    let field = "preferred_locale_code".to_owned();
    Fault::on(route, FaultKind::FieldVariant { field, variant }).starting_at(1)
}

#[tokio::test]
async fn everybody_is_written_to_in_their_own_language_or_the_configured_one() {
    let world = World::new(speaking([Some("de-AT"), Some("JA_jp"), Some("xx/../7*7"), None])).await;
    world.configure_mail("transport = \"files\"\nlanguage = \"fr\"", "");
    world.run_expiry(&[]).await.assert_succeeded(4);
    assert_eq!(languages(&world), told(["de", "ja", "fr", "fr"]));
    for id in 1..=4 {
        let asked = world.calls_of(&format!("/api/2/users/{id}"));
        assert!(asked.is_empty(), "the list tells it");
    }
}

#[tokio::test]
async fn a_manager_reads_their_own_language_and_a_desk_the_configured_one() {
    let mut tenant = speaking([Some("ja"), Some("es"), Some("de"), Some("de")]);
    for (id, name) in [(1, "boss"), (3, "svc-x"), (4, "guest")] {
        tenant.users.get_mut(&id).unwrap().username = Some(name.to_owned());
    }
    tenant.users.get_mut(&1).unwrap().manager_user_id = Some(2);
    let world = World::new(tenant).await;
    world.configure_mail(
        "transport = \"files\"\nlanguage = \"fr\"",
        r#"[[password_expiry.rule]]
name = "bosses"
match = { username = ["boss"] }
notify = "manager"
[[password_expiry.rule]]
name = "services"
match = { username = ["svc-*"] }
notify = "desk@acme.example"
"#,
    );
    world.run_expiry(&[]).await.assert_succeeded(4);
    let own = |address: &str, language: &str| (address.to_owned(), language.to_owned());
    let expected = [
        own("desk@acme.example", "fr"),
        own("p2@acme.example", "es"),
        own("p2@acme.example", "es"),
        own("p4@acme.example", "de"),
    ];
    assert_eq!(languages(&world), expected);
    let told = world.json(&["expiry", "explain", "id:1"]).await;
    assert_eq!(
        (&told["language"], &told["locale"]),
        (&"es".into(), &"ja".into()),
        "{told:#}"
    );
}

#[tokio::test]
async fn a_locale_that_the_list_does_not_tell_is_asked_of_those_who_are_mailed() {
    let mut tenant = speaking([Some("de"), Some("ja"), Some("es"), None]);
    // Nobody writes to 3, so nobody asks.
    tenant.users.get_mut(&3).unwrap().status = 2;
    let world = World::new(tenant).await;
    let fault = world.control.add_fault(without_locale("GET /api/2/users"));
    world.run_expiry(&[]).await.assert_succeeded(3);
    assert!(world.control.fault_fired(fault) > 0);
    let mut expected = told(["de", "ja", "-", "en"]);
    expected.remove(2);
    assert_eq!(languages(&world), expected);
    let asked = [1, 2, 3, 4].map(|id| world.calls_of(&format!("/api/2/users/{id}")).len());
    assert_eq!(asked, [1, 1, 0, 1]);
    assert_eq!(
        world.calls_of("/api/1/users"),
        [],
        "a locale is not worth the other list"
    );
}

#[tokio::test]
async fn a_locale_that_nobody_tells_is_asked_once_and_fails_no_run() {
    let mut tenant = speaking([Some("de"); 4]);
    let absent = FieldVariant::Absent;
    tenant
        .knobs
        .field_variants
        .insert("preferred_locale_code".to_owned(), absent);
    let world = World::new(tenant).await;
    world.run_expiry(&[]).await.assert_succeeded(4);
    assert_eq!(languages(&world), told(["en"; 4]));
    let asked = [1, 2, 3, 4].map(|id| world.calls_of(&format!("/api/2/users/{id}")).len());
    assert_eq!(
        asked,
        [1, 0, 0, 0],
        "the first answer tells that nobody else has it"
    );

    let world = World::new(speaking([Some("de"); 4])).await;
    world.control.add_fault(without_locale("GET /api/2/users"));
    for id in 1..=4 {
        let refused = FaultKind::Status {
            code: 403,
            body: onelogin_sandbox::BodyShape::Envelope("no".to_owned()),
            headers: std::collections::BTreeMap::new(),
        };
        world
            .control
            .add_fault(Fault::on(format!("GET /api/2/users/{id}"), refused));
    }
    world.run_expiry(&[]).await.assert_succeeded(4);
    assert_eq!(languages(&world), told(["en"; 4]));
}

#[tokio::test]
async fn explain_and_preview_tell_the_language_and_why() {
    let world = World::new(speaking([Some("es-MX"), Some("it"), None, None])).await;
    world.configure_mail("transport = \"files\"\nlanguage = \"ja\"", "");
    for (id, language, reason, words) in [
        (1, "es", "locale", "dentro de 7 días"),
        (2, "ja", "config", "7日後"),
        (3, "ja", "config", "7日後"),
    ] {
        let user = format!("id:{id}");
        let told = world.json(&["expiry", "explain", &user]).await;
        assert_eq!(told["language"], language, "{told:#}");
        assert_eq!(told["language_reason"], reason, "{told:#}");
        assert_eq!(told["recipient"], format!("p{id}@acme.example"));
        let preview = world.json(&["expiry", "preview", &user]).await;
        assert_eq!(
            (&preview["language"], &preview["language_reason"]),
            (&language.into(), &reason.into())
        );
        assert!(preview["text"].as_str().unwrap().contains(words), "{preview:#}");
    }
    let text = world.steward(&["expiry", "explain", "id:1"]).await.stdout;
    assert!(
        text.contains("language  es (the reader's locale in OneLogin)"),
        "{text}"
    );
    let text = world.steward(&["expiry", "explain", "id:2"]).await.stdout;
    assert!(text.contains("language  ja (mail.language"), "{text}");
}

#[tokio::test]
async fn a_preview_is_the_very_mail_that_a_run_writes() {
    let world = World::new(speaking([Some("ja"), None, None, None])).await;
    let preview = world.json(&["expiry", "preview", "id:1"]).await;
    world.run_expiry(&[]).await.assert_succeeded(4);
    let mails = mails_below(&world.home.path("outbox"));
    let mail = mails.iter().find(|mail| mail.to[0] == "p1@acme.example").unwrap();
    assert_eq!(
        (preview["text"].as_str(), preview["html"].as_str()),
        (Some(mail.text.as_str()), Some(mail.html.as_str()))
    );
    assert_eq!(preview["subject"], mail.subject);
}

#[tokio::test]
async fn e16_check_names_a_broken_language_and_warns_of_an_incomplete_one() {
    let world = World::new(staff(1)).await;
    world.configure_mail("transport = \"files\"\ntemplates = \"ours\"", "");
    world.home.write("ours/mail-test/body.txt.it.j2", "Ciao\n");
    let good = world.steward(&["check"]).await;
    assert_eq!(good.code, 0, "{good:?}");
    let warning = "mail-test is not written in \"it\": mail-test/subject.txt.it.j2 and mail-test/body.html.it.j2 is missing";
    assert!(good.stderr.contains(warning), "{}", good.stderr);
    let listed = world.json(&["check"]).await;
    assert_eq!(
        (&listed[0]["severity"], &listed[0]["message"]),
        (&"warning".into(), &warning.into())
    );

    world
        .home
        .write("ours/password-expiry/body.txt.de.j2", "Hallo\n{{ nmae }}\n");
    let bad = world.steward(&["check"]).await;
    assert_eq!(bad.code, 78, "{bad:?}");
    assert!(
        bad.stderr
            .contains("ours/password-expiry/body.txt.de.j2:2: unknown variable `nmae`"),
        "{}",
        bad.stderr
    );
}

#[tokio::test]
async fn the_configured_language_must_have_templates() {
    let world = World::new(staff(1)).await;
    for tag in ["it", "ge", "", "../de", "DE"] {
        world.configure_mail(
            &format!("transport = \"files\"\ntemplates = \"ours\"\nlanguage = \"{tag}\""),
            "",
        );
        world.home.write("ours/README", "none yet");
        let ended = world.steward(&["check"]).await;
        assert_eq!(ended.code, 78, "{tag}: {ended:?}");
        assert!(
            ended.stderr.contains("mail.language") || ended.stderr.contains("language = "),
            "{}",
            ended.stderr
        );
    }
    world.configure_mail(
        "transport = \"files\"\ntemplates = \"ours\"\nlanguage = \"it\"",
        "",
    );
    world.home.write("ours/mail-test/body.txt.it.j2", "Ciao\n");
    assert_eq!(world.steward(&["check"]).await.code, 0);
}
