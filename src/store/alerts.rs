//! What admins were told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Transaction, params};

use super::{Error, Store, instant, named, stored};
use crate::domain::alert::{Cause, Kind, Letter, News, Record, Told};
use crate::domain::run::{Job, RunId};

impl Store {
    /// Notes which causes a run of the job met, and which are over, in one transaction.
    pub async fn note_causes(
        &self,
        run: RunId,
        now: Timestamp,
        met: BTreeSet<Cause>,
        passed: Vec<Cause>,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            for cause in &met {
                // What went on before keeps its beginning.
                transaction.execute(
                    "INSERT INTO alert (job, kind, about, since, since_run, is_going_on) VALUES (?1, ?2, ?3, ?4, ?5, 1)
                     ON CONFLICT (job, kind, about) DO UPDATE
                     SET since = excluded.since, since_run = excluded.since_run, is_going_on = 1
                     WHERE is_going_on = 0",
                    params![cause.job.as_str(), cause.kind.as_str(), cause.about, stored(now), run.0],
                )?;
            }
            for cause in &passed {
                transaction.execute(
                    "UPDATE alert SET is_going_on = 0 WHERE job = ?1 AND kind = ?2 AND about = ?3",
                    params![cause.job.as_str(), cause.kind.as_str(), cause.about],
                )?;
            }
            transaction.commit()
        })
        .await
    }

    /// Every cause of the job so far, with what each admin was told, in a rehearsal or really.
    pub async fn load_alerts(&self, job: Job, rehearsal: bool) -> Result<BTreeMap<Cause, Record>, Error> {
        self.call(move |store| {
            let mut statement = store.prepare(
                "SELECT kind, about, since, since_run, address, told_on, is_open, fingerprint
                 FROM alert LEFT JOIN alert_told
                   ON alert_told.alert_id = alert.alert_id AND alert_told.rehearsal = ?2
                 WHERE job = ?1",
            )?;
            let mut rows = statement.query(params![job.as_str(), rehearsal])?;
            let mut records = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let cause = Cause {
                    job,
                    kind: named(0, row.get_ref(0)?.as_str()?, Kind::parse)?,
                    about: row.get(1)?,
                };
                let record = records.entry(cause).or_insert(Record {
                    since: instant(row.get(2)?),
                    since_run: RunId(row.get(3)?),
                    told: BTreeMap::new(),
                });
                if let Some(address) = row.get::<_, Option<String>>(4)? {
                    let on = named(5, row.get_ref(5)?.as_str()?, |day| day.parse::<Date>().ok())?;
                    let told = Told {
                        on,
                        is_open: row.get(6)?,
                        fingerprint: row.get(7)?,
                    };
                    record.told.insert(address, told);
                }
            }
            Ok(records)
        })
        .await
    }

    /// Records that an admin was told, with the fingerprint of what, where one is kept.
    pub async fn record_told(
        &self,
        letter: &Letter,
        fingerprint: Option<String>,
        today: Date,
        rehearsal: bool,
    ) -> Result<(), Error> {
        let Letter { address, cause, news } = letter.clone();
        self.call(move |store| {
            let transaction = store.transaction()?;
            match news {
                News::Trouble => {
                    let told = Told {
                        on: today,
                        is_open: true,
                        fingerprint,
                    };
                    told_of_trouble(&transaction, &address, &cause, &told, rehearsal)?
                }
                // The day stays: whoever was told today is told tomorrow at the earliest.
                News::Over => transaction.execute(
                    "UPDATE alert_told SET is_open = 0 WHERE address = ?1 AND rehearsal = ?2 AND alert_id =
                       (SELECT alert_id FROM alert WHERE job = ?3 AND kind = ?4 AND about = ?5)",
                    params![
                        address,
                        rehearsal,
                        cause.job.as_str(),
                        cause.kind.as_str(),
                        cause.about
                    ],
                )?,
            };
            transaction.commit()
        })
        .await
    }
}

fn told_of_trouble(
    transaction: &Transaction<'_>,
    address: &str,
    cause: &Cause,
    told: &Told,
    rehearsal: bool,
) -> rusqlite::Result<usize> {
    transaction.execute(
        "INSERT INTO alert_told (alert_id, address, rehearsal, told_on, is_open, fingerprint)
         SELECT alert_id, ?1, ?2, ?3, ?4, ?5 FROM alert WHERE job = ?6 AND kind = ?7 AND about = ?8
         ON CONFLICT (alert_id, address, rehearsal) DO UPDATE
         SET told_on = excluded.told_on, is_open = excluded.is_open, fingerprint = excluded.fingerprint",
        params![
            address,
            rehearsal,
            told.on.to_string(),
            told.is_open,
            told.fingerprint,
            cause.job.as_str(),
            cause.kind.as_str(),
            cause.about
        ],
    )
}
