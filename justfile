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

# The formatting that CI expects
fmt:
    cargo fmt --all
