//! Memory that is not needed any more: it goes back to the system, and what is secret does not stay in it.
#![allow(unsafe_code, reason = "the C library's own call for it has no safe wrapper")]

use zeroize::Zeroize as _;

/// Gives back what the C library keeps for later. After work that took much for a while; it takes about a millisecond.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim(3) takes a number, may be called at any time from any thread, and touches nothing that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Overwrites `BYTES` of what the functions that were just called left on this thread's stack. A cipher works on blocks of its own
/// there, and a thread that rests keeps them until it is called again.
#[inline(never)]
pub fn wipe_stack<const BYTES: usize>() {
    let mut waste = [0u8; BYTES];
    waste.zeroize();
    std::hint::black_box(&waste);
}
