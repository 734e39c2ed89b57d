//! Wipes all memory before it is freed, in each program and in the module. Codes, passwords and contacts also pass
//! through buffers of libraries (bus messages, mail, JSON, TLS), which don't wipe anything themselves.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);
