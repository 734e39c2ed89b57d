//! A listener behind a load balancer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sspr_fleet::{
    Key,
    server::{Bounds, Listener},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
};
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::served::{Echo, SOON};

/// Counts the warnings of the listener.
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.target().starts_with("sspr_fleet") && *about.level() == Level::WARN
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn connections_without_a_header_do_not_fill_the_journal() {
    let warnings = Arc::new(AtomicUsize::new(0));
    let _heard = tracing::subscriber::set_default(Warnings(warnings.clone()));
    let (key, any) = (Key::generate().unwrap(), "127.0.0.1:0".parse().unwrap());
    let listener =
        Listener::bind(any, &key, Bounds::default()).await.unwrap().behind(vec!["127.0.0.1".parse().unwrap()]);
    let address = listener.address().unwrap();
    let echo = Echo::new(key.pin());
    let (_stop, stopping) = watch::channel(false);
    tokio::spawn(listener.serve(Arc::new(echo), stopping));
    for _ in 0..5 {
        let mut stranger = TcpStream::connect(address).await.unwrap();
        stranger.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let closed = tokio::time::timeout(SOON, stranger.read(&mut [0])).await.unwrap();
        assert!(!closed.is_ok_and(|read| read > 0));
    }
    assert_eq!(warnings.load(Ordering::SeqCst), 1);
}
