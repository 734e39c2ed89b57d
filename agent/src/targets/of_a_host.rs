//! The own accounts of a host of the fleet, at the server. The host's own helper looks them up and writes; it is asked
//! within a dialogue that the host began, so one such target belongs to one dialogue. A host is believed about its own
//! accounts: it is root there anyway.

use std::{io, time::Duration};

use sspr_config::credential::patience;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{Living, State, Target};
use crate::{
    account::{Id, realm_of_host},
    credential::{
        Aftermath, Change, Verdict,
        client::{Answer, CredentialsError, Made},
    },
    errand::{Errand, Report, Reports, Sent},
};

/// How much longer than the host's own helper a report may take.
const ON_THE_WAY: Duration = Duration::from_secs(6);

/// The own accounts of the host that began a dialogue.
pub(crate) struct OfAHost {
    realm: String,
    errands: mpsc::Sender<Sent>,
    reports: Reports,
}

impl OfAHost {
    /// The accounts of the host with the id `host`, whose `reports` are awaited, and the errands that it is to be sent.
    pub(crate) fn new(host: &str, reports: Reports) -> (Self, mpsc::Receiver<Sent>) {
        let (errands, sent) = mpsc::channel(1);
        (Self { realm: realm_of_host(host), errands, reports }, sent)
    }

    /// The host's report. Fails with [`CredentialsError::Unknown`] if there is none in time.
    async fn ask(&self, errand: Errand, most: Duration) -> Result<Report, CredentialsError> {
        let none = |why: &str| CredentialsError::Unknown(why.to_owned());
        let writes = matches!(errand, Errand::Change { .. } | Errand::Unlock { .. });
        let _awaited = writes.then(|| self.reports.awaited());
        let asked = async {
            let (report, reported) = oneshot::channel();
            self.errands.send((errand, report)).await.map_err(|_| none("the host is gone"))?;
            tokio::select! {
                biased;
                report = reported => report.map_err(|_| none("the host is gone")),
                () = self.reports.given_up() => Err(none("this server stops")),
            }
        };
        let answer = timeout(most + ON_THE_WAY, asked).await.map_err(|_| none("the host does not report"))??;
        Report::read(&answer).ok_or_else(|| none("the host's report can't be understood"))
    }

    /// The same for an errand that writes nothing.
    async fn look(&self, errand: Errand, most: Duration) -> Result<Report, CredentialsError> {
        self.ask(errand, most).await.map_err(nothing_written)
    }
}

fn nothing_written(error: CredentialsError) -> CredentialsError {
    match error {
        CredentialsError::Unknown(why) => CredentialsError::Unavailable(why),
        known => known,
    }
}

/// The error in place of the report that was expected.
fn other(report: Report) -> CredentialsError {
    match report {
        Report::Refused { why } => CredentialsError::Refused(why),
        Report::Unavailable { why } => CredentialsError::Unavailable(why),
        Report::Unknown { why } => CredentialsError::Unknown(why),
        Report::Account { .. } | Report::Verified { .. } | Report::Changed { .. } | Report::Unlocked => {
            CredentialsError::Unknown("the host reports something else".to_owned())
        }
    }
}

impl Target for OfAHost {
    fn realm(&self) -> &str {
        &self.realm
    }

    fn is_far(&self) -> bool {
        true
    }

    fn known(&self, _: &str) -> Option<Id> {
        None
    }

    fn living(&self) -> io::Result<Living> {
        Ok(Living::Untold)
    }

    fn account<'a>(&'a self, _: &'a str) -> Answer<'a, State> {
        Box::pin(async move {
            match self.look(Errand::Account, patience::ACCOUNT).await? {
                Report::Account { id, verdict, admin, locked } => {
                    let verdict = Verdict::from_wire(verdict)
                        .ok_or_else(|| CredentialsError::Unavailable(format!("verdict {verdict} is not known")))?;
                    Ok(State { id, verdict, admin, locked })
                }
                report => Err(nothing_written(other(report))),
            }
        })
    }

    /// The host keeps what was typed, and has it checked. `password` only stands for it.
    fn verify<'a>(&'a self, _: &'a str, _: &'a [u8]) -> Answer<'a, bool> {
        Box::pin(async move {
            match self.look(Errand::Verify, patience::VERIFY).await? {
                Report::Verified { right } => Ok(right),
                report => Err(nothing_written(other(report))),
            }
        })
    }

    /// The host sets the password that it keeps. `new_password` only stands for it.
    fn change<'a>(&'a self, _: &'a str, id: Id, _: &'a [u8]) -> Answer<'a, Change> {
        Box::pin(async move {
            match self.ask(Errand::Change { id }, patience::CHANGE + patience::OUTCOME).await? {
                Report::Changed { outcome, why } => Change::from_wire(outcome, why)
                    .ok_or_else(|| CredentialsError::Unknown(format!("outcome {outcome} is not known"))),
                report => Err(other(report)),
            }
        })
    }

    fn unlock<'a>(&'a self, _: &'a str, id: Id) -> Answer<'a, ()> {
        Box::pin(async move {
            match self.ask(Errand::Unlock { id }, patience::UNLOCK + patience::ACCOUNT).await? {
                Report::Unlocked => Ok(()),
                report => Err(other(report)),
            }
        })
    }

    /// The host looks after itself.
    fn after<'a>(&'a self, _: &'a str, _: Made<'a>) -> Answer<'a, Aftermath> {
        Box::pin(async { Ok(Aftermath::default()) })
    }
}
