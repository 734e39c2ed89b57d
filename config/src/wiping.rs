//! Whatever is freed is wiped first, in each program and in the module. A code, a password or a contact passes through
//! buffers of the libraries too (messages of the bus, mail, JSON, TLS), which wipe nothing by themselves.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);
