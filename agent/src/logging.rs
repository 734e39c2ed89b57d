//! Records go to the journal as structured fields, or to standard error if there is no journal.

use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Starts logging to the journal, if there is one, for a program that was started by another one.
pub fn to_journal(program: &str) {
    let journal = tracing_journald::layer().ok();
    let journal =
        journal.map(|layer| layer.with_syslog_identifier(program.to_owned()).with_field_prefix(Some("SSPR".into())));
    let _ = tracing_subscriber::registry().with(journal).try_init();
}

/// Starts logging under the identifier `program`; in the journal, fields are named `SSPR_*`. `SSPR_LOG` sets the level, "info" by default.
pub fn start(program: &str) {
    let filter = || EnvFilter::try_from_env("SSPR_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let journal = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok()).map(|layer| {
        layer.with_syslog_identifier(program.to_owned()).with_field_prefix(Some("SSPR".into())).with_filter(filter())
    });
    let terminal = journal.is_none().then(|| {
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .with_target(false)
            .with_filter(filter())
    });
    // Another start in the same process, as in tests, keeps the first.
    let _ = tracing_subscriber::registry().with(journal).with(terminal).try_init();
}
