//! A bar on the terminal while a long list is read.

use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use crate::onelogin::Watch;

/// Draws on stderr, and only where that is a terminal. Lists of one page show nothing.
#[derive(Debug, Default)]
pub(super) struct Bar(Mutex<Option<ProgressBar>>);

impl Watch for Bar {
    fn page(&self, list: &str, rows: u64, total: Option<u64>) {
        let Some(total) = total.filter(|total| *total > rows) else {
            return;
        };
        let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(total);
            if let Ok(style) = ProgressStyle::with_template("{msg}  {bar:30}  {pos} of {len}  {eta}") {
                bar.set_style(style);
            }
            bar.set_message(list.rsplit('/').next().unwrap_or(list).to_owned());
            bar
        });
        bar.set_position(rows);
    }

    fn end(&self, _list: &str) {
        if let Some(bar) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}
