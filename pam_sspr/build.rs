//! Links the unwinder into the module in place of `libgcc_s.so.1`: no other library of a sign-in needs that one, so it would be loaded for
//! the module alone. And where the linker can, functions that are the same are one: the module stays small.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

/// What lld folds such functions with; others do not know it.
const FOLDED: &str = "-Wl,--icf=all";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let (Some(directory), Ok(target)) = (env::var_os("OUT_DIR"), env::var("TARGET")) else { return };
    let directory = Path::new(&directory);
    // Elsewhere `unwind.rs` has no part, and the library is loaded as before.
    if target != "x86_64-unknown-linux-gnu" {
        return;
    }
    // The standard library asks the linker for gcc_s by name. What is found first is this, which names the static one.
    let script = directory.join("libgcc_s.so");
    match fs::write(&script, "INPUT ( -lgcc_eh )\n") {
        Ok(()) => println!("cargo::rustc-link-search=native={}", directory.display()),
        Err(why) => println!("cargo::warning=the unwinder is not linked in: {}: {why}", script.display()),
    }
    if folds(directory, &target) {
        println!("cargo::rustc-cdylib-link-arg={FOLDED}");
    }
}

/// Whether the linker that is used here can: a library with nothing in it is linked so.
fn folds(directory: &Path, target: &str) -> bool {
    let (source, library) = (directory.join("nothing.rs"), directory.join("nothing.so"));
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    fs::write(&source, "").is_ok()
        && Command::new(rustc)
            .args(["--crate-type=cdylib", "--target", target, "-o"])
            .arg(library)
            .arg(format!("-Clink-arg={FOLDED}"))
            .arg(source)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|linked| linked.success())
}
