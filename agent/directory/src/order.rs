//! Which server is asked first. A server that does not answer costs seconds, and a sign-in does not wait that long for a
//! directory. So the server that answered in its place is asked first for a while.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sspr_config::settings::DirectoryServer;
use tokio::time::Instant;

/// How long another server than the first one in the settings is asked first.
const FOR: Duration = Duration::from_mins(1);

/// The server that answered when those before it did not.
#[derive(Debug, Default)]
pub struct Order(Mutex<Option<Stand>>);

#[derive(Debug)]
struct Stand {
    /// The server, as in the settings.
    server: String,
    until: Instant,
}

impl Order {
    /// The places of `servers`, in the order in which they are asked. When the time is over, one caller begins with the
    /// first server again. The others do not wait for what it finds.
    pub fn of(&self, servers: &[DirectoryServer], now: Instant) -> Vec<usize> {
        let mut stand = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = stand.as_mut().and_then(|stand| {
            let at = servers.iter().position(|server| server.to_string() == stand.server)?;
            if now < stand.until {
                return Some(at);
            }
            stand.until = now + FOR;
            None
        });
        let first = first.unwrap_or(0);
        (first..servers.len()).chain(0..first).collect()
    }

    /// Notes that the server at this place answered.
    pub fn answered(&self, servers: &[DirectoryServer], at: usize, now: Instant) {
        let server = servers.get(at).filter(|_| at > 0).map(ToString::to_string);
        let mut stand = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (server, &*stand) {
            (Some(server), Some(stand)) if stand.server == server => {}
            (Some(server), _) => *stand = Some(Stand { server, until: now + FOR }),
            (None, _) => *stand = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_that_answered_for_others_is_first_for_a_while_and_then_one_caller_tries_them_again() {
        let servers: Vec<_> =
            ["a", "b", "c"].map(|host| DirectoryServer::parse(&format!("ldaps://{host}")).unwrap()).into();
        let (order, start) = (Order::default(), Instant::now());
        assert_eq!(order.of(&servers, start), [0, 1, 2]);
        order.answered(&servers, 1, start);
        assert_eq!(order.of(&servers, start), [1, 2, 0]);
        // An answer of the same server does not prolong it.
        order.answered(&servers, 1, start + FOR / 2);
        let later = start + FOR;
        assert_eq!(order.of(&servers, later), [0, 1, 2]);
        assert_eq!(order.of(&servers, later), [1, 2, 0]);
        // Other settings.
        assert_eq!(order.of(&servers[..1], later), [0]);
        order.answered(&servers, 2, later);
        assert_eq!(order.of(&servers, later), [2, 0, 1]);
        order.answered(&servers, 0, later);
        assert_eq!(order.of(&servers, later), [0, 1, 2]);
    }
}
