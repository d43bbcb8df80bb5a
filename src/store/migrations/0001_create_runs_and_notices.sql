-- The account that this store belongs to; another one is refused.
CREATE TABLE tenant (
    only          INTEGER PRIMARY KEY CHECK (only = 1),
    account_id    INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL
) STRICT;

-- Instants are milliseconds since 1970 in UTC: they sort, which text of varying length does not.
CREATE TABLE run (
    run_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    job         TEXT    NOT NULL,
    trigger     TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    summary     TEXT    NOT NULL DEFAULT '',
    reason      TEXT,
    -- How many users the proven list had; NULL when the run did not get that far.
    users       INTEGER,
    CHECK ((status = 'running') = (finished_at IS NULL))
) STRICT;

CREATE INDEX run_by_job ON run (job, run_id);

-- Outbox and ledger in one: a notice is staged here before any mail leaves, and stays.
CREATE TABLE notice (
    notice_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL,
    occasion     TEXT    NOT NULL,
    threshold    INTEGER NOT NULL,
    recipient    TEXT    NOT NULL,
    rehearsal    INTEGER NOT NULL CHECK (rehearsal IN (0, 1)),
    resend       INTEGER NOT NULL DEFAULT 0,
    state        TEXT    NOT NULL,
    account      TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    message_id   TEXT    NOT NULL UNIQUE,
    -- The run that staged it, and the one that last tried to send it.
    staged_by    INTEGER NOT NULL REFERENCES run (run_id),
    tried_by     INTEGER REFERENCES run (run_id),
    attempts     INTEGER NOT NULL DEFAULT 0,
    server_reply TEXT,
    staged_at    INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    UNIQUE (user_id, occasion, threshold, recipient, rehearsal, resend)
) STRICT;

CREATE INDEX notice_by_state ON notice (state);
CREATE INDEX notice_by_staging_run ON notice (staged_by);
CREATE INDEX notice_by_sending_run ON notice (tried_by);

-- OneLogin's policies and groups, as JSON: of the last complete read, and of the last run that was
-- not held.
CREATE TABLE policy_book (
    book_of TEXT    PRIMARY KEY CHECK (book_of IN ('last-read', 'last-accepted')),
    read_at INTEGER NOT NULL,
    book    TEXT    NOT NULL
) STRICT;
