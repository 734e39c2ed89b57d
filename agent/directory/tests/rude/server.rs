//! A server of LDAP that behaves as its script has it: well, but where the test says otherwise.

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
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

pub(crate) const ALICE: &str = "uid=alice,ou=people,dc=example,dc=org";

/// What was asked.
pub(crate) struct Asked {
    pub(crate) id: u32,
    /// 0x60 bind, 0x63 search, 0x66 modify, 0x77 extended.
    pub(crate) tag: u8,
    /// What is in it.
    pub(crate) content: Vec<u8>,
}

impl Asked {
    /// Whether `text` stands in the question.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.content.windows(text.len()).any(|part| part == text.as_bytes())
    }

    /// Whether it binds as alice.
    pub(crate) fn is_alices(&self) -> bool {
        self.tag == 0x60 && self.has(ALICE)
    }
}

/// What the server does.
pub(crate) enum Does {
    /// Sends this.
    Sends(Vec<u8>),
    /// Sends this, and ends the connection.
    Ends(Vec<u8>),
    /// Sends this, byte after byte for ever.
    Floods(Vec<u8>),
    /// Nothing more, and keeps the connection.
    Sulks,
}

type Script = dyn Fn(&Asked) -> Option<Does> + Send + Sync;

/// A server that runs for as long as the test.
pub(crate) struct Rude {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Rude {
    /// Behaves well where `script` says nothing.
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
        let text = format!(
            "[scope]\nenable = \"all\"\n[directory]\nkind = \"{kind}\"\nservers = [\"{scheme}://{}\"]\n\
             base = \"ou=people,dc=example,dc=org\"\nbind = \"cn=reset\"\npassword_file = \"/\"\n{more}",
            self.address
        );
        settings::parse(&text, Path::new("test")).unwrap()
    }

    /// What our program makes of it, with a tenth of the usual patience.
    pub(crate) fn directory(&self) -> Directory {
        self.directory_of("ldap+plain", "openldap")
    }

    pub(crate) fn directory_of(&self, scheme: &str, kind: &str) -> Directory {
        of(self.settings(scheme, kind, ""))
    }

    /// How often something was asked that has `text` in it.
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
    let times = Times { limits, find: tenth(1500), change: tenth(2500), proof: tenth(600), check: tenth(800) };
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
                // Until the other side goes.
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
    Some(Asked { id, tag, content: content.to_vec() })
}

/// The end of an operation.
pub(crate) fn done(id: u32, tag: u8, code: u32, text: &str) -> Vec<u8> {
    let mut message = Writer::default();
    message.inside(SEQUENCE, |w| {
        w.number(INTEGER, id).inside(tag, |w| {
            w.number(ENUMERATED, code).bytes(OCTETS, b"").bytes(OCTETS, text.as_bytes());
        });
    });
    message.finish().to_vec()
}

/// The right answer to `asked`, with `code`.
pub(crate) fn answered(asked: &Asked, code: u32, text: &str) -> Vec<u8> {
    done(
        asked.id,
        if asked.tag == 0x77 {
            0x78
        } else if asked.tag == 0x63 {
            0x65
        } else {
            asked.tag + 1
        },
        code,
        text,
    )
}

/// An entry.
pub(crate) fn entry(id: u32, dn: &str, attributes: &[(&str, &str)]) -> Vec<u8> {
    let mut message = Writer::default();
    message.inside(SEQUENCE, |w| {
        w.number(INTEGER, id).inside(0x64, |w| {
            w.bytes(OCTETS, dn.as_bytes()).inside(SEQUENCE, |w| {
                for (name, value) in attributes {
                    w.inside(SEQUENCE, |w| {
                        w.bytes(OCTETS, name.as_bytes()).inside(SET, |w| {
                            w.bytes(OCTETS, value.as_bytes());
                        });
                    });
                }
            });
        });
    });
    message.finish().to_vec()
}

/// A pointer to another server.
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

/// As an honest server answers.
fn well(asked: &Asked) -> Vec<u8> {
    let mut bytes = match asked.tag {
        // People, and who of them is closed; groups there are none.
        0x63 if asked.has("ou=people") && !asked.has("uniqueMember") && !asked.has("\u{0}cn") => alice(asked.id),
        _ => Vec::new(),
    };
    bytes.extend(answered(asked, 0, ""));
    bytes
}

/// As files have it.
fn pem(label: &str, bytes: &[u8]) -> String {
    use base64::Engine as _;
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        base64::engine::general_purpose::STANDARD.encode(bytes)
    )
}
