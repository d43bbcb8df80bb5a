-- The schedule of each job that the daemon last served; none where the job was not enabled. What passed
-- unseen since then, or since the last tick that became a row of run, was missed.
CREATE TABLE schedule (
    job       TEXT    PRIMARY KEY,
    cron      TEXT,
    time_zone TEXT,
    since     INTEGER NOT NULL,
    CHECK ((cron IS NULL) = (time_zone IS NULL))
) STRICT;
