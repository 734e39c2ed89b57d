//! The machine that an account is on, by its name for users.

use crate::{
    account::Name,
    error::Result,
    snapshot::Snapshot,
    store::{Hosts, Tx},
};

/// The most characters of a name that are shown.
const SHOWN_MAX: usize = 64;

/// The name of the machine of the account `name`: of its host, if it is an account of a host of the fleet itself;
/// otherwise of this machine.
pub(crate) async fn of_account(agent: &Snapshot, name: Name<'_>) -> Result<String> {
    let Some(id) = name.host() else { return Ok(agent.host_name.to_string()) };
    let mut tx = agent.begin_to_read().await?;
    let host = of_host(&mut tx, id).await?;
    tx.commit().await?;
    Ok(host)
}

/// The name of the host of the fleet with this id; the id, if there is no such host any more.
pub(crate) async fn of_host(tx: &mut Tx<'_>, id: &str) -> Result<String> {
    let name = Hosts::by_id(tx, id).await?.map(|host| shown(&host.name)).filter(|name| !name.is_empty());
    Ok(name.unwrap_or_else(|| shown(id)))
}

/// What a name may have. A host chooses its own when it joins, and it is sent to addresses that the host names.
fn shown(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_nothing_is_shown_that_no_host_name_has() {
        for (name, want) in [
            ("web1.example.org", "web1.example.org"),
            ("https://evil.example/?a=b", "httpsevil.exampleab"),
            ("w\u{435}b\u{202e}1<b>", "wb1b"),
            ("\u{5bc6}\u{7801}", ""),
        ] {
            assert_eq!(shown(name), want);
        }
        assert_eq!(shown(&"a".repeat(99)).len(), SHOWN_MAX);
    }
}
