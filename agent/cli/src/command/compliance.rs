//! `sspr admin export` and `erase`: exports or erases everything that is stored about one user.

use std::process::ExitCode;

use sspr_core::plain::plain;
use sspr_protocol::{
    admin::Whom,
    compliance::{Exported, Receipt},
};

use crate::{client::Client, failure::Failure, out};

/// Writes everything as one JSON document.
pub async fn export(client: &Client, whom: Whom) -> Result<ExitCode, Failure> {
    let document: Exported = client.call("Export", &whom).await?;
    out::json(&document)?;
    Ok(ExitCode::SUCCESS)
}

/// Erases everything, and prints the receipt.
pub async fn erase(client: &Client, whom: Whom, yes: bool, json: bool) -> Result<ExitCode, Failure> {
    let user = plain(&whom.user);
    out::confirm(
        &format!(
            "This erases everything that is stored about {user}, and takes the name out of the audit trail. It can't be undone."
        ),
        yes,
    )?;
    let receipt: Receipt = client.call("Erase", &whom).await?;
    if json {
        out::json(&receipt)?;
    } else {
        out::print(&described(&receipt))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn described(receipt: &Receipt) -> String {
    let user = plain(&receipt.user);
    let rows: Vec<_> = receipt.rows.iter().filter(|(kind, count)| **count > 0 && *kind != "audit").collect();
    if rows.is_empty() && receipt.rows.get("audit").is_none_or(|count| *count == 0) {
        return format!("Nothing is stored about {user}.");
    }
    let mut lines = vec![
        format!("Receipt      {}", plain(&receipt.receipt)),
        format!("Of           {}, by {}", out::moment(receipt.at), plain(&receipt.by)),
        format!("User         {user}, {}", plain(&receipt.realm)),
    ];
    lines.extend(rows.iter().map(|(kind, count)| format!("Erased       {}", of_kind(**count, kind))));
    if let Some(count) = receipt.rows.get("audit").filter(|count| **count > 0) {
        let rows = out::number(*count, "row", "rows");
        lines.push(format!("Audit trail  {rows} of it now have the number of this receipt in place of the name"));
    }
    if receipt.notified > 0 {
        let contacts = out::number(receipt.notified, "contact is", "contacts are");
        lines.push(format!("Notified     {contacts} told; each message is erased when it is sent"));
    }
    lines.push(format!(
        "Left         keyed hashes of codes that were sent, which limits go by, until {}; the journal, as journald keeps it",
        out::moment(receipt.limits_until)
    ));
    lines.push("Keep this receipt: nothing else says whose it is.".to_owned());
    lines.join("\n")
}

/// The text such as `2 contacts` for a row of the receipt.
fn of_kind(count: u64, kind: &str) -> String {
    let (one, more) = match kind {
        "contact" => ("contact", "contacts"),
        "authenticator" => ("authenticator app", "authenticator apps"),
        "recovery_code" => ("recovery code", "recovery codes"),
        "registration" => ("registration", "registrations"),
        "helpdesk_code" => ("code of the help desk", "codes of the help desk"),
        "exemption" => ("exemption", "exemptions"),
        "invitation" => ("note of when the user was asked", "notes of when the user was asked"),
        "unanswered" => ("note of a question without an answer", "notes of questions without an answer"),
        "picture" => ("note of a picture that was not shown", "notes of pictures that were not shown"),
        "synced" => ("hash of a contact in the directory", "hashes of contacts in the directory"),
        "counted" => ("count of wrong codes", "counts of wrong codes"),
        "code" => ("code that was sent", "codes that were sent"),
        "message" => ("message that waited", "messages that waited"),
        other => return format!("{count} of {}", plain(other)),
    };
    out::number(count, one, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_says_what_was_erased_what_stays_and_that_it_must_be_kept() {
        let receipt = Receipt {
            receipt: "erased-0123456789ab".into(),
            by: "carol".into(),
            user: "alice".into(),
            realm: "local".into(),
            rows: [("contact", 2), ("registration", 1), ("exemption", 0), ("audit", 12)]
                .map(|(kind, count)| (kind.to_owned(), count))
                .into(),
            notified: 1,
            ..Receipt::default()
        };
        let text = described(&receipt);
        for part in [
            "erased-0123456789ab",
            ", by carol\n",
            "User         alice, local\n",
            "Erased       2 contacts\nErased       1 registration\n",
            "12 rows of it now have the number",
            "1 contact is told",
            "Keep this receipt",
        ] {
            assert!(text.contains(part), "{part:?} in\n{text}");
        }
        assert!(!text.contains("exemption"), "{text}");
        assert_eq!(receipt.counts(), "audit 12, contact 2, registration 1");
        let nothing = Receipt { user: "alice".into(), ..Receipt::default() };
        assert_eq!(described(&nothing), "Nothing is stored about alice.");
    }
}
