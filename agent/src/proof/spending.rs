//! Decides whether proofs are enough, and uses up each of them once.

use super::{Case, Means, rest};
use crate::{
    clock::Time,
    credential::NO_UID,
    doors::Doors,
    error::Result,
    limits,
    store::{
        Tx, challenges, helpdesk_codes,
        proofs::{self, Holder},
        recovery_codes,
    },
};

/// The proofs that an account needs to recover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Its uid now. Registrations of an earlier account of the same name don't count.
    pub uid: u32,
    /// How many different proofs.
    pub methods: usize,
    /// An administrator's account: a code from the help desk counts as one proof. For everybody else it is enough.
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

/// The means by which this dialogue has proved an identity, not yet spent.
pub async fn proved(doors: &Doors, case: &Case) -> Result<Vec<Means>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let words = proofs::proved_methods(&mut tx, &holder(doors, case, NO_UID)).await?;
    tx.commit().await?;
    Ok(means(&words))
}

/// The same, limited to those that are valid for the account with `uid` now.
pub async fn good(doors: &Doors, case: &Case, uid: u32) -> Result<Vec<Means>> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let words = proofs::good_methods(&mut tx, &holder(doors, case, uid)).await?;
    tx.commit().await?;
    Ok(means(&words))
}

fn means(words: &[String]) -> Vec<Means> {
    words.iter().filter_map(|word| Means::from_word(word)).collect()
}

fn holder<'a>(doors: &Doors, case: &'a Case, uid: u32) -> Holder<'a> {
    Holder {
        account: &case.account.tag,
        name: &case.account.name,
        uid,
        purpose: case.purpose.as_str(),
        dialogue: &case.dialogue,
        since: oldest(doors, case),
        now: doors.clock.now(),
        from: case.closed_from(doors),
    }
}

/// A proof expires after this time.
fn oldest(doors: &Doors, case: &Case) -> Time {
    case.began.max(doors.clock.now() - doors.settings.limits.recovery.as_secs()) - 1
}

/// Spends the proofs of this dialogue if they are of at least `required` different means and the account is not suspended.
/// `false`: nothing was spent.
pub async fn spend(doors: &Doors, case: &Case, required: usize) -> Result<bool> {
    let uid = doors.people.uid(&case.account.name).unwrap_or(NO_UID);
    spend_for(doors, case, Needed { uid, methods: required, admin: true }).await
}

/// Spends the proofs of this dialogue, and the codes behind them, if they are all that is `needed` and the account is not
/// suspended. `false`: nothing was spent. Of two dialogues with the same recovery code only one spends it.
pub async fn spend_for(doors: &Doors, case: &Case, needed: Needed) -> Result<bool> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    if rest(&mut tx, doors, case).await?.is_some() {
        return Ok(false);
    }
    let holder = holder(doors, case, needed.uid);
    let mut spent = proofs::spend(&mut tx, &holder).await?;
    spent.sort_unstable();
    spent.dedup();
    let words: Vec<String> = spent.iter().map(|(word, _)| word.clone()).collect();
    if !needed.is_met_by(&means(&words)) {
        return Ok(false);
    }
    for (word, token) in &spent {
        if !use_up(&mut tx, case, word, *token, holder.now).await? {
            return Ok(false);
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// Uses up the code behind a proof, if there is one.
async fn use_up(tx: &mut Tx<'_>, case: &Case, word: &str, token: Option<i64>, now: Time) -> Result<bool> {
    let name = &case.account.name;
    match (Means::from_word(word), token) {
        (Some(Means::RecoveryCode), Some(id)) => recovery_codes::use_up(tx, name, id, now).await,
        (Some(Means::HelpDesk), Some(id)) => helpdesk_codes::use_up(tx, name, id, now).await,
        (Some(Means::RecoveryCode | Means::HelpDesk), None) => Ok(false),
        // The step of an app was taken when it was proved.
        _ => Ok(true),
    }
}

/// Gives back what was just spent, because the write was refused before anything was written.
pub async fn give_back(doors: &Doors, case: &Case) -> Result<()> {
    let name = &case.account.name;
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let given = proofs::unspend(&mut tx, &case.account.tag, case.purpose.as_str(), &case.dialogue).await?;
    for (word, token) in given {
        match (Means::from_word(&word), token) {
            (Some(Means::RecoveryCode), Some(id)) => recovery_codes::give_back(&mut tx, name, id).await?,
            (Some(Means::HelpDesk), Some(id)) => helpdesk_codes::give_back(&mut tx, name, id).await?,
            _ => {}
        }
    }
    Ok(tx.commit().await?)
}

/// The purpose is reached: clears failures, and voids all open challenges.
pub async fn succeed(doors: &Doors, case: &Case) -> Result<()> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let (purpose, closed_from) = (case.purpose.as_str(), case.closed_from(doors));
    limits::succeeded(&mut tx, &case.account.failures(doors, case.purpose), &case.source(doors)).await?;
    challenges::void_all(&mut tx, &case.account.tag, purpose, closed_from.as_ref(), doors.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// How many recovery codes the account can still use.
pub async fn recovery_codes_left(doors: &Doors, case: &Case) -> Result<i64> {
    let mut session = doors.store.session().await;
    let mut tx = session.begin().await?;
    let left = recovery_codes::left(&mut tx, &case.account.name).await?;
    tx.commit().await?;
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_means_two_different_ones_and_the_help_desk_is_enough_for_all_but_administrators() {
        let needed = |methods, admin| Needed { uid: 1001, methods, admin };
        let (one, two, admins) = (needed(1, false), needed(2, false), needed(2, true));
        for (index, first) in Means::ALL.into_iter().enumerate() {
            assert!(one.is_met_by(&[first]), "{first:?}");
            assert_eq!(two.is_met_by(&[first, first]), first == Means::HelpDesk, "{first:?}");
            assert!(!admins.is_met_by(&[first, first]), "{first:?}");
            for second in Means::ALL.into_iter().skip(index + 1) {
                for pair in [[first, second], [second, first]] {
                    assert!(two.is_met_by(&pair) && admins.is_met_by(&pair), "{pair:?}");
                }
            }
        }
        for needed in [one, two, admins, needed(0, false)] {
            assert!(!needed.is_met_by(&[]), "{needed:?}");
        }
        assert!(!needed(0, false).is_met_by(&[Means::Email]), "an unset number is never enough");
    }

    #[test]
    fn every_word_comes_back_as_itself() {
        for means in Means::ALL {
            assert_eq!(Means::from_word(means.as_str()), Some(means));
        }
        assert_eq!(Means::from_word("fax"), None);
    }
}
