//! After a reset in a directory, for which a double stands here: whom the helper looks after, whatever the agent says. With sssd it is tried
//! on machines.

use sspr_agent::{
    account::Id,
    credential::{
        NO_UID,
        client::{Credentials as _, CredentialsError, Made},
    },
};
use zbus::Connection;

use crate::host::{Host, NEW, on_a_host};

const ID: &str = "5f3c1f0e-1b0a-103f-8c55-3d1c4c2f7a11";
const DIRECTORY: &str = "[scope]\nenable = \"all\"\n[directory]\nkind = \"openldap\"\nservers = [\"ldaps://ldap.example.org\"]\n\
                         base = \"dc=example,dc=org\"\nbind = \"cn=reset\"\npassword_file = \"/secret\"\n";

/// `sspr-directory`, which serves everybody by this verdict.
struct Double(u8);

#[zbus::interface(name = "org.pam_sspr.Directory1")]
impl Double {
    fn account(&self, user: String) -> (String, String, u8, bool, bool) {
        (user, ID.to_owned(), self.0, false, false)
    }
}

async fn directory(bus: &Connection, verdict: u8) {
    let path = "/org/pam_sspr/Directory1";
    let _ = bus.object_server().remove::<Double, _>(path).await;
    bus.object_server().at(path, Double(verdict)).await.unwrap();
}

#[test]
fn only_one_of_the_directory_who_is_served_there_and_has_the_id_that_was_meant_is_looked_after() {
    on_a_host(
        "settle::only_one_of_the_directory_who_is_served_there_and_has_the_id_that_was_meant_is_looked_after",
        async |host: &Host| {
            host.user("alice");
            let bus = host.connect().await;
            directory(&bus, 0).await;
            bus.request_name("org.pam_sspr.Directory1").await.unwrap();
            let credentials = host.credentials().await;
            let why = async |as_typed: &str, id: &str| {
                let id = Id::parse(id).unwrap();
                let made = Made { as_typed, id, new_password: NEW.as_bytes(), end_sessions: true, but_for: NO_UID };
                match credentials.settle(made).await.unwrap_err() {
                    CredentialsError::Refused(why) | CredentialsError::Unavailable(why) => why,
                    CredentialsError::Unknown(why) => panic!("{why}"),
                }
            };
            assert!(why("zoe", ID).await.contains("no account of a directory"), "there is no [directory]");
            host.settings(DIRECTORY);
            assert!(why("alice", ID).await.contains("no account of a directory"), "she is this host's own");
            assert!(why("zoe", "another-id").await.contains("another account of that name"));
            // This host has nobody of that name.
            assert!(why("zoe", ID).await.contains("the account is gone"));
            directory(&bus, 1).await;
            assert!(why("zoe", ID).await.contains("not served"));
        },
    );
}
