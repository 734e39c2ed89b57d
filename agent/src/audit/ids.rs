//! The stable names of events, and a record as one line of JSON in the journal, for programs that collect records of many hosts.

use jiff::Timestamp;
use serde::Serialize;
use sspr_config::dialogue::Purpose;

use super::{Entry, Event};
use crate::clock::Time;

impl Event {
    /// The name that never changes, for programs.
    pub const fn id(self, purpose: Purpose) -> &'static str {
        match (self, purpose) {
            (Self::CodeAsked, _) => "code.requested",
            (Self::CodeWrong, _) => "code.wrong",
            (Self::Proved, _) => "identity.verified",
            (Self::Recovered, _) => "password.reset",
            (Self::Unlocked, _) => "account.unlocked",
            (Self::Refused, Purpose::Recover) => "reset.refused",
            (Self::Refused, _) => "registration.refused",
            (Self::Blocked, Purpose::Recover) => "reset.suspended",
            (Self::Blocked, Purpose::Desk) => "verification.suspended",
            (Self::Blocked, _) => "registration.suspended",
            (Self::Registered, _) => "method.registered",
            (Self::Completed, _) => "registration.completed",
            (Self::Changed, _) => "registration.changed",
            (Self::Deleted, _) => "method.removed",
            (Self::Confirmed, _) => "registration.confirmed",
            (Self::CodesMade, _) => "recovery_codes.made",
            (Self::ManyFailures, _) => "codes.many_wrong",
            (Self::PutOff, _) => "registration.put_off",
            (Self::ReviewPutOff, _) => "review.put_off",
            (Self::Failed, _) => "service.failed",
            (Self::HelpdeskCode, _) => "helpdesk_code.issued",
            (Self::Imported, _) => "contact.imported",
            (Self::Synced, _) => "directory_contact.entered",
            (Self::Erased, _) => "directory_contact.erased",
            (Self::Forgotten, _) => "registration.deleted",
            (Self::Unblocked, _) => "suspension.ended",
            (Self::Exempted, _) => "exemption.given",
            (Self::ExemptionEnded, _) => "exemption.ended",
            (Self::Revealed, _) => "contact.revealed",
            (Self::TestSent, _) => "test_message.sent",
            (Self::Looked, _) => "account.viewed",
            (Self::DeskCodeSent, _) => "caller_code.sent",
            (Self::DeskVerified, _) => "caller.verified",
            (Self::DeskLimited, _) => "helpdesk.limited",
            (Self::Exported, _) => "person.exported",
            (Self::PersonErased, _) => "person.erased",
            (Self::HostToken, _) => "host_token.made",
            (Self::HostJoined, _) => "host.joined",
            (Self::HostChanged, _) => "host.changed",
            (Self::HostRekeyed, _) => "host.rekeyed",
            (Self::ServerKey, _) => "server_key.changed",
            (Self::StoreKey, _) => "store_key.replaced",
        }
    }
}

/// The shape of a line. Fields are added, and none is renamed or taken away while `v` is the same.
#[derive(Serialize)]
struct Line<'a> {
    v: u8,
    time: String,
    event_id: &'a str,
    event: &'a str,
    correlation: &'a str,
    actor: &'a str,
    account: &'a str,
    realm: &'a str,
    service: &'a str,
    source: &'a str,
    caller: u32,
    outcome: &'a str,
    reason: &'a str,
}

fn line(uid: u32, entry: &Entry, at: Time) -> String {
    let line = Line {
        v: 1,
        time: Timestamp::from_second(at).map_or_else(|_| at.to_string(), |at| at.to_string()),
        event_id: entry.id,
        event: entry.event,
        correlation: &entry.correlation,
        actor: &entry.actor,
        account: &entry.account_in_full(),
        realm: &entry.realm,
        service: &entry.service,
        source: &entry.source,
        caller: uid,
        outcome: if entry.success { "success" } else { "failure" },
        reason: &entry.reason,
    };
    // Of texts and a number, it can't fail.
    serde_json::to_string(&line).unwrap_or_default()
}

pub(super) fn journal_json(uid: u32, entry: &Entry, at: Time) {
    tracing::info!(target: "audit", event_id = entry.id, correlation = entry.correlation, "{}", line(uid, entry, at));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_of_json_with_the_names_that_the_guide_has() {
        let entry = Entry {
            at: 0,
            event: Event::Recovered.name(Purpose::Recover),
            id: Event::Recovered.id(Purpose::Recover),
            correlation: "d1".into(),
            actor: "alice".into(),
            account: "alice".into(),
            realm: "local".into(),
            service: "sshd".into(),
            source: "192.0.2.1".into(),
            success: true,
            reason: "a \"quote\"\nand a line".into(),
        };
        assert_eq!(
            line(0, &entry, 1_800_000_000),
            r#"{"v":1,"time":"2027-01-15T08:00:00Z","event_id":"password.reset","event":"Reset password (self-service)","correlation":"d1","actor":"alice","account":"alice","realm":"local","service":"sshd","source":"192.0.2.1","caller":0,"outcome":"success","reason":"a \"quote\"\nand a line"}"#
        );
        let guide = include_str!("../../../docs/administrators-guide.md");
        for (event, purpose) in [(Event::Recovered, Purpose::Recover), (Event::PersonErased, Purpose::Status)] {
            assert!(guide.contains(&format!("`{}`", event.id(purpose))), "{event:?}");
        }
    }

    #[test]
    fn an_account_of_a_host_is_named_in_full_so_that_it_looks_like_no_account_of_the_server() {
        let deed = super::super::Deed { event: Event::Forgotten, success: true, account: "host:h1/alice", reason: "" };
        let entry = super::super::of_deed(deed, "alice", "d1");
        assert_eq!((entry.realm.as_str(), entry.account.as_str()), ("host:h1", "alice"));
        let line = line(0, &entry, 0);
        assert!(line.contains(r#""actor":"alice","account":"host:h1/alice","realm":"host:h1""#), "{line}");
        let nobody = Entry { account: "-".into(), ..entry };
        assert_eq!(nobody.account_in_full(), "-");
    }
}
