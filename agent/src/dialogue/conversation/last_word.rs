//! What the other end says when it drops a dialogue.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// The last word of the other end when it drops a dialogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Word {
    /// Nothing: the connection dropped, as sshd's does when a client leaves.
    #[default]
    None,
    /// Good-bye. A PAM host says it when it can't ask a question at all, and when the user leaves at one.
    GoodBye,
    /// The answers come from a program.
    Program,
}

/// Holds the last [`Word`]. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct LastWord(Arc<AtomicU8>);

impl LastWord {
    /// Stores the word.
    pub fn leave(&self, word: Word) {
        self.0.store(word as u8, Ordering::Relaxed);
    }

    /// Whether it is this one.
    #[cfg(test)]
    pub(crate) fn is(&self, word: Word) -> bool {
        self.get() == word
    }

    pub(super) fn get(&self) -> Word {
        [Word::GoodBye, Word::Program]
            .into_iter()
            .find(|word| *word as u8 == self.0.load(Ordering::Relaxed))
            .unwrap_or_default()
    }
}
