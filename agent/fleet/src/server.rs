//! The server's side: a listener that limits what strangers can hold, and calls a [`Handler`].

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use zeroize::Zeroizing;

pub use crate::room::Bounds;
use crate::{
    key::{Key, KeyError, Pin},
    proxied::{self, Warnings},
    room::{Room, Seat},
    tls,
    wire::{
        Answer, Begin, Begun, DOWN, Done, Greeting, Hello, Join, Joined, Leave, Refusal, Refused, Step, UP_MAX,
        VERSION, padded, read,
    },
};

/// The largest buffer of a connection, in bytes: enough for the head of a request and its body.
const BUFFER_MAX: usize = 16 * 1024;

/// How soon a caller may come back if there was no room, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");
/// How long the listener pauses if it can accept no connection, for example because no descriptors are left.
const REST: Duration = Duration::from_millis(100);

/// The caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The hash of the caller's public key, which has signed the handshake. The handler decides whether the key is a
    /// host's.
    pub key: Pin,
    /// The caller's address.
    pub address: IpAddr,
}

/// Serves each call.
pub trait Handler: Send + Sync + 'static {
    /// Begins a dialogue for a user of the caller.
    fn begin(&self, peer: Peer, begin: Begin) -> impl Future<Output = Result<Begun, Refused>> + Send;
    /// Answers a question. `sealed`: nothing in between may read or keep the answer.
    fn answer(&self, peer: Peer, answer: Answer, sealed: bool) -> impl Future<Output = Result<Step, Refused>> + Send;
    /// Ends a dialogue early.
    fn leave(&self, peer: Peer, leave: Leave) -> impl Future<Output = Result<Done, Refused>> + Send;
    /// Makes the caller a host.
    fn join(&self, peer: Peer, join: Join) -> impl Future<Output = Result<Joined, Refused>> + Send;
    /// Notes a hello of the caller.
    fn hello(&self, peer: Peer, hello: Hello) -> impl Future<Output = Result<Greeting, Refused>> + Send;
    /// Ends as soon as no caller is about to send what must not be lost, or when that takes too long. Only then does the
    /// listener stop.
    fn settled(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// The reason for a missing listener.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The key can't be used.
    #[error("the server's key: {0}")]
    Key(#[from] KeyError),
    /// TLS can't be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The server can't listen on the address.
    #[error("{0}: {1}")]
    Listen(SocketAddr, io::Error),
}

/// A listener, before it serves.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    key: ServerKey,
    config: Arc<ServerConfig>,
    bounds: Bounds,
    proxies: Vec<IpAddr>,
}

/// The key of a listener, which can be replaced while it serves. Clones share it.
#[derive(Clone, Debug)]
pub struct ServerKey(Arc<tls::Replaceable>);

impl ServerKey {
    /// Uses `key` for connections that are made from now on.
    pub fn replace(&self, key: &Key) -> Result<(), ServerError> {
        Ok(self.0.replace(key)?)
    }
}

impl Listener {
    /// Listens on `address` with `key`, within `bounds`.
    pub async fn bind(address: SocketAddr, key: &Key, bounds: Bounds) -> Result<Self, ServerError> {
        let key = Arc::new(tls::Replaceable::new(key)?);
        let config = Arc::new(tls::server(key.clone())?);
        let socket = TcpListener::bind(address).await.map_err(|why| ServerError::Listen(address, why))?;
        Ok(Self { socket, key: ServerKey(key), config, bounds, proxies: Vec::new() })
    }

    /// Its key.
    pub fn key(&self) -> ServerKey {
        self.key.clone()
    }

    /// Takes connections from these addresses only with a header of the PROXY protocol, version 2, and believes what
    /// it says about where they come from.
    #[must_use]
    pub fn behind(self, proxies: Vec<IpAddr>) -> Self {
        Self { proxies, ..self }
    }

    /// The address that it listens on.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until `stop` is true and the handler has [settled](Handler::settled). Then it accepts no further connection
    /// or request, and ends after the calls in progress are answered.
    pub async fn serve<H: Handler>(self, handler: Arc<H>, mut stop: watch::Receiver<bool>) {
        let acceptor = TlsAcceptor::from(self.config);
        let (room, warnings) = (Room::new(self.bounds), Arc::new(Warnings::default()));
        let mut open = JoinSet::new();
        let (close, closing) = watch::channel(false);
        let mut over = pin!(async {
            let _ = stop.wait_for(|stop| *stop).await;
            handler.settled().await;
        });
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut over => break,
                accepted = self.socket.accept() => accepted,
            };
            while open.try_join_next().is_some() {}
            match accepted {
                Ok((stream, from)) => {
                    // Without room, the connection is closed at once, so that it holds nothing here.
                    let address = from.ip().to_canonical();
                    let is_proxied = self.proxies.contains(&address);
                    let seat = if is_proxied { room.seat_of_proxy(address) } else { room.seat(address) };
                    let Some(seat) = seat else { continue };
                    let connection = Connection { stream, seat, proxied: is_proxied.then(|| warnings.clone()) };
                    let held = held(connection, acceptor.clone(), handler.clone(), closing.clone());
                    open.spawn(held);
                }
                Err(why) => {
                    tracing::warn!(%why, "a connection of a host can't be taken: {why}");
                    sleep(REST).await;
                }
            }
        }
        drop(self.socket);
        close.send_replace(true);
        while open.join_next().await.is_some() {}
    }
}

/// A connection that was accepted.
struct Connection {
    stream: TcpStream,
    seat: Seat,
    /// If it begins with a header of the PROXY protocol: where to note that there is none.
    proxied: Option<Arc<Warnings>>,
}

impl Connection {
    /// Reads the header, if there has to be one, and makes the handshake. `None`: the connection is of no use.
    async fn opened(self, acceptor: TlsAcceptor) -> Option<(TlsStream<TcpStream>, Seat)> {
        let Self { mut stream, mut seat, proxied } = self;
        if let Some(warnings) = proxied {
            let proxy = seat.address;
            let origin = proxied::origin(&mut stream).await;
            let origin = origin.inspect_err(|why| {
                // A health check without a header sends nothing.
                if why.kind() == io::ErrorKind::InvalidData {
                    warnings.note(proxy, why);
                }
            });
            if let Some(address) = origin.ok()? {
                seat = seat.counted_from(address)?;
            }
        }
        Some((acceptor.accept(stream).await.ok()?, seat))
    }
}

/// Serves one connection, from its handshake to its end.
async fn held<H: Handler>(
    connection: Connection,
    acceptor: TlsAcceptor,
    handler: Arc<H>,
    mut stop: watch::Receiver<bool>,
) {
    let bounds = connection.seat.room.bounds;
    let mut hurry = pin!(sleep(bounds.first_request));
    // An answer is one small packet that must not wait for another.
    let _ = connection.stream.set_nodelay(true);
    let opened = tokio::select! {
        biased;
        opened = connection.opened(acceptor) => opened,
        () = &mut hurry => return,
        _ = stop.wait_for(|stop| *stop) => return,
    };
    let Some((stream, seat)) = opened else { return };
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).map(Pin::of);
    let Some(Ok(key)) = certificate else { return };
    let peer = Peer { key, address: seat.address };
    let asked = AtomicBool::new(false);
    let service = service_fn(|request| {
        asked.store(true, Ordering::Relaxed);
        called(request, handler.as_ref(), peer, &seat.room)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.idle).max_headers(32).half_close(false);
    http.max_buf_size(BUFFER_MAX);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let stopped = tokio::select! {
        biased;
        // How the connection ended does not matter here; the caller notices it as well.
        _ = connection.as_mut() => return,
        () = &mut hurry => false,
        _ = stop.wait_for(|stop| *stop) => true,
    };
    if !stopped {
        // A caller that has sent no request by now must not hold a place.
        if !asked.load(Ordering::Relaxed) {
            return;
        }
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

type Answered = Response<Full<Bytes>>;

async fn called<H: Handler>(
    request: Request<Incoming>,
    handler: &H,
    peer: Peer,
    room: &Room,
) -> Result<Answered, std::convert::Infallible> {
    let refuse = |status, refused: Refusal, why: &str| respond(status, &Refused::new(refused, why));
    let path = request.uri().path().to_owned();
    if request.method() != Method::POST {
        return Ok(closing(refuse(StatusCode::METHOD_NOT_ALLOWED, Refusal::Malformed, "only POST is served")));
    }
    let Some(body) = body(request.into_body(), room.bounds.first_request).await else {
        return Ok(closing(refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Malformed,
            "the body is too large, or late",
        )));
    };
    // The place is taken after the body has arrived: a caller that sends a body slowly keeps no other call from its
    // work.
    let Some(at_work) = room.work(peer.key) else {
        let mut busy = refuse(StatusCode::SERVICE_UNAVAILABLE, Refusal::Unavailable, "too much is at work");
        busy.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        return Ok(closing(busy));
    };
    let answered = match path.as_str() {
        "/v1/begin" => on(&body, |m: &Begin| m.v, |m| handler.begin(peer, m), |begun| begun.step.is_last()).await,
        "/v1/answer" => on(&body, |m: &Answer| m.v, |m| handler.answer(peer, m, false), Step::is_last).await,
        "/v1/sealed" => on(&body, |m: &Answer| m.v, |m| handler.answer(peer, m, true), Step::is_last).await,
        "/v1/leave" => on(&body, |m: &Leave| m.v, |m| handler.leave(peer, m), |_| true).await,
        "/v1/join" => on(&body, |m: &Join| m.v, |m| handler.join(peer, m), |_| true).await,
        "/v1/hello" => on(&body, |m: &Hello| m.v, |m| handler.hello(peer, m), |_| true).await,
        _ => closing(refuse(StatusCode::NOT_FOUND, Refusal::Malformed, "there is no such call")),
    };
    // A stranger must not hold a connection. Only a host gets the answer that there is no such dialogue.
    Ok(match answered.status() {
        StatusCode::OK => {
            at_work.is_a_hosts();
            answered
        }
        StatusCode::NOT_FOUND => answered,
        StatusCode::FORBIDDEN => {
            at_work.is_a_strangers();
            closing(answered)
        }
        _ => closing(answered),
    })
}

/// Reads a message, and answers with the result of `work`. After an answer that `is_last`, the host has nothing more to ask for
/// now, and the connection is closed: the hosts of a large fleet would keep all places with idle ones.
async fn on<M, A, F>(
    body: &[u8],
    version: impl Fn(&M) -> u32,
    work: impl FnOnce(M) -> F,
    is_last: impl Fn(&A) -> bool,
) -> Answered
where
    M: DeserializeOwned,
    A: Serialize,
    F: Future<Output = Result<A, Refused>>,
{
    let message = read::<M>(body).and_then(|message| match version(&message) {
        VERSION => Ok(message),
        other => Err(Refused::new(Refusal::Version, format!("version {other} of the messages; here it is {VERSION}"))),
    });
    let done = match message {
        Ok(message) => work(message).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(said) if is_last(&said) => closing(respond(StatusCode::OK, &said)),
        Ok(said) => respond(StatusCode::OK, &said),
        Err(refused) => respond(status(refused.refused), &refused),
    }
}

const fn status(refused: Refusal) -> StatusCode {
    match refused {
        Refusal::NotJoined => StatusCode::FORBIDDEN,
        Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::NoDialogue => StatusCode::NOT_FOUND,
        Refusal::Denied => StatusCode::UNAUTHORIZED,
        Refusal::Malformed | Refusal::Version | Refusal::Other => StatusCode::BAD_REQUEST,
    }
}

fn respond<T: Serialize>(status: StatusCode, said: &T) -> Answered {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(&padded(said, DOWN))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn closing(mut response: Answered) -> Answered {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The body, if it is not too long and arrives in time. hyper's own buffers are not wiped.
async fn body(incoming: Incoming, most: Duration) -> Option<Zeroizing<Vec<u8>>> {
    let mut incoming = Limited::new(incoming, UP_MAX);
    let mut whole = Zeroizing::new(Vec::with_capacity(UP_MAX));
    let reading = async {
        while let Some(frame) = incoming.frame().await {
            let Ok(frame) = frame else { return None };
            if let Ok(data) = frame.into_data() {
                whole.extend_from_slice(&data);
            }
        }
        Some(whole)
    };
    timeout(most, reading).await.ok().flatten()
}
