//! A time limit for work that can't be stopped.

use std::time::Duration;

use nix::{
    sys::{
        signal::{SigEvent, SigevNotify, Signal},
        time::TimeSpec,
        timer::{Expiration, Timer, TimerSetTimeFlags},
    },
    time::ClockId,
};

use super::Error;

/// Runs `work` on this thread, and kills the process if it takes longer than `limit`.
///
/// There is no other way to stop a PAM module that hangs. `pam_unix` replaces the shadow file by renaming, so the old
/// or the new password is in place whenever the process is killed. The bus starts the helper again for the next call.
pub(crate) fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> Result<T, Error> {
    let unavailable = |why: nix::Error| Error::Unavailable(format!("timer: {why}"));
    let kill = SigEvent::new(SigevNotify::SigevSignal { signal: Signal::SIGKILL, si_value: 0 });
    let mut timer = Timer::new(ClockId::CLOCK_MONOTONIC, kill).map_err(unavailable)?;
    timer.set(Expiration::OneShot(TimeSpec::from_duration(limit)), TimerSetTimeFlags::empty()).map_err(unavailable)?;
    Ok(work())
}
