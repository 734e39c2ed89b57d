//! Decides whether proofs are enough, and uses up each of them once.

use super::{Means, suspended};
use crate::{
    account::Id,
    clock::Time,
    error::Result,
    limits,
    session::Session,
    store::{
        Challenges, HelpdeskCodes, Proofs, RecoveryCodes, Tx, Uses,
        proofs::{Holder, Spent},
    },
};

/// The proofs that an account needs to recover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Its present id. Registrations of an earlier account with the same name don't count.
    pub id: Id,
    /// How many different means are required.
    pub methods: usize,
    /// Whether the account is an administrator's: then a help-desk code counts as one proof. For all other accounts it
    /// is enough.
    pub admin: bool,
}

impl Needed {
    /// Whether proofs by these means are enough.
    pub fn is_met_by(&self, means: &[Means]) -> bool {
        let mut different = means.to_vec();
        different.sort_unstable();
        different.dedup();
        self.methods > 0 && (different.len() >= self.methods || (!self.admin && different.contains(&Means::HelpDesk)))
    }
}

/// The means by which this dialogue has proved the identity, not yet spent.
pub async fn proved(s: &Session) -> Result<Vec<Means>> {
    let mut tx = s.begin_to_read().await?;
    let words = Proofs::proved_methods(&mut tx, &holder(s, Id::NONE)).await?;
    tx.commit().await?;
    Ok(means(&words))
}

/// The same, limited to those that are valid for the account with `id` now.
pub async fn good(s: &Session, id: Id) -> Result<Vec<Means>> {
    let mut tx = s.begin_to_read().await?;
    let words = Proofs::good_methods(&mut tx, &holder(s, id)).await?;
    tx.commit().await?;
    Ok(means(&words))
}

fn means(words: &[String]) -> Vec<Means> {
    words.iter().filter_map(|word| Means::from_word(word)).collect()
}

fn holder(s: &Session, id: Id) -> Holder<'_> {
    Holder {
        account: s.attempt.account.tag(),
        name: s.name(),
        id,
        purpose: s.purpose().as_str(),
        dialogue: &s.attempt.dialogue,
        since: oldest(s),
        now: s.now(),
        from: s.attempt.closed_from(&s.keys),
    }
}

/// A proof expires after this time.
fn oldest(s: &Session) -> Time {
    let longest_ago = s.now() - s.settings.limits.recovery.as_secs();
    // The dialogue that it goes on with may have begun as long ago as that.
    let began = if s.attempt.resumed { longest_ago } else { s.attempt.began };
    began.max(longest_ago) - 1
}

/// Spends the proofs of this dialogue if they are of at least `required` different means and the account is not suspended.
/// `false`: nothing was spent.
pub async fn spend(s: &Session, required: usize) -> Result<bool> {
    let id = s.targets.known(s.name()).unwrap_or(Id::NONE);
    Ok(spend_for(s, Needed { id, methods: required, admin: true }).await?.is_some())
}

/// Spends the proofs of this dialogue, and the codes behind them, if they are all that is `needed` and the account is
/// not suspended. `None`: nothing was spent. If two dialogues have the same recovery code, only one spends it.
pub async fn spend_for(s: &Session, needed: Needed) -> Result<Option<Vec<Spent>>> {
    match spending(s, needed).await? {
        Some((tx, spent)) => tx.commit().await.map(|()| Some(spent)),
        None => Ok(None),
    }
}

/// The same, in a transaction that the caller can add to: the proofs are spent when it is committed.
pub async fn spending(s: &Session, needed: Needed) -> Result<Option<(Tx<'_>, Vec<Spent>)>> {
    let mut tx = s.begin().await?;
    if suspended(&mut tx, s).await?.is_some() {
        return Ok(None);
    }
    let holder = holder(s, needed.id);
    let spent = Proofs::spend(&mut tx, &holder).await?;
    let words: Vec<String> = spent.iter().map(|one| one.method.clone()).collect();
    if !needed.is_met_by(&means(&words)) {
        return Ok(None);
    }
    let mut codes: Vec<_> = spent.iter().map(|one| (one.method.as_str(), one.token)).collect();
    codes.sort_unstable();
    codes.dedup();
    for (word, token) in codes {
        if !use_up(&mut tx, s, word, token, holder.now).await? {
            return Ok(None);
        }
    }
    Uses::note(&mut tx, &holder).await?;
    Ok(Some((tx, spent)))
}

/// Uses up the code behind a proof, if there is one.
async fn use_up(tx: &mut Tx<'_>, s: &Session, word: &str, token: Option<i64>, now: Time) -> Result<bool> {
    let name = s.name();
    match (Means::from_word(word), token) {
        (Some(Means::RecoveryCode), Some(id)) => RecoveryCodes::use_up(tx, name, id, now).await,
        (Some(Means::HelpDesk), Some(id)) => HelpdeskCodes::use_up(tx, name, id, now).await,
        (Some(Means::RecoveryCode | Means::HelpDesk), None) => Ok(false),
        // The time step of an app was used up when it was proved.
        _ => Ok(true),
    }
}

/// Gives back the proofs that were just `spent`, because the write was refused before anything was written.
pub async fn give_back(s: &Session, spent: &[Spent]) -> Result<()> {
    let name = s.name();
    let mut tx = s.begin().await?;
    let given = Proofs::unspend(&mut tx, spent).await?;
    for Spent { method, token, .. } in spent.iter().filter(|one| given.contains(&one.id)) {
        match (Means::from_word(method), *token) {
            (Some(Means::RecoveryCode), Some(id)) => RecoveryCodes::give_back(&mut tx, name, id).await?,
            (Some(Means::HelpDesk), Some(id)) => HelpdeskCodes::give_back(&mut tx, name, id).await?,
            _ => {}
        }
    }
    tx.commit().await
}

/// Clears failures and voids all open challenges after a success.
pub async fn succeed(s: &Session) -> Result<()> {
    let mut tx = s.begin().await?;
    succeeding(&mut tx, s).await?;
    tx.commit().await
}

/// The same in a transaction.
pub(crate) async fn succeeding(tx: &mut Tx<'_>, s: &Session) -> Result<()> {
    let (purpose, closed_from) = (s.purpose().as_str(), s.attempt.closed_from(&s.keys));
    limits::succeeded(tx, &s.failures(), &s.source()).await?;
    Challenges::void_all(tx, s.attempt.account.tag(), purpose, closed_from.as_ref(), s.now()).await
}

/// How many recovery codes the account can still use.
pub async fn recovery_codes_left(s: &Session) -> Result<i64> {
    let mut tx = s.begin_to_read().await?;
    let left = RecoveryCodes::left(&mut tx, s.name()).await?;
    tx.commit().await?;
    Ok(left)
}

#[cfg(test)]
mod tests {
    use sspr_config::settings::Method;

    use super::*;

    #[test]
    fn two_means_two_different_ones_and_the_help_desk_is_enough_for_all_but_administrators() {
        let needed = |methods, admin| Needed { id: Id::from(1001), methods, admin };
        let (one, two, admins) = (needed(1, false), needed(2, false), needed(2, true));
        for (index, first) in Means::all().enumerate() {
            assert!(one.is_met_by(&[first]), "{first:?}");
            assert_eq!(two.is_met_by(&[first, first]), first == Means::HelpDesk, "{first:?}");
            assert!(!admins.is_met_by(&[first, first]), "{first:?}");
            for second in Means::all().skip(index + 1) {
                for pair in [[first, second], [second, first]] {
                    assert!(two.is_met_by(&pair) && admins.is_met_by(&pair), "{pair:?}");
                }
            }
        }
        for needed in [one, two, admins, needed(0, false)] {
            assert!(!needed.is_met_by(&[]), "{needed:?}");
        }
        assert!(!needed(0, false).is_met_by(&[Means::By(Method::Email)]), "an unset number is never enough");
    }

    #[test]
    fn every_word_comes_back_as_itself() {
        for means in Means::all() {
            assert_eq!(Means::from_word(means.as_str()), Some(means));
        }
        assert_eq!(Means::from_word("fax"), None);
    }
}
