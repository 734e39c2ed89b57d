//! Links the unwinder into the module in place of `libgcc_s.so.1`: no other library of a sign-in needs that one, and a third of what
//! loading the module took was loading it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The standard library asks the linker for gcc_s by name. What is found first is this, which names the static one.
    let (Some(directory), Ok(target)) = (std::env::var_os("OUT_DIR"), std::env::var("TARGET")) else { return };
    // Elsewhere `unwind.rs` has no part, and the library is loaded as before.
    if target != "x86_64-unknown-linux-gnu" {
        return;
    }
    let script = std::path::Path::new(&directory).join("libgcc_s.so");
    match std::fs::write(&script, "INPUT ( -lgcc_eh )\n") {
        Ok(()) => println!("cargo::rustc-link-search=native={}", directory.display()),
        Err(why) => println!("cargo::warning=the unwinder is not linked in: {}: {why}", script.display()),
    }
}
