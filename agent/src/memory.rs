//! Memory that is no longer needed: it goes back to the system, and no secrets stay in it.
#![allow(unsafe_code, reason = "the C library's own call for it has no safe wrapper")]

use zeroize::Zeroize as _;

/// Returns memory that the C library keeps for later. For use after work that needed much; it takes about a
/// millisecond.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim(3) takes a number, may be called at any time from any thread, and touches no memory that is
    // in use.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Drops this program's own code and constants from memory, as the kernel does by itself once it needs the room. A
/// page that is needed again is read from its file; for everything that a dialogue needs, this takes some tenths of a
/// millisecond. For idle times: earlier work, such as a handshake with a mail server or a scan of all accounts, may
/// not be repeated for hours.
pub fn let_go_of_the_program() {
    for (start, length) in read_only_parts() {
        // SAFETY: these pages are mapped privately from the program's file and can't be written, so their content is
        // always that of the file; the kernel reads them again when they are touched. Pages with relocations are not
        // among them.
        unsafe {
            libc::madvise(start as *mut libc::c_void, length, libc::MADV_DONTNEED);
        }
    }
}

/// The program's pages that were never writable; whole pages only.
fn read_only_parts() -> Vec<(usize, usize)> {
    unsafe extern "C" fn note(info: *mut libc::dl_phdr_info, _: usize, parts: *mut libc::c_void) -> libc::c_int {
        // SAFETY: dl_iterate_phdr(3) passes an `info` that is valid during this call, and `parts` is the pointer that
        // is passed to it below.
        let (info, parts) = unsafe { (&*info, &mut *parts.cast::<Vec<(usize, usize)>>()) };
        // SAFETY: this is the number of headers.
        let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
        // SAFETY: sysconf(3) takes a number.
        let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(1 << 16);
        for header in headers {
            let loaded = header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W == 0;
            let (Ok(address), Ok(size)) = (usize::try_from(header.p_vaddr), usize::try_from(header.p_filesz)) else {
                continue;
            };
            let begin = usize::try_from(info.dlpi_addr).unwrap_or_default().wrapping_add(address);
            let (start, end) = (begin.next_multiple_of(page), begin.wrapping_add(size) / page * page);
            if loaded && start < end {
                parts.push((start, end - start));
            }
        }
        // The first entry is the program; the libraries after it are shared with others.
        1
    }
    let mut parts: Vec<(usize, usize)> = Vec::new();
    // SAFETY: `note` accepts what it is passed, and `parts` outlives the call.
    unsafe {
        libc::dl_iterate_phdr(Some(note), (&raw mut parts).cast());
    }
    parts
}

/// Overwrites `KIB` KiB of what recently called functions left on this thread's stack. A cipher works there on its own
/// blocks, and an idle thread keeps them until it is called again.
#[inline(never)]
pub fn wipe_stack<const KIB: usize>() {
    // By words: byte by byte, it would take longer than the cipher.
    let mut waste = [[0u64; 128]; KIB];
    waste.as_flattened_mut().zeroize();
    std::hint::black_box(&waste);
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// KiB of this process that are mapped from files.
    fn from_files() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssFile:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    #[test]
    fn the_program_goes_on_without_its_code_in_memory_and_gets_it_back() {
        let parts = read_only_parts();
        let whole: usize = parts.iter().map(|(_, length)| length).sum();
        let code = the_program_goes_on_without_its_code_in_memory_and_gets_it_back as *const () as usize;
        assert!(parts.iter().any(|(start, length)| (*start..start + length).contains(&code)), "{parts:x?}");
        assert!(whole > 1 << 20, "{whole}");
        // According to the kernel, none of them is writable.
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        for (start, length) in &parts {
            let inside = maps.lines().filter(|line| {
                let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
                let at = |text| usize::from_str_radix(text, 16).unwrap();
                at(from) < start + length && at(to) > *start
            });
            let mapped: Vec<&str> = inside.collect();
            let writable = |line: &&&str| line.split(' ').nth(1).unwrap().contains('w');
            assert!(!mapped.is_empty() && mapped.iter().find(writable).is_none(), "{mapped:?}");
        }
        // A constant and a table of addresses are unchanged.
        let (before, words) = (from_files(), ["one", "two", "three"]);
        let_go_of_the_program();
        assert_eq!((words, format!("{:?}", words.len())), (["one", "two", "three"], "3".to_owned()));
        println!("{before} KiB from files before, {} after, of a program of {} KiB", from_files(), whole / 1024);
    }
}
