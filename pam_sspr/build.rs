//! Has the unwinder, by which a panic is caught before it gets to the host, linked into the module. As a library of its own it is
//! a third of what loading the module takes: most hosts have it not, and every login loads the module. Its licence lets it be a
//! part of any program (GCC Runtime Library Exception).

use std::{env, fs, io, path::Path};

/// In place of the library that rustc names: `ld` reads a text in its place as what to take instead.
const INSTEAD: &str = "GROUP ( -lgcc_eh -lgcc )\n";

fn main() -> io::Result<()> {
    let of = |name: &str| env::var(name).map_err(io::Error::other);
    if of("CARGO_CFG_TARGET_ENV")? == "gnu" {
        let directory = of("OUT_DIR")?;
        fs::write(Path::new(&directory).join("libgcc_s.so"), INSTEAD)?;
        write(&format!("cargo::rustc-link-search=native={directory}"))?;
    }
    write("cargo::rerun-if-changed=build.rs")
}

fn write(line: &str) -> io::Result<()> {
    use io::Write as _;
    writeln!(io::stdout(), "{line}")
}
