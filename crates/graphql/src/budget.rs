//! What one request may still cost while it runs.

use crate::problem::Problem;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// Results that a request may still give, and until when.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
    most: usize,
    until: Instant,
}

impl Budget {
    pub(crate) fn new(results: usize, time: Duration) -> Self {
        Self { left: AtomicUsize::new(results), most: results, until: Instant::now() + time }
    }

    /// Takes so many results off the budget.
    pub(crate) fn spend(&self, results: usize) -> Result<(), Problem> {
        let enough = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(results));
        if enough.is_err() {
            // Everything that runs beside it stops too.
            self.left.store(0, Ordering::Relaxed);
            return Err(Problem::new(
                "TOO_MANY_RESULTS",
                format!(
                    "La réponse aurait plus de {} résultats : demandez-en moins à la fois, avec « limit » ou « first ».",
                    self.most
                ),
                format!(
                    "The answer would have more than {} results: ask for fewer at a time, with \"limit\" or \"first\".",
                    self.most
                ),
            ));
        }
        if Instant::now() > self.until {
            return Err(too_long());
        }
        Ok(())
    }
}

/// The request took its time.
pub(crate) fn too_long() -> Problem {
    Problem::new("TIMEOUT", "La requête dure trop longtemps.", "The query takes too long.")
}
