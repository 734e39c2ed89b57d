//! A connection to PostgreSQL, and whether it can still be used. Every statement has a time limit, even if the server
//! stops in the middle of its answer.

use std::time::Duration;

use sqlx::PgConnection;

/// The result of a statement.
type Result<T> = std::result::Result<T, sqlx::Error>;

/// A connection to PostgreSQL.
#[derive(Debug)]
pub struct Link {
    connection: PgConnection,
    health: Health,
    prepares: bool,
}

/// The state of a connection.
#[derive(Debug)]
pub struct Health {
    state: State,
    /// The longest wait for an answer.
    patience: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The connection can be used.
    Sound,
    /// A statement failed, so the transaction can only be rolled back. PostgreSQL would report success for its COMMIT.
    Failed,
    /// No answer can be awaited any more, or the server accepts no writes.
    Broken,
}

impl Link {
    /// A new connection. No answer may take longer than `patience`. Statements stay prepared if `prepares` is true.
    pub const fn new(connection: PgConnection, patience: Duration, prepares: bool) -> Self {
        Self { connection, health: Health { state: State::Sound, patience }, prepares }
    }

    /// Whether statements stay prepared.
    pub const fn prepares(&self) -> bool {
        self.prepares
    }

    /// The connection and its state, separately.
    pub const fn parts(&mut self) -> (&mut PgConnection, &mut Health) {
        (&mut self.connection, &mut self.health)
    }

    /// Whether a statement of the transaction failed.
    pub fn has_failed(&self) -> bool {
        self.health.state != State::Sound
    }

    /// From now on, no answer may take longer than `patience`.
    pub const fn waits(&mut self, patience: Duration) {
        self.health.patience = patience;
    }

    /// Whether the connection must be closed.
    pub fn is_broken(&self) -> bool {
        self.health.state == State::Broken
    }

    /// Notes that the transaction with the failed statement was rolled back.
    pub fn mended(&mut self) {
        if self.health.state == State::Failed {
            self.health.state = State::Sound;
        }
    }
}

impl Health {
    /// Awaits the answer to a statement on the connection. Fails with a timeout after the connection's longest wait.
    pub async fn of<T>(&mut self, answer: impl Future<Output = Result<T>>) -> Result<T> {
        let before = self.state;
        // A caller that stops waiting leaves the connection in the middle of an answer.
        self.state = State::Broken;
        let Ok(answer) = tokio::time::timeout(self.patience, answer).await else {
            return Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
        };
        self.state = match &answer {
            Ok(_) => before,
            Err(error) if breaks(error) => State::Broken,
            Err(_) if before == State::Broken => State::Broken,
            Err(_) => State::Failed,
        };
        answer
    }
}

/// Whether an error ends the connection: the server shuts down, starts, or no longer accepts writes, or its answer
/// can't be parsed.
fn breaks(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // read_only_sql_transaction, operator_intervention except query_canceled, and connection_exception.
            code == "25006" || code.starts_with("57P0") || code.starts_with("08")
        }),
        sqlx::Error::RowNotFound
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::Decode(_)
        | sqlx::Error::Encode(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_does_not_come_or_is_not_understood_ends_the_connection_and_a_value_that_is_odd_does_not() {
        assert!(breaks(&sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())));
        assert!(breaks(&sqlx::Error::Protocol("odd".into())));
        assert!(!breaks(&sqlx::Error::RowNotFound));
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_a_connection_that_is_not_used_again() {
        let mut health = Health { state: State::Sound, patience: Duration::from_millis(1) };
        assert!(health.of(async { Ok(()) }).await.is_ok());
        assert_eq!(health.state, State::Sound);
        assert!(health.of(async { Err::<(), _>(sqlx::Error::RowNotFound) }).await.is_err());
        assert_eq!(health.state, State::Failed);
        assert!(health.of(std::future::pending::<Result<()>>()).await.is_err());
        assert_eq!(health.state, State::Broken);
        assert!(health.of(async { Ok(()) }).await.is_ok());
        assert_eq!(health.state, State::Broken, "whatever comes later");
    }
}
