//! `sspr admin erase`: erases everything that is stored about one user. Rows of the audit trail stay without the
//! user's name, and a receipt lists what was erased.

use sspr_config::dialogue::Purpose;
use sspr_protocol::{chain::ERASED, compliance::Receipt};

use crate::{
    audit::{self, Deed, Event},
    audit_writer,
    chaining::BATCH,
    housekeeping,
    notifications::{self, Changed},
    outbox::OutboxMessage,
    proof::Account,
    random,
    store::{AuditRows, Chains, Dossiers, Messages, Registrations},
};

use super::{
    AdminCall, Result, export,
    find::{self, Kept},
    not_found,
    people::by_an_administrator,
    wire::Whom,
};

/// How many digits of a random handle form the receipt's number.
const NUMBER_DIGITS: usize = 12;

/// Erases it in one transaction. The registered contacts are notified.
pub(super) async fn erase(call: &AdminCall, whom: &Whom) -> Result<Receipt> {
    let agent = &call.agent;
    let placed = find::place_whole(agent, &whom.user, whom.local, Kept::Anything).await?;
    let who = placed.name();
    let exists = agent.people.exists(&whom.user).await == Some(true);
    // All earlier events are written to the trail before names are removed from it.
    audit_writer::drain(agent).await?;
    let number: String = random::handle(agent.random.as_ref())?.chars().take(NUMBER_DIGITS).collect();
    let account = Account::new(&agent.keys, who);
    let now = agent.now();
    let mut receipt = Receipt {
        receipt: format!("{ERASED}{number}"),
        at: now,
        by: call.administrator.clone(),
        user: who.name.to_owned(),
        realm: who.realm.to_owned(),
        limits_until: now + housekeeping::kept(&agent.settings),
        ..Receipt::default()
    };
    let mut tx = agent.begin().await?;
    let told = Registrations::get(&mut tx, &agent.keys, who).await?.map(|own| own.usable()).unwrap_or_default();
    let messages = export::messages(&mut tx, agent, who).await?;
    receipt.rows = Dossiers::erase(&mut tx, who, account.tag(), &account.held_against_it(&agent.keys)).await?;
    account.void(&mut tx, &agent.keys, now).await?;
    let mut count = 0;
    for (_, waiting, queued) in messages {
        // Notifications to administrators about an administrator belong to that administrator.
        let theirs =
            matches!(&queued, OutboxMessage::Notification(notification) if !notification.kind.is_to_the_user());
        if !theirs {
            Messages::remove(&mut tx, waiting.id).await?;
            count += 1;
        }
    }
    receipt.rows.insert("message".to_owned(), count);
    while Chains::chain_up(&mut tx, agent.random.as_ref(), BATCH).await? == BATCH {}
    let free_text = [Event::Exempted.name(Purpose::Status)];
    let trail = Chains::erase_person(&mut tx, who, &receipt.receipt, &free_text).await?;
    receipt.rows.insert("audit".to_owned(), trail);
    if receipt.rows.values().all(|count| *count == 0) {
        return if exists { Ok(receipt) } else { Err(not_found()) };
    }
    if agent.settings.notify.changes {
        receipt.notified = told.len() as u64;
    }
    notifications::changed(&mut tx, agent, who, &by_an_administrator(), Changed::Everything, &told).await?;
    let counts = receipt.counts();
    let deed = Deed { event: Event::PersonErased, success: true, account: &receipt.receipt, reason: &counts };
    let mut entry = audit::of_deed(deed, &call.administrator, &call.correlation);
    entry.at = now;
    let newest = AuditRows::add(&mut tx, &entry).await?;
    tx.commit().await?;
    agent.audit.wrote(newest);
    agent.audit.journal(0, &entry);
    agent.outbox.wake();
    agent.settled.forget(who.name);
    Ok(receipt)
}
