-- What was found out about this tenant once, so that it need not be found out at every run.
CREATE TABLE learned (
    name       TEXT    PRIMARY KEY,
    value      TEXT    NOT NULL,
    learned_at INTEGER NOT NULL
) STRICT;
