-- Of each person in the ledger: the password that they had when a complete user list last had them. Tells
-- housekeeping which notices are about a password that is no longer in use.
CREATE TABLE password_seen (
    user_id    INTEGER PRIMARY KEY,
    -- NULL where OneLogin did not tell.
    changed_at INTEGER,
    seen_at    INTEGER NOT NULL
) STRICT;
