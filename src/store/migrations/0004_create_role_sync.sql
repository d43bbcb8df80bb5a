-- A person's yes to held steps of one role: good for a day and one use.
CREATE TABLE approval (
    approval_id INTEGER PRIMARY KEY AUTOINCREMENT,
    role_id     INTEGER NOT NULL,
    direction   TEXT    NOT NULL,
    -- Names of guards, and ids of people, as JSON arrays.
    guards      TEXT    NOT NULL,
    people      TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    login_uid   INTEGER,
    sudo_uid    INTEGER,
    uid         INTEGER NOT NULL,
    approved_at INTEGER NOT NULL,
    used_by     INTEGER REFERENCES run (run_id)
) STRICT;

-- The journal: a row is written before the first call that may make the change, and settled by what
-- a re-read shows.
CREATE TABLE role_change (
    change_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id       INTEGER NOT NULL REFERENCES run (run_id),
    role_id      INTEGER NOT NULL,
    role_name    TEXT    NOT NULL,
    user_id      INTEGER NOT NULL,
    account      TEXT    NOT NULL,
    direction    TEXT    NOT NULL,
    cause        TEXT    NOT NULL,
    approval_id  INTEGER REFERENCES approval (approval_id),
    -- Whether it counts against the removals of a day, once done.
    counts       INTEGER NOT NULL CHECK (counts IN (0, 1)),
    state        TEXT    NOT NULL,
    -- How many calls named the person.
    attempts     INTEGER NOT NULL,
    server_reply TEXT,
    request_id   TEXT,
    intended_at  INTEGER NOT NULL,
    settled_at   INTEGER,
    UNIQUE (run_id, role_id, user_id, direction),
    CHECK ((state = 'intended') = (settled_at IS NULL))
) STRICT;

CREATE INDEX role_change_by_state ON role_change (state, settled_at);
CREATE INDEX role_change_by_user ON role_change (user_id);
CREATE INDEX role_change_by_role ON role_change (role_id);

-- Whom each selector of the file and of `protected` last meant.
CREATE TABLE identity (
    kind    TEXT    NOT NULL CHECK (kind IN ('id', 'external', 'name')),
    value   TEXT    NOT NULL,
    user_id INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT;

-- The last desired state that was accepted.
CREATE TABLE accepted_file (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    digest      TEXT    NOT NULL,
    memberships INTEGER NOT NULL,
    text        TEXT    NOT NULL,
    accepted_at INTEGER NOT NULL
) STRICT;

-- Since when each entry with a last day has been part of an accepted file.
CREATE TABLE accepted_entry (
    role_id     INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('id', 'external', 'name')),
    value       TEXT    NOT NULL,
    until       TEXT    NOT NULL,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (role_id, kind, value, until)
) STRICT;

-- Each role as the last recorded run left it.
CREATE TABLE role_seen (
    role_id      INTEGER PRIMARY KEY,
    run_id       INTEGER NOT NULL REFERENCES run (run_id),
    members      INTEGER NOT NULL,
    empty_reads  INTEGER NOT NULL,
    was_in_line  INTEGER NOT NULL CHECK (was_in_line IN (0, 1)),
    rule_matches INTEGER
) STRICT;

-- Jobs and roles that are left alone for a while. Ended rows stay, for the history.
CREATE TABLE pause (
    pause_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    job         TEXT,
    role_id     INTEGER,
    reason      TEXT    NOT NULL,
    login_uid   INTEGER,
    sudo_uid    INTEGER,
    uid         INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    until       INTEGER,
    -- Digest of the role's entry in the file: the pause lasts while it stays the same.
    while_entry TEXT,
    ended_at    INTEGER,
    CHECK ((job IS NULL) <> (role_id IS NULL))
) STRICT;

-- Of what an admin was told, where they are told again only when there is something else to tell.
ALTER TABLE alert_told ADD COLUMN fingerprint TEXT;
