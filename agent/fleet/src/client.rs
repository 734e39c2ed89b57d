//! A host's side of the calls: it finds a server that answers, and keeps a connection to it while it is used. While no
//! server answers, calls fail at once.

mod proxy;
mod servers;
mod standing;

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use futures_util::future::{Either, select};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Request, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HOST},
};
use serde::{Serialize, de::DeserializeOwned};
use servers::{Sender, Servers};
use standing::{BAD_FOR, Known};
use tokio::time::{Instant, timeout, timeout_at};
use zeroize::Zeroizing;

use crate::{
    key::{Key, Pin},
    race,
    wire::{
        Answer, Begin, Begun, DOWN_MAX, Done, Greeting, Hello, Join, Joined, Leave, Refusal, Refused, Step, UP, padded,
        read,
    },
};

/// How long a server may be silent until the next one is tried as well.
const NEXT_SERVER: Duration = Duration::from_millis(300);
/// A connection that was idle for this long is not used again: the server is about to close it.
const IDLE: Duration = Duration::from_secs(20);
/// The most idle connections that are kept.
const KEPT: usize = 4;

/// Why a call was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No server answers. A server may have served the call nevertheless.
    #[error("no server of the fleet answers: {0}")]
    Unreachable(String),
    /// The server refused the call.
    #[error("the server of the fleet refused that: {}", .0.why)]
    Refused(Refused),
    /// The server's answer can't be read.
    #[error("the server of the fleet says what can't be understood: {0}")]
    Strange(String),
}

/// The addresses and pins of the servers, and the key of this host.
#[derive(Clone, Debug)]
pub struct Way {
    /// The addresses, each as `host:port`, in the order in which they are tried.
    pub servers: Vec<String>,
    /// The pins of the servers' keys.
    pub pins: Vec<Pin>,
    /// This host's key.
    pub key: Key,
    /// The proxy on the way to the servers, as `http://host:port`.
    pub proxy: Option<String>,
}

/// The connections to the servers. Clones share the connections, and what was learned about the servers.
#[derive(Clone)]
pub struct Link(Arc<Shared>);

/// The server that holds a dialogue. All answers of the dialogue go to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica(String);

/// A dialogue that has begun.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The server that holds it.
    pub at: Replica,
    /// The handle for answers, which is valid at that server only.
    pub handle: String,
    /// The first step.
    pub step: Step,
    /// See [`Begun::own`].
    pub own: bool,
}

/// The destination of a call.
#[derive(Clone, Copy)]
enum To {
    /// Any server, over an open connection if there is one. If that connection turns out to be closed, the call is sent
    /// once more.
    Any,
    /// Any server, over a new connection: a call that was served, but not answered, is not sent again.
    Once,
    /// This server.
    The(usize),
    /// Any server but this one, which has the call already and is slow.
    Beside(usize),
}

struct Shared {
    servers: Arc<Servers>,
    kept: Mutex<VecDeque<Kept>>,
    known: Mutex<Known>,
    probing: AtomicBool,
}

struct Kept {
    sender: Sender,
    server: usize,
    since: Instant,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Link {
    /// The connections to the servers in `way`; none is opened yet. The error says which address is invalid, or why TLS
    /// can't be set up.
    pub fn new(way: &Way) -> Result<Self, String> {
        let servers = Arc::new(Servers::new(way)?);
        let (bad_until, answered) = (vec![None; servers.len()], vec![None; servers.len()]);
        let known = Known { bad_until, answered, ..Known::default() };
        Ok(Self(Arc::new(Shared {
            servers,
            kept: Mutex::default(),
            known: Mutex::new(known),
            probing: AtomicBool::new(false),
        })))
    }

    /// Begins a dialogue at any server. Waits for `most` at most.
    pub async fn begin(&self, begin: &Begin, most: Duration) -> Result<Opened, Trouble> {
        self.opened(begin, most, To::Any).await
    }

    /// Begins a dialogue that goes on with one that `at` held: at another server, if there is one. Waits for `most` at
    /// most.
    pub async fn resume(&self, at: &Replica, begin: &Begin, most: Duration) -> Result<Opened, Trouble> {
        let lost = self.0.servers.of_address(&at.0).filter(|_| self.0.servers.len() > 1);
        self.opened(begin, most, lost.map_or(To::Once, To::Beside)).await
    }

    async fn opened(&self, begin: &Begin, most: Duration, to: To) -> Result<Opened, Trouble> {
        let (server, Begun { handle, step, own }) = self.call("/v1/begin", begin, most, to).await?;
        Ok(Opened { at: Replica(self.0.servers.address(server).to_owned()), handle, step, own })
    }

    /// Whether there is more than one server.
    pub fn has_others(&self) -> bool {
        self.0.servers.len() > 1
    }

    /// Answers a question of the dialogue that `at` holds. `sealed`: nothing in between may read or keep the answer.
    /// Waits for `most` at most.
    pub async fn answer(&self, at: &Replica, answer: &Answer, sealed: bool, most: Duration) -> Result<Step, Trouble> {
        let path = if sealed { "/v1/sealed" } else { "/v1/answer" };
        Ok(self.call(path, answer, most, self.to(at)?).await?.1)
    }

    /// Ends the dialogue that `at` holds early. Waits for `most` at most.
    pub async fn leave(&self, at: &Replica, leave: &Leave, most: Duration) -> Result<Done, Trouble> {
        Ok(self.call("/v1/leave", leave, most, self.to(at)?).await?.1)
    }

    /// Makes this key a host's. Waits for `most` at most.
    pub async fn join(&self, join: &Join, most: Duration) -> Result<Joined, Trouble> {
        Ok(self.call("/v1/join", join, most, To::Once).await?.1)
    }

    /// Tells a server that this host is there. Waits for `most` at most.
    pub async fn hello(&self, hello: &Hello, most: Duration) -> Result<Greeting, Trouble> {
        Ok(self.call("/v1/hello", hello, most, To::Once).await?.1)
    }

    fn to(&self, at: &Replica) -> Result<To, Trouble> {
        let server = self.0.servers.of_address(&at.0);
        server.map(To::The).ok_or_else(|| Trouble::Unreachable(format!("{} is not among the servers any more", at.0)))
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call<M: Serialize, A: DeserializeOwned>(
        &self,
        path: &'static str,
        message: &M,
        most: Duration,
        to: To,
    ) -> Result<(usize, A), Trouble> {
        if let Some(why) = self.down() {
            return Err(Trouble::Unreachable(why));
        }
        let body = padded(message, UP);
        let by = Instant::now() + most;
        let Ok(answered) = timeout(most, self.sent(path, &body, to)).await else {
            let why = format!("no answer in {} ms", most.as_millis());
            // A server that answered other calls meanwhile is not down. Only this step is slow.
            match to {
                To::The(server) if self.0.servers.len() > 1 => {
                    if !self.has_answered_lately(Some(server)) {
                        self.is_bad(server);
                    }
                }
                // The server that is slow has the call as well, and may answer.
                To::Beside(_) => {}
                _ if self.has_answered_lately(None) => {}
                _ => self.is_down(&why),
            }
            return Err(Trouble::Unreachable(why));
        };
        let mut answered = answered?;
        if answered.1 == StatusCode::SERVICE_UNAVAILABLE
            && let Some(other) = self.instead((path, &body), to, answered.0, by).await
        {
            answered = other;
        }
        let (server, status, said) = answered;
        if status == StatusCode::OK {
            let answer = read(&said).map_err(|_| Trouble::Strange(format!("the answer to {path}")))?;
            return Ok((server, answer));
        }
        let refused = Refused::new(Refusal::Unavailable, format!("HTTP status {status}"));
        Err(Trouble::Refused(read::<Refused>(&said).unwrap_or(refused)))
    }

    /// What another server answers in place of `server`, which can't serve: it may have lost its way to the database.
    async fn instead(&self, (path, body): (&str, &[u8]), to: To, server: usize, by: Instant) -> Option<Answered> {
        if self.0.servers.len() < 2 || matches!(to, To::Beside(_)) {
            return None;
        }
        self.is_bad(server);
        // A dialogue is the server's that has it, and the number of a hello must not come twice.
        if !matches!(to, To::Any) {
            return None;
        }
        let other = timeout_at(by, self.sent_anew(path, body, To::Beside(server))).await.ok()?.ok()?;
        (other.1 != StatusCode::SERVICE_UNAVAILABLE).then_some(other)
    }

    async fn sent(&self, path: &str, body: &[u8], to: To) -> Result<Answered, Trouble> {
        if let Some(kept) = self.take_kept(to) {
            let server = kept.server;
            let mut asked = pin!(self.exchanged(kept, path, body));
            let most = if matches!(to, To::Any) && self.0.servers.len() > 1 { NEXT_SERVER } else { Duration::MAX };
            match timeout(most, &mut asked).await {
                Ok(Ok(answered)) => return Ok(answered),
                // Sending it again is safe: a server counts an answer once.
                Ok(Err(_)) => tracing::debug!(server, "a kept connection to the fleet's server was closed"),
                Err(_) => return self.either(asked, server, path, body).await,
            }
        }
        self.sent_anew(path, body, to).await
    }

    async fn sent_anew(&self, path: &str, body: &[u8], to: To) -> Result<Answered, Trouble> {
        let fresh = self.connected(to).await?;
        self.exchanged(fresh, path, body).await.map_err(unreachable)
    }

    /// The first answer: the one of `server`, which was `asked` and is silent so far, or the one of another server. The
    /// slower server may then hold a dialogue that gets no answers. It ends that dialogue at its deadline.
    async fn either(
        &self,
        asked: impl Future<Output = Result<Answered, hyper::Error>> + Unpin,
        server: usize,
        path: &str,
        body: &[u8],
    ) -> Result<Answered, Trouble> {
        let other = pin!(self.sent_anew(path, body, To::Beside(server)));
        match select(asked, other).await {
            Either::Left((Ok(answered), _)) => Ok(answered),
            Either::Left((Err(_), other)) => other.await,
            Either::Right((Ok(answered), _)) => {
                self.is_bad(server);
                Ok(answered)
            }
            Either::Right((Err(_), asked)) => asked.await.map_err(unreachable),
        }
    }

    fn take_kept(&self, to: To) -> Option<Kept> {
        let mut kept = self.kept();
        kept.retain(|kept| kept.since.elapsed() < IDLE && !kept.sender.is_closed());
        let may_be = |kept: &Kept| match to {
            To::Any => true,
            To::Once | To::Beside(_) => false,
            To::The(server) => kept.server == server,
        };
        let ready = kept.iter().position(|kept| may_be(kept) && kept.sender.is_ready())?;
        kept.remove(ready)
    }

    async fn exchanged(&self, mut on: Kept, path: &str, body: &[u8]) -> Result<Answered, hyper::Error> {
        on.sender.ready().await?;
        let server = on.server;
        let host = self.0.servers.address(server);
        let mut request = Request::new(Full::new(Bytes::copy_from_slice(body)));
        *request.method_mut() = hyper::Method::POST;
        if let Ok(uri) = path.parse() {
            *request.uri_mut() = uri;
        }
        if let Ok(host) = host.parse() {
            request.headers_mut().insert(HOST, host);
        }
        request.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
        let response = on.sender.send_request(request).await?;
        let status = response.status();
        let said = whole(response.into_body()).await?;
        if let Some(answered) = self.known().answered.get_mut(server) {
            *answered = Some(Instant::now());
        }
        let mut kept = self.kept();
        if kept.len() < KEPT && !on.sender.is_closed() {
            kept.push_back(Kept { since: Instant::now(), ..on });
        }
        Ok((server, status, said))
    }

    /// A new connection to the first server that accepts one, or to the server that `to` requires.
    async fn connected(&self, to: To) -> Result<Kept, Trouble> {
        if let To::The(server) = to
            && self.0.servers.len() > 1
        {
            let sender = self.0.servers.clone().connect(server).await.map_err(|why| {
                self.is_bad(server);
                Trouble::Unreachable(why.to_string())
            })?;
            return Ok(Kept { sender, server, since: Instant::now() });
        }
        let mut order = self.order();
        if let To::Beside(slow) = to {
            order.retain(|server| *server != slow);
        }
        let tries = order.iter().map(|server| self.0.servers.clone().connect(*server)).collect();
        let (won, behind) = race::first(tries, NEXT_SERVER).await;
        let until = Instant::now() + BAD_FOR;
        let mut known = self.known();
        for number in behind.into_iter().filter_map(|place| order.get(place)) {
            if let Some(bad) = known.bad_until.get_mut(*number) {
                *bad = Some(until);
            }
        }
        match won {
            Ok((place, sender)) => {
                let server = order.get(place).copied().unwrap_or_default();
                known.last_good = server;
                known.down = None;
                if let Some(bad) = known.bad_until.get_mut(server) {
                    *bad = None;
                }
                Ok(Kept { sender, server, since: Instant::now() })
            }
            Err(why) => {
                drop(known);
                let why = why.map_or_else(|| "no server is named".to_owned(), |why| why.to_string());
                if !matches!(to, To::Beside(_)) {
                    self.is_down(&why);
                }
                Err(Trouble::Unreachable(why))
            }
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn unreachable(why: hyper::Error) -> Trouble {
    Trouble::Unreachable(why.to_string())
}

/// The server that answered, the status, and the body.
type Answered = (usize, StatusCode, Zeroizing<Vec<u8>>);

async fn whole(incoming: Incoming) -> Result<Zeroizing<Vec<u8>>, hyper::Error> {
    let mut incoming = Limited::new(incoming, DOWN_MAX);
    let mut whole = Zeroizing::new(Vec::with_capacity(DOWN_MAX));
    while let Some(Ok(frame)) = incoming.frame().await {
        if let Ok(data) = frame.into_data() {
            whole.extend_from_slice(&data);
        }
    }
    // A body that was cut off is not valid JSON, so the caller refuses it.
    Ok(whole)
}
