//! Whole lists: every page or an error, with the evidence that nothing is missing.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::client::{Client, Reply};
use super::error::Error;
use super::watch::{Watch, Watched};
use super::wire::{self, Object, unreadable};

/// Page sizes to ask for. The largest page of a list is not documented for all of them; a server
/// may clamp the number, or refuse it with 400.
const PAGE_SIZES: [u32; 3] = [1000, 100, 50];

/// More pages than any list has, where no count bounds it better.
const MOST_PAGES: u64 = 5_000;

/// What a list said about its own completeness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Evidence {
    /// `Total-Count` of the last page.
    pub(super) total: Option<u64>,
    /// Rows whose id had been seen before: the list shifted while it was read.
    pub(super) repeats: u64,
    /// `Total-Count` fell from one page to the next: a row that left ahead of a page pulls one off
    /// it unseen, and the new count agrees with what is left.
    pub(super) shrank: bool,
    /// Rows of the first page, where there is a second one: the size of a page.
    pub(super) page: Option<u64>,
}

/// A list that was read to its natural end.
#[derive(Debug)]
pub(super) struct Listing<T> {
    pub(super) rows: Vec<T>,
    pub(super) evidence: Evidence,
}

impl<T> Listing<T> {
    fn adds_up(&self) -> bool {
        let count = self.rows.len() as u64;
        !self.evidence.shrank
            && self.evidence.repeats == 0
            && self.evidence.total.is_none_or(|total| total == count)
    }

    /// Passes a list on that is complete beyond doubt. `count_needed`: a list that sends no
    /// `Total-Count` does not count as such.
    pub(super) fn proven(self, call: &str, count_needed: bool) -> Result<Self, Error> {
        match self.doubt(count_needed) {
            None => Ok(self),
            Some(why) => Err(Error::Incomplete {
                call: call.to_owned(),
                why,
            }),
        }
    }

    /// Why something may be missing from the list; `None` where it is complete beyond doubt.
    pub(super) fn doubt(&self, count_needed: bool) -> Option<String> {
        let Evidence {
            total,
            repeats,
            shrank,
            page: _,
        } = self.evidence;
        if repeats > 0 {
            return Some(format!("{repeats} rows came twice"));
        }
        if shrank {
            return Some("it became shorter while it was read, also when read once more".to_owned());
        }
        match total {
            Some(total) if total != self.rows.len() as u64 => Some(format!(
                "Total-Count says {total} and {} rows came, also when read once more",
                self.rows.len()
            )),
            None if count_needed => Some("it sends no Total-Count to check it against".to_owned()),
            _ => None,
        }
    }

    /// The same for a list that grows while it is read, as one of what changed lately does: whoever
    /// joins it ahead of a page pushes a row onto the next one, where it comes a second time. Whether
    /// a filtered list sends `Total-Count` is not documented.
    pub(super) fn proven_while_growing(mut self, call: &str) -> Result<Self, Error> {
        let repeats = std::mem::take(&mut self.evidence.repeats);
        self.evidence.total = self.evidence.total.map(|total| total.saturating_sub(repeats));
        self.proven(call, false)
    }
}

/// The body of a list of API v1.
#[derive(Deserialize)]
struct Envelope {
    data: Vec<Object>,
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Pagination {
    after_cursor: Option<String>,
}

impl Client {
    /// Reads a list of API v2, and reads it once more if it does not add up: v2 pages by offset, so
    /// a row that comes or goes meanwhile shifts all later ones.
    pub(super) async fn list<T>(
        &self,
        path: &str,
        query: &[(String, String)],
        read: impl Fn(&Object) -> Result<T, String>,
    ) -> Result<Listing<T>, Error> {
        let first = self.walk(path, query, &read).await?;
        if first.adds_up() {
            return Ok(first);
        }
        tracing::info!(path, evidence = ?first.evidence, rows = first.rows.len(), "the list does not add up, reading it again");
        self.walk(path, query, &read).await
    }

    async fn walk<T>(
        &self,
        path: &str,
        query: &[(String, String)],
        read: &impl Fn(&Object) -> Result<T, String>,
    ) -> Result<Listing<T>, Error> {
        let mut gathering = Gathering::new(path, self.watch.as_ref(), read);
        let mut most_pages = MOST_PAGES;
        let mut reply = self.first_page(path, query).await?;
        loop {
            let Reply { body: rows, answer } = reply;
            let total = answer.header("total-count").and_then(|count| count.parse().ok());
            gathering.take(&rows, total)?;
            let Some(cursor) = answer.header("after-cursor").map(str::to_owned) else {
                return Ok(gathering.listing);
            };
            if let (1, Some(total), false) = (gathering.pages, total, rows.is_empty()) {
                // Twice the pages that are needed leaves room for people who join meanwhile.
                most_pages = total
                    .div_ceil(rows.len() as u64)
                    .saturating_mul(2)
                    .saturating_add(2);
            }
            gathering.advance(&cursor, most_pages)?;
            // A cursor excludes `limit` and `page` (400 otherwise, reported); the filters stand
            // beside it, since the cursor does not hold them.
            let mut next = query.to_vec();
            next.push(("cursor".to_owned(), cursor));
            reply = self.get(path, &next).await?;
        }
    }

    async fn first_page(&self, path: &str, query: &[(String, String)]) -> Result<Reply<Vec<Object>>, Error> {
        let mut sizes = PAGE_SIZES.into_iter().peekable();
        loop {
            let mut first = query.to_vec();
            first.extend(sizes.next().map(|size| ("limit".to_owned(), size.to_string())));
            match self.get(path, &first).await {
                Err(Error::Status { status: 400, .. }) if sizes.peek().is_some() => {}
                other => return other,
            }
        }
    }

    /// Reads a list of API v1: an envelope, and keyset cursors in the body that are stable under
    /// edits. It sends no count.
    pub(super) async fn list_v1<T>(
        &self,
        path: &str,
        read: impl Fn(&Object) -> Result<T, String>,
    ) -> Result<Listing<T>, Error> {
        let mut gathering = Gathering::new(path, self.watch.as_ref(), &read);
        let mut query = Vec::new();
        loop {
            let Envelope { data, pagination } = self.get(path, &query).await?.body;
            gathering.take(&data, None)?;
            let cursor = pagination.after_cursor.filter(|cursor| !cursor.is_empty());
            let Some(cursor) = cursor else {
                return Ok(gathering.listing);
            };
            gathering.advance(&cursor, MOST_PAGES)?;
            query = vec![("after_cursor".to_owned(), cursor)];
        }
    }
}

/// The rows of a list, page by page.
struct Gathering<'a, T, R> {
    call: String,
    watched: Watched<'a>,
    read: &'a R,
    listing: Listing<T>,
    ids: BTreeSet<i64>,
    cursors: BTreeSet<String>,
    pages: u64,
}

impl<'a, T, R: Fn(&Object) -> Result<T, String>> Gathering<'a, T, R> {
    fn new(path: &str, watch: &'a dyn Watch, read: &'a R) -> Self {
        Self {
            call: format!("GET {path}"),
            watched: Watched::new(watch, path),
            read,
            listing: Listing {
                rows: Vec::new(),
                evidence: Evidence::default(),
            },
            ids: BTreeSet::new(),
            cursors: BTreeSet::new(),
            pages: 0,
        }
    }

    /// Takes the rows of one page.
    fn take(&mut self, rows: &[Object], total: Option<u64>) -> Result<(), Error> {
        self.pages += 1;
        let evidence = &mut self.listing.evidence;
        evidence.shrank |= total
            .zip(evidence.total)
            .is_some_and(|(now, before)| now < before);
        evidence.total = total;
        for row in rows {
            let id = wire::id(row).map_err(|why| unreadable(&self.call, why))?;
            if self.ids.insert(id) {
                let value = (self.read)(row);
                self.listing
                    .rows
                    .push(value.map_err(|why| unreadable(&self.call, format!("row {id}: {why}")))?);
            } else {
                self.listing.evidence.repeats += 1;
            }
        }
        self.watched.page(self.listing.rows.len() as u64, total);
        Ok(())
    }

    /// Goes on to the page behind `cursor`, unless the list goes round in circles.
    fn advance(&mut self, cursor: &str, most_pages: u64) -> Result<(), Error> {
        let stuck = |why: &str| Error::Incomplete {
            call: self.call.clone(),
            why: why.to_owned(),
        };
        if !self.cursors.insert(cursor.to_owned()) {
            return Err(stuck("pagination is not advancing, a cursor came twice"));
        }
        if self.pages >= most_pages {
            return Err(stuck("pagination does not end"));
        }
        if self.pages == 1 {
            self.listing.evidence.page = Some(self.listing.rows.len() as u64);
        }
        Ok(())
    }
}
