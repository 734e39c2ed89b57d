//! Connects to a mail server that has several addresses: if one keeps silent, the next is tried (RFC 8305), so that a
//! dead address does not keep mail from leaving.

use std::{net::SocketAddr, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, sleep_until, timeout_at},
};

use super::trouble;

/// How long one address may keep silent before the next is tried in parallel.
const STAGGER: Duration = Duration::from_millis(250);
/// How long all of them may take.
pub(super) const WITHIN: Duration = Duration::from_secs(30);

/// A connection to `host`. An error is in plain words and names each address.
pub(super) async fn connect(host: &str, port: u16, within: Duration) -> Result<TcpStream, String> {
    let deadline = Instant::now() + within;
    let found = timeout_at(deadline, lookup_host((host, port))).await;
    let found = found.map_err(|_| format!("its name: {}", trouble::SILENT))?.map_err(|e| trouble::plain(&e))?;
    first_of(in_turn(found.collect()), deadline).await
}

/// The addresses in the system's order, but alternating between the two families.
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (same, other): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut same, mut other) = (same.into_iter(), other.into_iter());
    let mut all = Vec::new();
    loop {
        let pair = [same.next(), other.next()];
        if pair.iter().all(Option::is_none) {
            return all;
        }
        all.extend(pair.into_iter().flatten());
    }
}

async fn first_of(addresses: Vec<SocketAddr>, deadline: Instant) -> Result<TcpStream, String> {
    let mut left = addresses.iter();
    let mut tries = FuturesUnordered::new();
    let mut faults: Vec<(SocketAddr, String)> = Vec::new();
    let mut next = Instant::now();
    loop {
        if tries.is_empty() {
            next = Instant::now();
        }
        let until = if left.len() > 0 { next.min(deadline) } else { deadline };
        tokio::select! {
            biased;
            Some((address, outcome)) = tries.next() => match outcome {
                Ok(reached) => return Ok(reached),
                Err(error) => faults.push((address, trouble::plain(&error))),
            },
            () = sleep_until(until) => {
                let Some(address) = left.next().filter(|_| Instant::now() < deadline) else { break };
                tries.push(async move { (*address, TcpStream::connect(*address).await) });
                next = Instant::now() + STAGGER;
            }
        }
        if tries.is_empty() && left.len() == 0 {
            break;
        }
    }
    let fault = |address: &SocketAddr| {
        let fault = faults.iter().find(|(of, _)| of == address);
        let why = fault.map_or(trouble::SILENT, |(_, why)| why.as_str());
        if addresses.len() > 1 { format!("{}: {why}", address.ip()) } else { why.to_owned() }
    };
    Err(addresses.iter().map(fault).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// An address that neither accepts nor refuses a connection: the queue of its listener is full.
    async fn black_hole() -> (SocketAddr, Vec<TcpStream>, TcpListener) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut kept = Vec::new();
        while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
            kept.push(stream);
        }
        (address, kept, listener)
    }

    #[tokio::test]
    async fn an_address_that_keeps_silent_or_refuses_does_not_keep_the_next_from_being_reached() {
        let good = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = good.local_addr().map(|address| (address, good)).unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (silent, _kept, _listener) = black_hole().await;
        let begun = Instant::now();
        let reached = first_of(vec![silent, closed, good.0], begun + Duration::from_secs(20)).await.unwrap();
        assert_eq!(reached.peer_addr().unwrap(), good.0);
        assert!(begun.elapsed() < Duration::from_secs(10));

        let error = first_of(vec![silent, closed], Instant::now() + Duration::from_secs(1)).await.unwrap_err();
        assert!(error.starts_with("127.0.0.1: no answer in time; 127.0.0.1: Connection refused"), "{error}");
        assert_eq!(first_of(vec![silent], Instant::now()).await.unwrap_err(), trouble::SILENT);
    }

    #[test]
    fn the_two_families_take_turns() {
        let all: Vec<SocketAddr> =
            ["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"].map(|text| text.parse().unwrap()).to_vec();
        let order: Vec<String> = in_turn(all).iter().map(|address| address.ip().to_string()).collect();
        assert_eq!(order, ["::1", "10.0.0.1", "::2", "::3"]);
        assert!(in_turn(Vec::new()).is_empty());
    }
}
