//! `sspr admin export`: everything that is stored about one user, in one document. It never contains a code or the key
//! of an app.

use sspr_protocol::compliance::{ContactInFull, Exported, FORMAT, Message, Registration, Whose};

use crate::{
    account::Name,
    audit::{Deed, Event},
    audit_writer,
    credential::Verdict,
    limits,
    outbox::{self, OutboxMessage},
    proof::Account,
    snapshot::Snapshot,
    store::{Dossiers, Exemptions, Overviews, Tx, audit::PAGE, audit::Record, outbox::Waiting, registrations},
};

use super::{
    AdminCall, Result,
    find::{self, Found, Kept},
    wire::{ShownCode, ShownExemption, Whom},
};

/// Returns the document. The export is recorded, because it shows contacts in full.
pub(super) async fn export(call: &AdminCall, whom: &Whom) -> Result<Exported> {
    let agent = &call.agent;
    audit_writer::drain(agent).await?;
    let placed = find::place_whole(agent, &whom.user, whom.local, Kept::Anything).await?;
    let found = Found::placed(agent, &whom.user, &placed).await?;
    let (name, id) = (found.who(), found.state.id);
    let account = Account::new(&agent.keys, name);
    let (counted, failures) = (account.counted(&agent.keys), account.all_failures(&agent.keys));
    let mut tx = agent.begin().await?;
    // The remains of a deleted account belong to it. A registration of another account with the same name is not this
    // one's.
    let own = found.overview.as_ref().filter(|own| own.id == id || found.state.verdict == Verdict::Unknown);
    let mut document = Exported {
        format: FORMAT.to_owned(),
        made: agent.now(),
        by: call.administrator.clone(),
        account: Whose {
            name: name.name.to_owned(),
            realm: found.realm.clone(),
            id: id.as_str().to_owned(),
            verdict: find::word(found.state.verdict).to_owned(),
            admin: found.state.admin,
        },
        ..Exported::default()
    };
    if let (Some(own), Some(row)) = (own, Dossiers::row(&mut tx, name).await?) {
        document.registration = Some(Registration {
            id: own.id.as_str().to_owned(),
            since: own.created,
            confirmed: own.confirmed,
            asked: row.asked,
            checked: row.checked,
            language: own.language.clone(),
        });
        for kept in Overviews::contacts(&mut tx, name).await? {
            let contact = registrations::open(&agent.keys, name, own.id, &kept.method, &kept.sealed)?;
            document.contacts.push(ContactInFull {
                method: kept.method,
                contact: contact.as_str().to_owned(),
                preferred: kept.preferred,
                usable: kept.usable,
                since: kept.created,
                verified: kept.verified,
                source: kept.source,
                used: kept.used,
            });
        }
        document.app = Dossiers::app(&mut tx, name).await?;
        document.recovery_codes = Dossiers::recovery_codes(&mut tx, name).await?;
    }
    document.helpdesk_code = Overviews::helpdesk_code(&mut tx, name)
        .await?
        .filter(|code| code.account == id)
        .map(|code| ShownCode { issuer: code.issuer, created: code.created, expires: code.expires, used: code.used });
    document.exemption = Exemptions::get(&mut tx, name, id).await?.map(|exemption| ShownExemption {
        issuer: exemption.issuer,
        reason: exemption.reason,
        created: exemption.created,
    });
    document.questions = Dossiers::questions(&mut tx, name).await?;
    document.directory = Dossiers::in_directory(&mut tx, name).await?;
    let suspended = limits::all_suspensions(&mut tx, &agent.settings.limits, agent.now()).await?;
    document.suspended_for = failures.iter().filter_map(|(_, key)| suspended.get(key.as_slice()).copied()).max();
    document.counted = Dossiers::counted(&mut tx, &counted).await?;
    document.codes = Dossiers::codes(&mut tx, account.tag()).await?;
    for (method, waiting, queued) in messages(&mut tx, agent, name).await? {
        document.messages.push(message(method, &waiting, &queued));
    }
    document.audit = trail(&mut tx, name).await?;
    tx.commit().await?;
    call.record(Deed { event: Event::Exported, success: true, account: &name.in_full(), reason: "" });
    Ok(document)
}

async fn trail(tx: &mut Tx<'_>, name: Name<'_>) -> Result<Vec<Record>> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map_or(0, |record: &Record| record.id);
        let page = Dossiers::trail(tx, name, after, PAGE).await?;
        let last = page.len() < PAGE as usize;
        all.extend(page);
        if last {
            return Ok(all);
        }
    }
}

/// The waiting messages about `name`, each with the word of its method. A message that can't be opened is of another
/// host key, and is left out.
pub(super) async fn messages(
    tx: &mut Tx<'_>,
    agent: &Snapshot,
    name: Name<'_>,
) -> Result<Vec<(String, Waiting, OutboxMessage)>> {
    let mut found = Vec::new();
    for (method, waiting) in Dossiers::waiting(tx).await? {
        let Ok(queued) = outbox::opened(&agent.keys, &waiting.sealed) else { continue };
        if queued.account() == name {
            found.push((method, waiting, queued));
        }
    }
    Ok(found)
}

fn message(method: String, waiting: &Waiting, queued: &OutboxMessage) -> Message {
    let (kind, to) = match queued {
        OutboxMessage::Code(code) => ("code".to_owned(), code.new_contact.as_ref().map(|(_, address)| address.clone())),
        // Another user's address is not part of this user's data.
        OutboxMessage::Notification(notification) if notification.kind.is_to_the_user() => {
            ("notification".to_owned(), Some(notification.contact.clone()))
        }
        OutboxMessage::Notification(_) => ("notification to administrators".to_owned(), None),
    };
    Message { kind, method, to, made: waiting.created, expires: waiting.not_after, tries: waiting.attempts }
}
