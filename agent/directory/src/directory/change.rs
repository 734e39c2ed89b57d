//! Writes a new password and proves that it works, and unlocks accounts.

use std::time::Duration;

use sspr_config::credential::{Change, Error};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    super::{
        connection::Failure,
        filter::Filter,
        kerberos::Kerberos,
        kind::{Replace, SignIn, Write, Written},
        message::{Control, Request, Scope, Search},
    },
    Directory, Found, Session, UNPROVED, allowed, now, words,
};

/// How soon to try the new password again if the server does not answer.
const AGAIN: Duration = Duration::from_millis(250);
/// Why a KDC may refuse the new password after a change: the change may have been made at another KDC.
const LAGS: &str = "the KDC refuses the new password, and may not have it yet";
/// Why the refusal of one server is no proof if there are several.
const ANOTHER: &str = "the server refuses the new password, and another one may have written it";
/// The result code if an asserted condition is not met (RFC 4528).
const ASSERTION_FAILED: u32 = 122;

/// The result of a write.
enum Step {
    Written(Written),
    /// The request was sent, and the server did not answer.
    Lost(String),
}

impl Directory {
    /// Sets the password of `user`, which must still be eligible and have `id`. `go_on` is awaited right before the
    /// write; if it fails, nothing is written.
    ///
    /// Fails with [`Error::Failed`] if the password may have been written, and it is not proved that it works. After
    /// any other error, nothing was written.
    pub async fn change(
        &self,
        user: &str,
        id: &str,
        new: &[u8],
        go_on: impl Future<Output = Result<(), Error>> + Send,
    ) -> Result<Change, Error> {
        words::of_change(self.change_at_one(user, id, new, go_on).await, new)
    }

    async fn change_at_one(
        &self,
        user: &str,
        id: &str,
        new: &[u8],
        go_on: impl Future<Output = Result<(), Error>> + Send,
    ) -> Result<Change, Error> {
        let mut go_on = Some(Box::pin(go_on));
        let until = Instant::now() + self.times.change;
        let mut whys = Vec::new();
        for server in self.order.of(&self.servers, Instant::now()) {
            let (mut session, found) = match self.look(server, user, until).await {
                Ok((session, found)) => (session, allowed(found, id)?),
                Err(why) => {
                    whys.push(why);
                    continue;
                }
            };
            if let Some(go_on) = go_on.take() {
                go_on.await?;
            }
            let step = match &self.kerberos {
                Some(kerberos) => self.write_there(kerberos, &found, new, until).await,
                None => self.write(&mut session, &found, new).await,
            };
            match step {
                Step::Written(Written::Done) => return self.finish(session, &found, new).await,
                Step::Written(Written::Refused(rule)) => return Ok(Change::Refused(rule.to_string())),
                Step::Written(Written::Failed { why, elsewhere: true }) => whys.push(self.at(server, &why)),
                Step::Written(Written::Failed { why, .. }) => return Err(Error::Unavailable(self.at(server, &why))),
                Step::Lost(why) => return self.look_again(&found, new, &self.at(server, &why)).await,
            }
        }
        Err(Error::Unavailable(whys.join("; ")))
    }

    /// Whether a password change was made whose answer was lost. Fails if that is not known.
    pub async fn went_through(&self, user: &str, id: &str, new: &[u8]) -> Result<bool, Error> {
        let found = allowed(self.find(user).await?, id)?;
        match self.proven(self.prove_twice(&found, new).await) {
            SignIn::MustChange if self.kerberos.is_some() => Err(Error::Failed(UNPROVED.to_owned())),
            SignIn::Yes | SignIn::MustChange => Ok(true),
            SignIn::Wrong if self.kerberos.is_some() => Err(Error::Failed(LAGS.to_owned())),
            SignIn::Wrong if !found.at.is_only => Err(Error::Failed(ANOTHER.to_owned())),
            SignIn::Wrong => Ok(false),
            SignIn::Closed(why) | SignIn::Trouble(why) => Err(Error::Unavailable(words::plain(why, new))),
        }
    }

    /// Unlocks an account that too many wrong passwords locked. An account that an administrator disabled stays
    /// disabled.
    pub async fn unlock(&self, user: &str, id: &str) -> Result<(), Error> {
        let until = Instant::now() + self.times.change;
        let mut whys = Vec::new();
        for server in self.order.of(&self.servers, Instant::now()) {
            let (mut session, found) = match self.look(server, user, until).await {
                Ok((session, found)) => (session, allowed(found, id)?),
                Err(why) => {
                    whys.push(why);
                    continue;
                }
            };
            if !found.account.locked {
                return Ok(());
            }
            let (replace, controls) = self.kind.unlock(now());
            match session.modify(&found.entry.dn, &replace, &controls).await {
                Ok(answer) if answer.is_success() => return Ok(()),
                Ok(answer) if answer.code == ASSERTION_FAILED => {
                    return Err(Error::Refused("an administrator has locked it".to_owned()));
                }
                Ok(answer) => whys.push(self.at(server, &format!("it is not unlocked: {answer}"))),
                Err(Failure::Unreachable(why)) => whys.push(self.at(server, &why)),
                Err(Failure::Lost(why)) => {
                    let until = Instant::now() + self.times.proof;
                    let again = self.look_at(found.at.peer, server, user, until).await;
                    let (session, found) = again.map_err(Error::Failed)?;
                    session.connection.close().await;
                    let locked = allowed(found, id)?.account.locked;
                    return if locked { Err(Error::Unavailable(self.at(server, &why))) } else { Ok(()) };
                }
            }
        }
        Err(Error::Unavailable(whys.join("; ")))
    }

    /// Has the KDC write the new password.
    async fn write_there(&self, kerberos: &Kerberos, found: &Found, new: &[u8], until: Instant) -> Step {
        match kerberos.change(&found.account.name, new, until).await {
            Ok(written) => Step::Written(written),
            Err(why) => Step::Lost(why),
        }
    }

    /// Writes a new password in the first way that the server allows.
    async fn write(&self, session: &mut Session, found: &Found, new: &[u8]) -> Step {
        let dn = &found.entry.dn;
        let ways = match self.kind.writes(new) {
            Ok(ways) => ways,
            Err(rule) => return Step::Written(Written::Refused(rule)),
        };
        let mut last = Written::Failed { why: "there is no way to set a password".to_owned(), elsewhere: false };
        for way in ways {
            let mut controls = self.kind.controls(&session.known);
            let asked = match &way {
                Write::PasswordModify => {
                    session.connection.ask(&Request::PasswordModify { dn, new }, &controls).await.map(|(_, said)| said)
                }
                Write::Modify(replace) => session.modify(dn, replace, &controls).await,
                Write::AsThePerson(replace) => {
                    controls.push(Control::proxied(dn));
                    session.modify(dn, replace, &controls).await
                }
            };
            last = match asked {
                Ok(answer) => self.kind.written(&answer),
                Err(Failure::Unreachable(why)) => Written::Failed { why, elsewhere: true },
                Err(Failure::Lost(why)) => return Step::Lost(why),
            };
            if !matches!(last, Written::Failed { elsewhere: true, .. }) {
                break;
            }
        }
        Step::Written(last)
    }

    /// Completes a change that the server reports as done, and checks that it works. Nothing here undoes the change.
    async fn finish(&self, mut session: Session, found: &Found, new: &[u8]) -> Result<Change, Error> {
        let dn = found.entry.dn.clone();
        session.modify_if_any(&dn, &self.kind.besides(&found.entry, now()), new).await;
        let here = self.kerberos.is_none();
        if here && self.kind.looked_at_again() && self.wants_another(&mut session, &dn).await {
            session.modify_if_any(&dn, &self.kind.no_more_change(now()), new).await;
        }
        let until = Instant::now() + self.times.proof;
        let mut signs_in = self.prove(found, new, until).await;
        if here && signs_in == SignIn::MustChange {
            session.modify_if_any(&dn, &self.kind.no_more_change(now()), new).await;
            signs_in = self.prove(found, new, until).await;
        }
        session.connection.close().await;
        let said = "the directory says that it set the password";
        match signs_in {
            SignIn::Yes => Ok(Change::Changed),
            SignIn::MustChange => Ok(Change::ChangedWithWarning(
                "the directory wants the password to be changed again at the next sign-in, and the service's entry may not undo \
                 that; see /usr/share/doc/sspr-directory/directories.md"
                    .to_owned(),
            )),
            // kadmin's answer is certain. The KDC that was asked for the ticket may be another one.
            SignIn::Wrong if !here => Ok(Change::ChangedWithWarning(LAGS.to_owned())),
            SignIn::Wrong => Err(Error::Failed(format!("{said}, but nobody can sign in by it"))),
            SignIn::Closed(why) => Err(Error::Failed(format!("{said}, but the account is {why}"))),
            SignIn::Trouble(why) => Err(Error::Failed(format!("{said}, and it could not be tried: {why}"))),
        }
    }

    async fn wants_another(&self, session: &mut Session, dn: &str) -> bool {
        let search = Search {
            base: dn,
            scope: Scope::Base,
            filter: Filter::present("objectClass"),
            attributes: self.kind.attributes(),
            most: 1,
        };
        let asked = session.connection.ask(&Request::Search(&search), &[]).await;
        asked.is_ok_and(|(entries, _)| entries.iter().any(|entry| self.kind.must_change(entry, now())))
    }

    /// Checks whether the new password signs in, at the server that wrote it. A server that can't answer is asked
    /// again. A server that refuses is not, because each refusal counts as a failed sign-in of the user.
    async fn prove(&self, found: &Found, new: &[u8], until: Instant) -> SignIn {
        loop {
            match self.sign_in(found, new, until).await {
                SignIn::Trouble(why) if Instant::now() + AGAIN >= until => return SignIn::Trouble(why),
                SignIn::Trouble(_) => sleep(AGAIN).await,
                said => return said,
            }
        }
    }

    /// Does the same after a change that was sent and not answered. The server may still be working on it, so a refused
    /// password is tried once more in the last quarter of the time.
    async fn prove_twice(&self, found: &Found, new: &[u8]) -> SignIn {
        let until = Instant::now() + self.times.proof;
        match self.prove(found, new, until).await {
            SignIn::Wrong => {
                sleep_until(until - self.times.proof / 4).await;
                self.prove(found, new, until).await
            }
            said => said,
        }
    }

    /// Checks the result of a change that was sent and not answered.
    async fn look_again(&self, found: &Found, new: &[u8], why: &str) -> Result<Change, Error> {
        let unsure = |said: &str| Err(Error::Failed(format!("{why}; and looking again: {said}")));
        match self.proven(self.prove_twice(found, new).await) {
            SignIn::MustChange if self.kerberos.is_some() => unsure(UNPROVED),
            SignIn::Yes | SignIn::MustChange => Ok(Change::ChangedWithWarning(format!("it was not answered: {why}"))),
            SignIn::Wrong if self.kerberos.is_some() => unsure(LAGS),
            SignIn::Wrong => Err(Error::Unavailable(format!("nothing was written: {why}"))),
            SignIn::Closed(said) | SignIn::Trouble(said) => unsure(&said),
        }
    }
}

impl Session {
    /// Modifies other attributes after a change to the password `new`. Nothing depends on its success.
    async fn modify_if_any(&mut self, dn: &str, replace: &Replace, new: &[u8]) {
        if replace.is_empty() {
            return;
        }
        let names: Vec<_> = replace.iter().map(|(name, _)| *name).collect();
        let written = match self.modify(dn, replace, &[]).await {
            Ok(answer) if answer.is_success() => Ok(()),
            Ok(answer) => Err(answer.to_string()),
            Err(why) => Err(why.to_string()),
        };
        if let Err(why) = written {
            let why = words::plain(why, new);
            tracing::warn!(dn, ?names, why, "not written after the change: {why}");
        }
    }
}
