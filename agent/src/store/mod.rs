//! The store: one SQLite file behind one connection, so that transactions follow one another and no two callers ever see
//! the same unspent proof. Each table has its own file.

use std::path::Path;

use sqlx::{
    Connection as _, Sqlite, SqliteConnection, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, MutexGuard};

use crate::{clock::Time, error::Result};

pub mod audit;
pub mod authenticators;
pub mod challenges;
pub mod events;
pub mod exemptions;
pub mod helpdesk_codes;
pub mod outbox;
pub mod overview;
pub mod recovery_codes;
pub mod registrations;
        Ok(tx.commit().await?)
    }
}
