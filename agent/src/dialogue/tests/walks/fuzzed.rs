//! A walk as the bytes of a fuzzer say: one for the settings, then some for each step.

use std::sync::{Arc, Mutex, PoisonError};

use sspr_config::dialogue::Purpose;

use super::{
    SETTINGS, Seen, Walk,
    moves::{DEEDS, Move, NAMES, SERVICES, SLOTS, Say, WAITS, WORDS},
};
use crate::{error::Result, random::Random};

/// The most steps of one walk.
const STEPS_MAX: usize = 120;

/// Walks over the dialogues and panics where one of them did what it must not.
#[allow(unreachable_pub, reason = "a fuzzer reaches it")]
pub fn walk(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let settings = pick(&SETTINGS, bytes.next());
    let steps = std::iter::from_fn(|| step(&mut bytes)).take(STEPS_MAX);
    let seen = Seen::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut walk = Walk::begin(settings, &seen).await;
        // The same bytes, the same codes.
        let random = Arc::new(Counted::default());
        walk.world.agent = walk.world.agent.with_services(|services| services.random = random);
        for step in steps {
            walk.go(step).await;
        }
    });
}

fn step(bytes: &mut impl Iterator<Item = u8>) -> Option<Move> {
    let (what, slot) = (bytes.next()?, usize::from(bytes.next()?) % SLOTS);
    let say = |say| Some(Move::Say { slot, say });
    match what % 16 {
        0 => {
            let (name, service) = (usize::from(bytes.next()?) % NAMES.len(), pick(&SERVICES, bytes.next()));
            Some(Move::Begin { slot, name, purpose: pick(&Purpose::ALL, bytes.next()), service })
        }
        1 => Some(Move::Leave(slot)),
        2 => Some(Move::Wait(pick(&WAITS, bytes.next()))),
        3 => Some(Move::Administer(slot % NAMES.len(), pick(&DEEDS, bytes.next()))),
        4 => {
            let length = 4 * usize::from(bytes.next()?);
            say(Say::Junk(bytes.take(length).collect()))
        }
        5 => say(Say::AnyCode(bytes.next()?.into())),
        6 => say(Say::Word(pick(&WORDS, bytes.next()))),
        _ => say(Say::Fitting(bytes.next()?.into())),
    }
}

fn pick<T: Copy>(from: &[T], byte: Option<u8>) -> T {
    from[usize::from(byte.unwrap_or_default()) % from.len()]
}

/// Bytes that are different each time and the same in each run.
#[derive(Default)]
struct Counted(Mutex<u64>);

impl Random for Counted {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            // splitmix64
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let [_, _, _, drawn, ..] = mixed.to_be_bytes();
            *byte = drawn;
        }
        Ok(())
    }
}

#[test]
fn what_the_fuzzer_began_with_and_found_writes_nothing_without_proof() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/dialogue");
    let seeds: Vec<_> = std::fs::read_dir(seeds).unwrap().map(|seed| seed.unwrap().path()).collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        walk(&std::fs::read(seed).unwrap());
    }
}
