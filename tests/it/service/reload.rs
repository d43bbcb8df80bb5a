//! SIGHUP: whole or nothing.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_brings_the_new_schedule_and_says_so() {
    let world = world_far_from_a_run().await;
    let systemd = Systemd::listen(&world);
    let mut daemon = daemon(&world, &systemd, None);
    configure(&world, "[password_expiry]\nenabled = false\n");
    daemon.signal(Signal::HUP);
    let reloading = systemd.told_with("RELOADING=1");
    let usec = reloading
        .split_once("MONOTONIC_USEC=")
        .map(|(_, usec)| usec.trim());
    assert!(
        usec.is_some_and(|usec| usec.parse::<u64>().is_ok()),
        "{reloading}"
    );
    assert_eq!(systemd.told_with("READY=1"), "READY=1\nSTATUS=no job is enabled");
    daemon.wait_for_line("configuration reloaded");
    let store = rusqlite::Connection::open(world.home.path("steward.db")).unwrap();
    let promised = || {
        let query = "SELECT cron FROM schedule WHERE job = 'password-expiry'";
        store
            .query_row(query, [], |row| row.get::<_, Option<String>>(0))
            .unwrap()
    };
    assert_eq!(promised(), None);
    configure(&world, &far_away(&world).replace("\"30 ", "\"45 "));
    daemon.signal(Signal::HUP);
    let ready = systemd.told_with("READY=1");
    assert!(
        ready.contains("next: password-expiry ") && ready.contains(":45"),
        "{ready}"
    );
    // For the next start, which makes up for what was promised last.
    assert!(promised().is_some_and(|cron| cron.starts_with("45 ")));
    stop(&mut daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_reload_changes_nothing_and_tells_every_problem() {
    let world = world_far_from_a_run().await;
    let systemd = Systemd::listen(&world);
    let mut daemon = daemon(&world, &systemd, None);
    let good = far_away(&world);
    let state = format!("state_directory = {:?}\n", world.home.path("elsewhere"));
    let roles = "[role_sync]\nenabled = true\n";
    world.home.write("roles.toml", "[[role]]\nid = 10\nmember = []\n");
    for (bad, told) in [
        ("[pasword_expiry]\n".to_owned(), "config.toml:"),
        (format!("{good}schedul = \"* * * * *\"\n"), "config.toml:"),
        (good.replace("\"30 ", "\"61 "), "config.toml:"),
        (format!("{good}{roles}"), "roles.toml:3:1"),
        (
            format!("{good}[store]\npath = \"other.db\"\n"),
            "store.path has changed",
        ),
        (state, "state_directory has changed"),
    ] {
        if let Some(rest) = bad.strip_prefix("state_directory") {
            // A key of the top, before all tables.
            configure(&world, &good);
            let text = std::fs::read_to_string(world.home.path("config.toml")).unwrap();
            world.home.config(&format!("state_directory{rest}{text}"));
        } else {
            configure(&world, &bad);
        }
        daemon.signal(Signal::HUP);
        let line = daemon.wait_for_line(told);
        assert!(line.contains("ERROR"), "{line}");
        daemon.wait_for_line("reload rejected, the settings stay as they were");
        let status = systemd.told_with("READY=1");
        let rejected = "STATUS=RELOAD REJECTED, old settings in force; next: password-expiry ";
        assert!(status.contains(rejected) && status.contains(":30"), "{status}");
    }
    assert!(!world.home.path("other.db").exists() && !world.home.path("elsewhere").exists());
    configure(&world, &good);
    world
        .home
        .write("templates/password-expiry/body.txt.j2", "{{ nmae }}");
    daemon.signal(Signal::HUP);
    daemon.wait_for_line("body.txt.j2");
    daemon.wait_for_line("reload rejected");
    std::fs::remove_file(world.home.path("templates/password-expiry/body.txt.j2")).unwrap();
    daemon.signal(Signal::HUP);
    daemon.wait_for_line("configuration reloaded");
    let status = systemd.told_with("STATUS=next");
    assert!(!status.contains("REJECTED"), "{status}");
    stop(&mut daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_follows_a_reload() {
    let world = world_far_from_a_run().await;
    let systemd = Systemd::listen(&world);
    let mut daemon = daemon(&world, &systemd, None);
    let text = std::fs::read_to_string(world.home.path("config.toml")).unwrap();
    world
        .home
        .config(&text.replace("level = \"info\"", "level = \"error\""));
    daemon.signal(Signal::HUP);
    systemd.told_with("READY=1");
    world
        .home
        .config(&text.replace("level = \"info\"", "level = \"info\"\nformat = \"json\""));
    daemon.signal(Signal::HUP);
    let line = daemon.wait_for_line("configuration reloaded");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["level"], "INFO");
    let plain = |line: &&String| line.contains("configuration reloaded") && !line.starts_with('{');
    assert_eq!(daemon.lines().iter().find(plain), None);
    stop(&mut daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_going_on_keeps_the_settings_that_it_was_begun_with() {
    let (old, new) = (SmtpServer::builder().start(), SmtpServer::builder().start());
    let world = World::of_today(&PEOPLE).await;
    world.mail_to(&old, &far_away(&world));
    old.on(Step::Rcpt, When::Always, Act::Reply("451 4.3.0 later"));
    world.run_expecting(1).await;
    old.behave();
    turn_ends_back(&world, 16);
    // The daemon begins with what the run by hand left over, and waits for the tenant.
    let asked = world
        .control
        .add_fault(Fault::on("GET /api/2/users", FaultKind::LateAnswer { ms: 3000 }).nth(1));
    let mut command = world.home.command(&["daemon"]);
    command.env("ONELOGIN_STEWARD__HOUSEKEEPING__ENABLED", "false");
    command.env("ONELOGIN_STEWARD__LOG__LEVEL", "info");
    let mut daemon = Running::start(&mut command);
    daemon.wait_for_line("run started");
    while world.control.fault_fired(asked) == 0 {
        tokio::task::yield_now().await;
    }
    world.mail_to(&new, &far_away(&world));
    daemon.signal(Signal::HUP);
    daemon.wait_for_line("configuration reloaded");
    daemon.wait_for_line("succeeded");
    stop(&mut daemon);
    assert_eq!((recipients(&old).len(), recipients(&new).len()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_at_the_moment_of_a_tick_loses_none() {
    let world = World::of_today(&PEOPLE).await;
    let every_minute = |zone: &str| {
        configure(&world, &format!("{EVERY_DAY}schedule = \"* * * * *\"\n"));
        let text = std::fs::read_to_string(world.home.path("config.toml")).unwrap();
        world.home.config(&text.replace("Europe/Berlin", zone));
    };
    every_minute("Europe/Berlin");
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    // All of this within one minute, so that no tick comes before the daemon stands still.
    let (mut daemon, minute) = loop {
        let minute = now() / 60;
        let mut daemon = Running::start(&mut world.home.command(&["daemon"]));
        daemon.wait_for_line("daemon ready");
        // The second reload comes after the first look at the clock.
        for _ in 0..2 {
            daemon.signal(Signal::HUP);
            daemon.wait_for_line("daemon ready");
        }
        daemon.signal(Signal::STOP);
        if now() / 60 == minute {
            break (daemon, minute);
        }
    };
    while now() / 60 == minute {
        std::thread::yield_now();
    }
    every_minute("Europe/Paris");
    daemon.signal(Signal::HUP);
    daemon.signal(Signal::CONT);
    daemon.wait_for_line("configuration reloaded");
    let line = daemon.wait_longer_for_line("run started", Duration::from_secs(60));
    assert_eq!(now() / 60, minute + 1, "{line}");
    stop(&mut daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_opened_rejects_the_reload() {
    let world = world_far_from_a_run().await;
    let systemd = Systemd::listen(&world);
    let mut daemon = daemon(&world, &systemd, None);
    let text = std::fs::read_to_string(world.home.path("config.toml")).unwrap();
    let journald = "level = \"info\"\nformat = \"journald\"";
    world.home.config(&text.replace("level = \"info\"", journald));
    daemon.signal(Signal::HUP);
    let status = systemd.told_with("READY=1");
    let has_journald = std::path::Path::new("/run/systemd/journal/socket").exists();
    assert_eq!(status.contains("RELOAD REJECTED"), !has_journald, "{status}");
    stop(&mut daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_after_a_reload_uses_the_rotated_secret() {
    let world = world_far_from_a_run().await;
    let systemd = Systemd::listen(&world);
    let mut daemon = daemon(&world, &systemd, None);
    world
        .control
        .with_tenant(|tenant| tenant.credentials[0].client_secret = "rotated".to_owned());
    world.home.write("client-secret", "rotated\n");
    configure(&world, &format!("{EVERY_DAY}schedule = \"* * * * *\"\n"));
    daemon.signal(Signal::HUP);
    daemon.wait_for_line("configuration reloaded");
    let started = daemon.wait_longer_for_line("run started", Duration::from_secs(60));
    let ended = daemon.wait_for_line("status=");
    assert!(ended.contains("succeeded"), "{started}\n{ended}");
    stop(&mut daemon);
}
