//! Provides what the linked-in unwinder (see `build.rs`) needs and an older C library lacks. libgcc of GCC 12 and newer
//! calls `_dl_find_object`, which glibc has since 2.35. This module uses only what every glibc has, so that it loads
//! with the glibc 2.34 of RHEL 9. It runs only when a panic unwinds, which would be a bug.
#![cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]

use std::ffi::{c_int, c_void};

use libc::{dl_iterate_phdr, dl_phdr_info, size_t};

/// `struct dl_find_object` of dlfcn.h.
#[repr(C)]
struct Found {
    flags: u64,
    map_start: *mut c_void,
    map_end: *mut c_void,
    link_map: *mut c_void,
    eh_frame: *mut c_void,
    reserved: [u64; 7],
}

/// A code address, and where the frame table of the object that contains it is.
struct Search {
    address: usize,
    found: Option<Object>,
}

struct Object {
    start: usize,
    end: usize,
    frames: usize,
}

// Hidden: other libraries of the host keep the C library's.
std::arch::global_asm!(
    ".globl _dl_find_object",
    ".hidden _dl_find_object",
    ".type _dl_find_object, @function",
    "_dl_find_object:",
    "jmp {find}",
    ".size _dl_find_object, . - _dl_find_object",
    find = sym find,
);

/// Like the C library's: 0 if the object that contains `address` is found.
unsafe extern "C" fn find(address: *mut c_void, result: *mut Found) -> c_int {
    let mut search = Search { address: address as usize, found: None };
    // SAFETY: `look` takes the pointer that it is given here, which outlives the call.
    unsafe { dl_iterate_phdr(Some(look), (&raw mut search).cast()) };
    let Some(Object { start, end, frames }) = search.found else { return -1 };
    let pointer = |address: usize| address as *mut c_void;
    let found = Found {
        flags: 0,
        map_start: pointer(start),
        map_end: pointer(end),
        link_map: std::ptr::null_mut(),
        eh_frame: pointer(frames),
        reserved: [0; 7],
    };
    // SAFETY: the unwinder passes room for one value of exactly this type.
    unsafe { result.write(found) };
    0
}

unsafe extern "C" fn look(info: *mut dl_phdr_info, _size: size_t, search: *mut c_void) -> c_int {
    // SAFETY: the C library passes a loaded object with this many headers, and the search of `find`.
    let (info, search) = unsafe { (&*info, &mut *search.cast::<Search>()) };
    // SAFETY: as above.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let at = |address: u64| number(info.dlpi_addr.wrapping_add(address));
    let mut parts = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD)
        .map(|header| (at(header.p_vaddr), at(header.p_vaddr.wrapping_add(header.p_memsz))));
    let Some((start, end)) = parts.find(|(start, end)| (*start..*end).contains(&search.address)) else {
        return 0;
    };
    let frames = headers.iter().find(|header| header.p_type == libc::PT_GNU_EH_FRAME);
    search.found = frames.map(|header| Object { start, end, frames: at(header.p_vaddr) });
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_with_its_table_of_frames_and_what_is_no_code_is_not() {
        let looked_up = |address: *mut c_void| {
            let mut found = Found {
                flags: 7,
                map_start: std::ptr::null_mut(),
                map_end: std::ptr::null_mut(),
                link_map: std::ptr::null_mut(),
                eh_frame: std::ptr::null_mut(),
                reserved: [7; 7],
            };
            // SAFETY: room for one value of exactly this type.
            let code = unsafe { find(address, &raw mut found) };
            (code, found)
        };
        // In this program, and in a library.
        let own = code_is_found_with_its_table_of_frames_and_what_is_no_code_is_not as *const () as usize;
        for code in [own, libc::getpid as *const () as usize] {
            let (outcome, found) = looked_up(code as *mut c_void);
            assert_eq!((outcome, found.flags, found.reserved), (0, 0, [0; 7]));
            assert!((found.map_start as usize..found.map_end as usize).contains(&code));
            // SAFETY: a frame table, which begins with its version number.
            assert_eq!(unsafe { found.eh_frame.cast::<u8>().read() }, 1);
        }
        let mut here = 0u8;
        assert_eq!(looked_up((&raw mut here).cast()).0, -1, "on the stack");
        assert_eq!(looked_up(std::ptr::null_mut()).0, -1);
    }
}
