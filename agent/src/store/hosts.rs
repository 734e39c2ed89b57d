//! The hosts of a fleet, and the tokens with which hosts join, at the server.

use super::{
    Tx,
    sql::{self, Row},
};
use crate::{clock::Time, error::Result, keys::Tag};

/// The state of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostState {
    /// The host is served.
    Active,
    /// The host is not served until an administrator resumes it.
    Paused,
    /// The host is no longer served.
    Revoked,
}

impl HostState {
    const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Revoked];

    /// The word for the state, in the store and for administrators.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Revoked => "revoked",
        }
    }

    /// The state that `word` names. An unknown word means [`Self::Revoked`], so it lets no host in.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == word).unwrap_or(Self::Revoked)
    }
}

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The host's id. The server assigns it, and never to another host.
    pub id: String,
    /// The hash of its public key, as text: see `sspr_fleet::Pin`.
    pub pin: String,
    /// A label, which need not be unique.
    pub name: String,
    /// The group that its token named; may be empty.
    pub group: String,
    /// Whether the host is served.
    pub state: HostState,
    /// When the host joined.
    pub joined: Time,
    /// When the host last sent a hello.
    pub seen: Time,
    /// The version of its software.
    pub version: String,
    /// The highest number of its hellos so far.
    pub counter: i64,
    /// Since when its key counts.
    pub keyed: Time,
    /// The hash of the public key that it announced. The first call with that key makes it the host's only one.
    pub next: Option<String>,
    /// The hashes of the keys by which it knows its servers, as it says itself, with blanks between; may be empty.
    pub knows: String,
}

impl Host {
    /// Whether it knows its servers by the key with this hash, among others.
    pub fn knows_pin(&self, pin: &str) -> bool {
        self.knows.split(' ').any(|known| known == pin)
    }
}

/// A token with which hosts join.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// The MAC of its secret.
    pub secret: &'a Tag,
    /// How many hosts may join with it.
    pub uses: u32,
    /// The pattern for the names of these hosts: `*` stands for any characters, `?` for one. Empty: any name.
    pub pattern: &'a str,
    /// The group that the hosts get.
    pub group: &'a str,
    /// The administrator who made the token.
    pub issuer: &'a str,
    /// When the token was made.
    pub created: Time,
    /// When the token expires.
    pub expires: Time,
}

/// The result of using a token for a host that joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The group that the host gets.
    pub group: String,
    /// The administrator who made the token.
    pub issuer: String,
}

fn read(row: &Row) -> Result<Host> {
    Ok(Host {
        id: row.try_get(0)?,
        pin: row.try_get(1)?,
        name: row.try_get(2)?,
        group: row.try_get(3)?,
        state: HostState::from_word(&row.try_get::<String, _>(4)?),
        joined: row.try_get(5)?,
        seen: row.try_get(6)?,
        version: row.try_get(7)?,
        counter: row.try_get(8)?,
        keyed: row.try_get(9)?,
        next: row.try_get(10)?,
        knows: row.try_get(11)?,
    })
}

/// Selects hosts as [`read`] reads them.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, pin, name, team, state, joined, seen, version, counter, coalesce(keyed, joined), next_pin, \
             coalesce(knows, '') FROM host ",
            $which
        )
    };
}

/// The hosts of a fleet, and their tokens.
pub trait Hosts {
    /// The host whose key, or next key, has this hash.
    fn by_pin(&mut self, pin: &str) -> impl Future<Output = Result<Option<Host>>> + Send;

    /// The host with this id.
    fn by_id(&mut self, id: &str) -> impl Future<Output = Result<Option<Host>>> + Send;

    /// All hosts, in the order in which they joined.
    fn all(&mut self) -> impl Future<Output = Result<Vec<Host>>> + Send;

    /// Adds a host.
    fn add(&mut self, host: &Host) -> impl Future<Output = Result<()>> + Send;

    /// Sets the state of a host. A revoked host stays revoked. `false`: there is no such host, or it was revoked.
    fn set_state(&mut self, id: &str, state: HostState) -> impl Future<Output = Result<bool>> + Send;

    /// Renames a host. `false`: there is no such host.
    fn rename(&mut self, id: &str, name: &str) -> impl Future<Output = Result<bool>> + Send;

    /// Notes a hello of a host. `false`: there is no such host, or `counter` is not higher than in an earlier hello.
    /// Then the hello arrived out of order, or two machines have the host's key.
    fn hello(&mut self, id: &str, version: &str, counter: i64, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Stores the hash of the next key of a host that is served. `false`: it is not, or a host has or had such a key.
    fn announce(&mut self, id: &str, next: &str) -> impl Future<Output = Result<bool>> + Send;

    /// Makes the next key of a host that is served, which has this hash, its only key. `false`: it is not served, or
    /// that is not its next key.
    fn take_over(&mut self, id: &str, next: &str, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Notes by which keys a host knows its servers; see [`Host::knows`].
    fn knows(&mut self, id: &str, pins: &str) -> impl Future<Output = Result<()>> + Send;

    /// Whether the last key that a host replaced has this hash.
    fn is_past(&mut self, pin: &str) -> impl Future<Output = Result<bool>> + Send;

    /// Resets the counter of a host, so that its next hello may have any number.
    fn forget_counter(&mut self, id: &str) -> impl Future<Output = Result<()>> + Send;

    /// Stores a token.
    fn add_token(&mut self, token: &NewToken<'_>) -> impl Future<Output = Result<()>> + Send;

    /// Takes one use of the token with this secret for a host called `name`. `None`: the token can't be used; the
    /// caller does not learn why.
    fn take_token(&mut self, secret: &Tag, name: &str, now: Time)
    -> impl Future<Output = Result<Option<Taken>>> + Send;

    /// Which of `secrets` a token has, usable or not.
    fn find_token(&mut self, secrets: &[Tag]) -> impl Future<Output = Result<Option<Tag>>> + Send;

    /// Deletes tokens that expired before `before`, and tokens without uses left.
    fn prune_tokens(&mut self, before: Time) -> impl Future<Output = Result<()>> + Send;
}

impl Hosts for Tx<'_> {
    async fn by_pin(&mut self, pin: &str) -> Result<Option<Host>> {
        // No host has the next key of another one.
        const BY_PIN: &str = select!("WHERE pin = $1 OR next_pin = $1");
        sql::query(BY_PIN).bind(pin).fetch_optional(self).await?.as_ref().map(read).transpose()
    }

    async fn by_id(&mut self, id: &str) -> Result<Option<Host>> {
        const BY_ID: &str = select!("WHERE id = $1");
        sql::query(BY_ID).bind(id).fetch_optional(self).await?.as_ref().map(read).transpose()
    }

    async fn all(&mut self) -> Result<Vec<Host>> {
        const ALL: &str = select!("ORDER BY number");
        sql::query(ALL).fetch_all(self).await?.iter().map(read).collect()
    }

    async fn add(&mut self, host: &Host) -> Result<()> {
        sql::query(
            "INSERT INTO host (id, pin, name, team, state, joined, seen, version, counter, keyed, next_pin) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&host.id)
        .bind(&host.pin)
        .bind(&host.name)
        .bind(&host.group)
        .bind(host.state.as_str())
        .bind(host.joined)
        .bind(host.seen)
        .bind(&host.version)
        .bind(host.counter)
        .bind(host.keyed)
        .bind(host.next.as_deref())
        .execute(self)
        .await?;
        Ok(())
    }

    async fn set_state(&mut self, id: &str, state: HostState) -> Result<bool> {
        let done = sql::query("UPDATE host SET state = $1 WHERE id = $2 AND state <> 'revoked'")
            .bind(state.as_str())
            .bind(id)
            .execute(self)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn rename(&mut self, id: &str, name: &str) -> Result<bool> {
        let done = sql::query("UPDATE host SET name = $1 WHERE id = $2").bind(name).bind(id).execute(self).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn hello(&mut self, id: &str, version: &str, counter: i64, now: Time) -> Result<bool> {
        let done = sql::query("UPDATE host SET seen = $1, version = $2, counter = $3 WHERE id = $4 AND counter < $3")
            .bind(now)
            .bind(version)
            .bind(counter)
            .bind(id)
            .execute(self)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn announce(&mut self, id: &str, next: &str) -> Result<bool> {
        let done = sql::query(
            "UPDATE host SET next_pin = $1 WHERE id = $2 AND state = 'active' AND NOT EXISTS \
             (SELECT 1 FROM host WHERE pin = $1 OR past_pin = $1 OR (next_pin = $1 AND id <> $2))",
        )
        .bind(next)
        .bind(id)
        .execute(self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn take_over(&mut self, id: &str, next: &str, now: Time) -> Result<bool> {
        let done = sql::query(
            "UPDATE host SET past_pin = pin, pin = next_pin, next_pin = NULL, keyed = $1 \
             WHERE id = $2 AND next_pin = $3 AND state = 'active'",
        )
        .bind(now)
        .bind(id)
        .bind(next)
        .execute(self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn knows(&mut self, id: &str, pins: &str) -> Result<()> {
        sql::query("UPDATE host SET knows = $1 WHERE id = $2").bind(pins).bind(id).execute(self).await?;
        Ok(())
    }

    async fn is_past(&mut self, pin: &str) -> Result<bool> {
        let found = sql::query("SELECT 1 FROM host WHERE past_pin = $1");
        Ok(found.bind(pin).fetch_optional(self).await?.is_some())
    }

    async fn forget_counter(&mut self, id: &str) -> Result<()> {
        sql::query("UPDATE host SET counter = 0 WHERE id = $1").bind(id).execute(self).await?;
        Ok(())
    }

    async fn add_token(&mut self, token: &NewToken<'_>) -> Result<()> {
        sql::query(
            "INSERT INTO host_token (secret, uses, pattern, team, issuer, created, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.secret.as_slice())
        .bind(i64::from(token.uses))
        .bind(token.pattern)
        .bind(token.group)
        .bind(token.issuer)
        .bind(token.created)
        .bind(token.expires)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn take_token(&mut self, secret: &Tag, name: &str, now: Time) -> Result<Option<Taken>> {
        let found = sql::query("SELECT pattern, team, issuer FROM host_token WHERE secret = $1")
            .bind(secret.as_slice())
            .fetch_optional(self)
            .await?;
        let Some(row) = found else { return Ok(None) };
        let pattern: String = row.try_get(0)?;
        if !fits(&pattern, name) {
            return Ok(None);
        }
        // A clock that was set back must not extend the life of a token.
        let taken = sql::query(
            "UPDATE host_token SET uses = uses - 1 WHERE secret = $1 AND uses > 0 AND created <= $2 AND expires > $2",
        )
        .bind(secret.as_slice())
        .bind(now)
        .execute(self)
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(None);
        }
        Ok(Some(Taken { group: row.try_get(1)?, issuer: row.try_get(2)? }))
    }

    async fn find_token(&mut self, secrets: &[Tag]) -> Result<Option<Tag>> {
        for secret in secrets {
            let found = sql::query("SELECT 1 FROM host_token WHERE secret = $1");
            if found.bind(secret.as_slice()).fetch_optional(self).await?.is_some() {
                return Ok(Some(*secret));
            }
        }
        Ok(None)
    }

    async fn prune_tokens(&mut self, before: Time) -> Result<()> {
        sql::query("DELETE FROM host_token WHERE expires < $1 OR uses = 0").bind(before).execute(self).await?;
        Ok(())
    }
}

/// Whether `name` matches `pattern`. Case is ignored, as in host names.
fn fits(pattern: &str, name: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.to_lowercase().chars().collect(), name.to_lowercase().chars().collect());
    // The positions in the pattern that the characters so far may have reached.
    let skip = |at: &mut Vec<usize>| {
        let mut next = 0;
        while let Some(&place) = at.get(next) {
            if pattern.get(place) == Some(&'*') && !at.contains(&(place + 1)) {
                at.push(place + 1);
            }
            next += 1;
        }
    };
    let mut at = vec![0];
    skip(&mut at);
    for c in name {
        let mut on = Vec::new();
        for place in at {
            let next = match pattern.get(place) {
                Some('*') => place,
                Some('?') => place + 1,
                Some(own) if *own == c => place + 1,
                _ => continue,
            };
            if !on.contains(&next) {
                on.push(next);
            }
        }
        at = on;
        skip(&mut at);
    }
    at.contains(&pattern.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_names() {
        for (pattern, name, fits_it) in [
            ("", "anything", true),
            ("web*", "web1.example.org", true),
            ("web*", "WEB", true),
            ("web?", "web1", true),
            ("web?", "web12", false),
            ("*.example.org", "a.example.org", true),
            ("*.example.org", "a.example.org.evil.net", false),
            ("*a*b*", "xaxxb", true),
            ("*a*b*", "xbxa", false),
            ("db", "db2", false),
        ] {
            assert_eq!(fits(pattern, name), fits_it, "{pattern} {name}");
        }
    }

    #[test]
    fn a_state_that_is_not_known_lets_no_host_in() {
        for state in HostState::ALL {
            assert_eq!(HostState::from_word(state.as_str()), state);
        }
        assert_eq!(HostState::from_word("from the future"), HostState::Revoked);
    }
}
