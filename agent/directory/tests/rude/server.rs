//! An LDAP server that follows its script, and is well-behaved otherwise.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use sspr_config::settings::{self, Settings};
use sspr_directory::{
    ber::{self, ENUMERATED, INTEGER, OCTETS, Reader, SEQUENCE, SET, Writer},
    connection::Limits,
    directory::{Directory, Times},
    message::PASSWORD_POLICY,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// How long a new password is tried.
pub(crate) const PROOF: Duration = Duration::from_secs(1);
pub(crate) const ALICE: &str = "uid=alice,ou=people,dc=example,dc=org";

/// A request.
pub(crate) struct Asked {
    pub(crate) id: u32,
    /// 0x60 bind, 0x63 search, 0x66 modify, 0x77 extended operation.
    pub(crate) tag: u8,
    /// The content of the request.
    pub(crate) content: Vec<u8>,
    /// The controls of the request.
    controls: Vec<u8>,
}

impl Asked {
    /// Whether the request contains `text`.
    pub(crate) fn has(&self, text: &str) -> bool {
        within(&self.content, text)
    }

    /// Whether the request has the control `oid`.
    pub(crate) fn has_control(&self, oid: &str) -> bool {
        within(&self.controls, oid)
    }

    /// Whether it searches for users.
    pub(crate) fn is_for_people(&self) -> bool {
        self.tag == 0x63 && self.has("ou=people") && !self.has("uniqueMember") && !self.has("\u{0}cn")
    }

    /// The password of a simple bind.
    pub(crate) fn password(&self) -> String {
        let mut bind = Reader::new(&self.content);
        bind.number(INTEGER).unwrap();
        bind.expect(OCTETS).unwrap();
        String::from_utf8(bind.expect(0x80).unwrap().to_vec()).unwrap()
    }

    /// The attributes that a modify replaces, each with its first value.
    pub(crate) fn replaced(&self) -> Vec<(String, Vec<u8>)> {
        let mut modify = Reader::new(&self.content);
        modify.expect(OCTETS).unwrap();
        let mut changes = Reader::new(modify.expect(SEQUENCE).unwrap());
        let mut replaced = Vec::new();
        while !changes.is_empty() {
            let mut change = Reader::new(changes.expect(SEQUENCE).unwrap());
            assert_eq!(change.number(ENUMERATED), Ok(2));
            let mut attribute = Reader::new(change.expect(SEQUENCE).unwrap());
            let name = String::from_utf8(attribute.expect(OCTETS).unwrap().to_vec()).unwrap();
            let mut values = Reader::new(attribute.expect(SET).unwrap());
            replaced.push((name, values.expect(OCTETS).unwrap().to_vec()));
        }
        replaced
    }

    /// Whether it is a bind as alice.
    pub(crate) fn is_alices(&self) -> bool {
        self.tag == 0x60 && self.has(ALICE)
    }
}

fn within(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The reaction of the server.
pub(crate) enum Does {
    /// Sends these bytes.
    Sends(Vec<u8>),
    /// Sends these bytes, and ends the connection.
    Ends(Vec<u8>),
    /// Sends these bytes again and again, without end.
    Floods(Vec<u8>),
    /// Sends nothing more, and keeps the connection.
    Sulks,
}

type Script = dyn Fn(&Asked) -> Option<Does> + Send + Sync;

/// A server that runs as long as the test.
pub(crate) struct Rude {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Rude {
    /// Starts a server that is well-behaved whenever `script` returns `None`.
    pub(crate) async fn start(script: impl Fn(&Asked) -> Option<Does> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (script, log): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn settings(&self, scheme: &str, kind: &str, more: &str) -> Settings {
        // Some kinds refuse settings without encryption, which is not needed here, so the server is set afterwards.
        let text = format!(
            "[scope]\nenable = \"all\"\n[directory]\nkind = \"{kind}\"\nservers = [\"ldaps://localhost\"]\n\
             base = \"ou=people,dc=example,dc=org\"\nbind = \"cn=reset\"\npassword_file = \"/\"\n{more}"
        );
        let mut settings = settings::parse(&text, Path::new("test")).unwrap();
        settings.directory.servers = vec![format!("{scheme}://{}", self.address)];
        settings
    }

    /// Our program with this server, with shorter time limits than usual.
    pub(crate) fn directory(&self) -> Directory {
        self.directory_of("ldap+plain", "openldap")
    }

    pub(crate) fn directory_of(&self, scheme: &str, kind: &str) -> Directory {
        of(self.settings(scheme, kind, ""))
    }

    /// How many requests contained `text`.
    pub(crate) fn asked(&self, text: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.contains(text)).count()
    }
}

pub(crate) fn of(mut settings: Settings) -> Directory {
    let folder = tempfile::tempdir().unwrap().keep();
    let password = folder.join("password");
    std::fs::write(&password, "secret of the service\n").unwrap();
    rustix::fs::chmod(&password, 0o600.into()).unwrap();
    settings.directory.password_file = Some(password);
    if settings.directory.ca_file.is_none() {
        let key = rcgen::KeyPair::generate().unwrap();
        let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        std::fs::write(folder.join("ca.pem"), pem("CERTIFICATE", own.der())).unwrap();
        settings.directory.ca_file = Some(folder.join("ca.pem"));
    }
    let tenth = |millis| Duration::from_millis(millis);
    let limits = Limits { connect: tenth(500), operation: tenth(500) };
    let times = Times { limits, find: tenth(1500), change: tenth(2500), proof: PROOF, check: tenth(800) };
    Directory::new(&settings, None, times).unwrap()
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, log: Arc<Mutex<Vec<String>>>) -> Option<()> {
    loop {
        let asked = next(&mut stream).await?;
        log.lock().unwrap().push(String::from_utf8_lossy(&asked.content).into_owned());
        let does = script(&asked).unwrap_or_else(|| Does::Sends(well(&asked)));
        match does {
            Does::Sends(bytes) => stream.write_all(&bytes).await.ok()?,
            Does::Ends(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                return None;
            }
            Does::Floods(bytes) => loop {
                stream.write_all(&bytes).await.ok()?;
            },
            Does::Sulks => {
                // Until the client closes the connection.
                let mut junk = [0; 64];
                while stream.read(&mut junk).await.ok()? > 0 {}
                return None;
            }
        }
    }
}

async fn next(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        if let Ok(Some((_, header, length))) = ber::header(&bytes)
            && bytes.len() >= header + length
        {
            break;
        }
        bytes.push(stream.read_u8().await.ok()?);
    }
    let mut outer = Reader::new(&bytes);
    let mut message = Reader::new(outer.expect(SEQUENCE).ok()?);
    let id = message.number(INTEGER).ok()?;
    let (tag, content) = message.element().ok()?;
    let controls = message.optional(0xa0).ok()?.unwrap_or_default();
    Some(Asked { id, tag, content: content.to_vec(), controls: controls.to_vec() })
}

/// The answer that ends an operation.
pub(crate) fn done(id: u32, tag: u8, code: u32, text: &str) -> Vec<u8> {
    done_with(id, tag, code, text, None)
}

/// The same with an error of the password policy, if there is one.
fn done_with(id: u32, tag: u8, code: u32, text: &str, policy: Option<u8>) -> Vec<u8> {
    let mut message = Writer::default();
    message.inside(SEQUENCE, |w| {
        w.number(INTEGER, id).inside(tag, |w| {
            w.number(ENUMERATED, code).bytes(OCTETS, b"").bytes(OCTETS, text.as_bytes());
        });
        if let Some(error) = policy {
            w.inside(0xa0, |w| {
                w.inside(SEQUENCE, |w| {
                    w.bytes(OCTETS, PASSWORD_POLICY.as_bytes()).bytes(OCTETS, &[0x30, 3, 0x81, 1, error]);
                });
            });
        }
    });
    message.finish().to_vec()
}

/// The tag of the answer to `asked`.
fn tag(asked: &Asked) -> u8 {
    match asked.tag {
        0x77 => 0x78,
        0x63 => 0x65,
        other => other + 1,
    }
}

/// The usual answer to `asked`, with `code`.
pub(crate) fn answered(asked: &Asked, code: u32, text: &str) -> Vec<u8> {
    done(asked.id, tag(asked), code, text)
}

/// The same with an error of the password policy.
pub(crate) fn answered_by_policy(asked: &Asked, code: u32, text: &str, policy: u8) -> Vec<u8> {
    done_with(asked.id, tag(asked), code, text, Some(policy))
}

/// An entry.
pub(crate) fn entry<V: AsRef<[u8]>>(id: u32, dn: &str, attributes: &[(&str, V)]) -> Vec<u8> {
    let mut message = Writer::default();
    message.inside(SEQUENCE, |w| {
        w.number(INTEGER, id).inside(0x64, |w| {
            w.bytes(OCTETS, dn.as_bytes()).inside(SEQUENCE, |w| {
                for (name, value) in attributes {
                    w.inside(SEQUENCE, |w| {
                        w.bytes(OCTETS, name.as_bytes()).inside(SET, |w| {
                            w.bytes(OCTETS, value.as_ref());
                        });
                    });
                }
            });
        });
    });
    message.finish().to_vec()
}

/// A referral to another server.
pub(crate) fn referral(id: u32) -> Vec<u8> {
    let mut message = Writer::default();
    message.inside(SEQUENCE, |w| {
        w.number(INTEGER, id).inside(0x73, |w| {
            w.bytes(OCTETS, b"ldap://elsewhere.example.org/");
        });
    });
    message.finish().to_vec()
}

/// Alice's entry.
pub(crate) fn alice(id: u32) -> Vec<u8> {
    let attributes = [
        ("uid", "alice"),
        ("entryUUID", "1f2e3d4c"),
        ("uidNumber", "20000"),
        ("loginShell", "/bin/bash"),
        ("ipaUniqueID", "1f2e3d4c"),
        ("nsUniqueId", "1f2e3d4c"),
    ];
    entry(id, ALICE, &attributes)
}

/// The answer of a well-behaved server.
fn well(asked: &Asked) -> Vec<u8> {
    let mut bytes = match asked.tag {
        // A search for users finds alice. So does the check that a disabled user could be seen. There are no groups.
        0x63 if asked.is_for_people() => alice(asked.id),
        _ => Vec::new(),
    };
    bytes.extend(answered(asked, 0, ""));
    bytes
}

/// In PEM format.
fn pem(label: &str, bytes: &[u8]) -> String {
    use base64::Engine as _;
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        base64::engine::general_purpose::STANDARD.encode(bytes)
    )
}
