-- What admins are told about: a row a cause, since when, and whether it is going on.
CREATE TABLE alert (
    alert_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    job         TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    -- A role or a policy; empty where it is about the whole job.
    about       TEXT    NOT NULL,
    since       INTEGER NOT NULL,
    since_run   INTEGER NOT NULL,
    is_going_on INTEGER NOT NULL CHECK (is_going_on IN (0, 1)),
    UNIQUE (job, kind, about)
) STRICT;

-- The last day on which each admin was told. A rehearsal tells nobody.
CREATE TABLE alert_told (
    alert_id  INTEGER NOT NULL REFERENCES alert (alert_id),
    address   TEXT    NOT NULL,
    rehearsal INTEGER NOT NULL CHECK (rehearsal IN (0, 1)),
    told_on   TEXT    NOT NULL,
    -- 1 until they are told that it is over.
    is_open   INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    PRIMARY KEY (alert_id, address, rehearsal)
) STRICT, WITHOUT ROWID;

-- Of the people warned of an expiry, how many changed the password in time, and how many did not.
ALTER TABLE run ADD COLUMN warned INTEGER;
ALTER TABLE run ADD COLUMN warned_changed INTEGER;
ALTER TABLE run ADD COLUMN warned_expired INTEGER;
