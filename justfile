# The few commands people need. `just` alone lists them.

_default:
    @just --list

# Everything that must hold before a change is taken
ci:
    .ci/run

# The product on a made-up tenant, with its mails below ./onelogin-steward-demo/
demo:
    cargo run --release -- demo

# All tests that need nothing but Rust
test:
    cargo test --workspace

# How fast mails leave and what waiting costs, beside other programs (as root, after `cargo build --release --workspace`)
bench:
    #!/usr/bin/env bash
    set -euo pipefail
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    tests/system/support/make-root "$work/postfix" postfix >/dev/null
    tests/system/support/make-root "$work/idle" cron dash dbus mount systemd systemd-sysv util-linux >/dev/null
    export POSTFIX_ROOT=$work/postfix IDLE_ROOT=$work/idle STEWARD_BIN=target/release/onelogin-steward SANDBOX_BIN=target/release/onelogin-sandbox
    benches/mail_throughput
    benches/idle

# The .deb below target/package/, and the .rpm where cargo-generate-rpm is installed (needs cargo-deb)
deb:
    packaging/build

# The formatting that CI expects
fmt:
    cargo fmt --all
