//! Tries alternatives one after another, without waiting for each to fail. The next one begins when the previous one
//! has been silent for a while. This is for servers, and for the addresses of one server (RFC 8305).

use std::time::Duration;

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::time::{Instant, sleep_until};

/// The first of `tries` that succeeds, with its number, and the numbers of those that failed or were overtaken. The
/// next try begins after each `silence`, or at once when one fails. If all fail, the error is the last one.
pub(crate) async fn first<T, E, F>(tries: Vec<F>, silence: Duration) -> (Result<(usize, T), Option<E>>, Vec<usize>)
where
    F: Future<Output = Result<T, E>>,
{
    let mut waiting = tries.into_iter().enumerate();
    let mut running = FuturesUnordered::new();
    let (mut open, mut behind, mut last) = (Vec::new(), Vec::new(), None);
    let numbered = |(number, each): (usize, F)| async move { (number, each.await) };
    let mut begin = true;
    let mut until = Instant::now();
    loop {
        if std::mem::take(&mut begin)
            && let Some(next) = waiting.next()
        {
            open.push(next.0);
            running.push(numbered(next));
            until = Instant::now() + silence;
        }
        let more = waiting.len() > 0;
        tokio::select! {
            biased;
            ended = running.next() => match ended {
                Some((number, Ok(done))) => {
                    // The tries that began earlier had more time and were too slow.
                    behind.extend(open.into_iter().filter(|other| *other < number));
                    return (Ok((number, done)), behind);
                }
                Some((number, Err(why))) => {
                    open.retain(|other| *other != number);
                    behind.push(number);
                    last = Some(why);
                    begin = true;
                }
                None if more => begin = true,
                None => return (Err(last), behind),
            },
            () = sleep_until(until), if more => begin = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, pin::Pin};

    use super::*;

    type Try = Pin<Box<dyn Future<Output = Result<&'static str, &'static str>>>>;

    fn silent() -> Try {
        Box::pin(pending())
    }

    fn fails() -> Try {
        Box::pin(async { Err("no") })
    }

    fn succeeds(what: &'static str) -> Try {
        Box::pin(async move { Ok(what) })
    }

    const SILENCE: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn who_is_silent_or_fails_is_overtaken_and_remembered() {
        let (won, behind) = first(vec![succeeds("a"), succeeds("b")], SILENCE).await;
        assert_eq!((won, behind), (Ok((0, "a")), vec![]));
        let (won, behind) = first(vec![silent(), succeeds("b")], SILENCE).await;
        assert_eq!((won, behind), (Ok((1, "b")), vec![0]));
        let (won, behind) = first(vec![fails(), silent(), succeeds("c")], SILENCE).await;
        assert_eq!((won, behind), (Ok((2, "c")), vec![0, 1]));
    }

    #[tokio::test]
    async fn if_all_fail_the_last_says_why() {
        let (won, behind) = first(vec![fails(), fails()], SILENCE).await;
        assert_eq!((won, behind), (Err(Some("no")), vec![0, 1]));
        let (won, _) = first(Vec::<Try>::new(), SILENCE).await;
        assert_eq!(won, Err(None));
    }
}
