//! Runs the fuzzer's check of a sign-in on all its seeds, and on each seed with one mistake: the module must behave
//! correctly, whatever the agent says and the user types. `make fuzz` goes further with the same check.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/checks/sign_in.rs"]
mod sign_in;

/// The inputs that are a sign-in; the others are message bodies, which the agent's tests read.
fn seeds() -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/bus");
    let all = fs::read_dir(directory).unwrap().map(|seed| fs::read(seed.unwrap().path()).unwrap());
    all.filter(|seed| seed.first().is_some_and(|what| what & 6 < 4)).collect()
}

#[test]
fn a_sign_in_with_any_single_mistake_in_it_leaves_the_module_in_order() {
    let seeds = seeds();
    assert!(seeds.len() >= 4, "{} seeds", seeds.len());
    for seed in &seeds {
        for at in 0..seed.len() {
            for byte in [0, 1, 0x1b, b'9', 0x7f, 0xff, seed[at] ^ 1, seed[at] ^ 8] {
                let mut spoilt = seed.clone();
                spoilt[at] = byte;
                if let Some((what, rest)) = spoilt.split_first()
                    && what & 6 < 4
                {
                    sign_in::check(*what, rest);
                }
            }
            // Cut off, and with a byte inserted.
            sign_in::check(seed[0], &seed[1..at.max(1)]);
            let mut longer = seed.clone();
            longer.insert(at.max(1), b'x');
            sign_in::check(longer[0], &longer[1..]);
        }
    }
}
