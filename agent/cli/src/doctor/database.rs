//! The `PostgreSQL` database, if registrations are in one: whether the agent can read it.

use sspr_config::settings::Settings;
use sspr_protocol::{
    admin::AuditOf,
    audit::{Query, Record},
};

use super::{Finding, Level, service};
use crate::client::Client;

const CHECK: &str = "database";

/// Has the agent read a row. Empty where the store is a file of this host.
pub async fn examine(settings: &Settings, address: &str) -> Vec<Finding> {
    let Some(url) = &settings.server.database else { return Vec::new() };
    if !rustix::process::geteuid().is_root() {
        return vec![Finding::fine(CHECK, "not asked: only root may")];
    }
    if service::agent(address).await.level == Level::Error {
        return vec![Finding::warning(CHECK, "not looked at: the agent does not answer", "see the row agent")];
    }
    let of = AuditOf { query: Query { last: Some(1), ..Query::default() }, wait: false };
    let asked = async { Client::connect_for(address, "doctor").await?.call::<Vec<Record>>("Audit", &of).await };
    vec![match asked.await {
        Ok(_) => Finding::fine(CHECK, format!("PostgreSQL answers: {}", place(url))),
        Err(_) => Finding::error(
            CHECK,
            format!("nobody can register or reset: the agent can't read {}", place(url)),
            "check that PostgreSQL runs and can be reached from here; the reason is in: journalctl -u sspr-agent",
        ),
    }]
}

/// The URL without user, password and parameters.
pub(crate) fn place(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    rest.rsplit_once('@').map_or(rest, |(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_url_only_the_place_is_shown() {
        for (url, shown) in [
            ("postgres://sspr@db.example.org/sspr?sslrootcert=/etc/ca.pem", "db.example.org/sspr"),
            ("postgres://sspr:not@shown@[2001:db8::1]:5432/sspr", "[2001:db8::1]:5432/sspr"),
            ("postgres://localhost/sspr", "localhost/sspr"),
        ] {
            assert_eq!(place(url), shown);
        }
    }
}
