//! Memory that is not needed any more goes back to the system.
#![allow(unsafe_code, reason = "the C library's own call for it has no safe wrapper")]

/// Gives back what the C library keeps for later. After work that took much for a while; it takes about a millisecond.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim(3) takes a number, may be called at any time from any thread, and touches nothing that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
}
