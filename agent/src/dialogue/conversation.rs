//! One side of a conversation: the dialogue asks, and a user at the other end answers.

use std::{sync::Arc, time::Duration};

use sspr_config::dialogue::{Ask, Purpose, Standing, Step};
use tokio::{sync::mpsc, time::Instant};
use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    texts::Texts,
    writing::{self, Writings},
};

mod asking;
mod last_word;
mod shown;

pub use last_word::{LastWord, Word};

/// The user is gone: the connection closed, the dialogue was cancelled, or it took too long. This is noticed only at a
/// question, so that the work between two questions always runs to its end.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

/// This many unoffered answers in a row do not come from a person.
const MISREAD_MAX: u32 = 5;

/// Apparently no person is there: see [`Conversation::misread`].
#[derive(Clone, Copy, Debug)]
pub struct Misread;

/// Whether the password typed at a sign-in is the account's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouch {
    /// It is.
    Right,
    /// It is not, or the host does not say.
    No,
    /// Unknown: the helper did not answer in time, or the hash takes too long for a sign-in.
    Untold,
}

/// An answer, as it was typed.
#[derive(Debug)]
pub struct Answer(pub Zeroizing<Vec<u8>>);

/// How a user left at a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Left {
    /// The user did not leave, or said so.
    #[default]
    Not,
    /// Without a word.
    Silently,
    /// The same, at a question in a script that this screen may be unable to show.
    Unshown,
}

/// The dialogue's side.
#[allow(clippy::struct_excessive_bools, reason = "each is a circumstance of its own")]
pub struct Conversation {
    turn: u32,
    steps: mpsc::Sender<Step>,
    answers: mpsc::Receiver<Answer>,
    texts: Arc<Texts>,
    clock: Arc<dyn Clock>,
    deadline: Instant,
    binding: bool,
    answered: bool,
    /// The host is being asked whether the password is correct.
    vouching: bool,
    last_word: LastWord,
    /// The purpose of the dialogue. After a sign-in, the module shows no text with the word that scripts wait for.
    /// There and at a password prompt, a program may answer.
    purpose: Option<Purpose>,
    /// The number of unoffered answers in a row.
    misread: u32,
    /// The turn of the last of them.
    misread_at: u32,
    begun: bool,
    /// Something other than Enter was typed.
    typed: bool,
    /// The last answer was the word that switches to English in ASCII.
    turned: bool,
    /// The user is at a remote terminal, whose locale is unknown.
    remote: bool,
    hinted: bool,
    /// The scripts that this screen is known to show, because a question in them was answered.
    shows: Writings,
    left: Left,
    /// The interval of the beat on which steps are sent.
    beat: Option<Duration>,
    /// When the dialogue began, or the last answer came.
    heard: Instant,
    /// How long the last answer took, including the network.
    took: Duration,
}

impl std::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conversation").field("turn", &self.turn).finish_non_exhaustive()
    }
}

impl Conversation {
    /// A conversation that may last until `deadline`, and the channel ends for its carrier. `texts` are for unreadable
    /// answers; `clock` keeps its time.
    pub fn new(
        texts: Arc<Texts>,
        clock: Arc<dyn Clock>,
        deadline: Instant,
    ) -> (Self, mpsc::Receiver<Step>, mpsc::Sender<Answer>) {
        let (steps, steps_out) = mpsc::channel(1);
        let (answers_in, answers) = mpsc::channel(1);
        let conversation = Self {
            turn: 0,
            steps,
            answers,
            texts,
            clock,
            deadline,
            binding: false,
            answered: false,
            vouching: false,
            last_word: LastWord::default(),
            purpose: None,
            misread: 0,
            misread_at: 0,
            begun: false,
            typed: false,
            turned: false,
            remote: false,
            hinted: false,
            shows: Writings::default(),
            left: Left::Not,
            beat: None,
            heard: Instant::now(),
            took: Duration::ZERO,
        };
        (conversation, steps_out, answers_in)
    }

    /// Sets the `purpose` of the dialogue.
    #[must_use]
    pub fn held_for(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Sets whether the terminal is remote, where a client may be unable to show text that is not ASCII.
    #[must_use]
    pub const fn carried_afar(mut self, remote: bool) -> Self {
        self.remote = remote;
        self
    }

    /// Where the other end leaves its last word.
    pub fn last_word(&self) -> LastWord {
        self.last_word.clone()
    }

    /// Whether the other end saw a program answer.
    pub fn is_a_programs(&self) -> bool {
        self.last_word.get() == Word::Program
    }

    /// Whether the other end could not ask the first question, or ended there: possibly no user saw it.
    pub fn could_not_ask(&self) -> bool {
        !self.answered && self.last_word.get() == Word::GoodBye
    }

    /// Whether the host left when it was asked whether the password is correct: it wants no question.
    pub const fn ended_before_a_question(&self) -> bool {
        self.vouching
    }

    /// Whether a remote user left at a question that the client may be unable to show. The one of `OpenSSH` ends at
    /// once then.
    pub fn left_unshown(&self) -> bool {
        self.remote && self.left == Left::Unshown
    }

    /// Whether the connection ended at the last question.
    pub fn was_cut_off(&self) -> bool {
        self.left != Left::Not
    }

    /// Whether all texts are in English and in ASCII.
    pub fn is_plain(&self) -> bool {
        self.texts.is_plain()
    }

    /// Whether the last answer was the word that switches to English in ASCII: the question has to be repeated.
    pub const fn has_turned(&self) -> bool {
        self.turned
    }

    /// Whether anything other than Enter was typed. Programs press Enter.
    pub const fn typed(&self) -> bool {
        self.typed
    }

    /// Sets whether a user who leaves at the following questions declines a required registration.
    pub const fn bind(&mut self, binding: bool) {
        self.binding = binding;
    }

    /// See [`Conversation::bind`].
    pub const fn binding(&self) -> bool {
        self.binding
    }

    /// Sets the beat: from now on, each step is sent a whole number of `beat`s after the answer before it, or after
    /// the beginning. So its timing does not show how long the work took, or what else goes on. `None` ends that.
    pub const fn keep_time(&mut self, beat: Option<Duration>) {
        self.beat = beat;
    }

    /// Whether steps are sent on a beat.
    pub const fn keeps_time(&self) -> bool {
        self.beat.is_some()
    }

    /// Whether the last answer is the beginning: no answer before it counted. Returns true once.
    pub const fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    /// Waits for the next beat.
    async fn on_the_beat(&self) {
        let Some(beat) = self.beat.filter(|beat| !beat.is_zero()) else { return };
        let beats = self.heard.elapsed().as_nanos() / beat.as_nanos() + 1;
        self.clock.until(self.heard + beat * u32::try_from(beats).unwrap_or(1)).await;
    }

    /// Whether no person answered: a program was seen, or there were `none` although the question could be asked.
    pub fn nobody(&self, none: bool) -> bool {
        self.is_a_programs() || (none && !self.could_not_ask())
    }

    /// Whether any question was answered, so that a user is there.
    pub const fn answered(&self) -> bool {
        self.answered
    }

    /// Whether Enter must not be offered: leaving declines a required registration, and no question was answered yet.
    /// After a pasted password, the module takes an empty first answer for a program's, and the sign-in ends.
    pub const fn wants_a_word(&self) -> bool {
        self.binding && !self.answered
    }

    /// Whether the next text would appear above the first password prompt, before any answer, at a client that may
    /// show only ASCII.
    pub fn is_first_word(&self) -> bool {
        self.remote && !self.answered && self.purpose == Some(Purpose::Recover)
    }

    /// Whether the last answer came sooner than `least` after its question: nobody reads and types that fast.
    pub fn came_sooner_than(&self, least: Duration) -> bool {
        self.took < least
    }

    /// Counts an answer that was not among those offered. After too many in a row, the answers do not come from a
    /// person.
    pub fn misread(&mut self) -> Result<(), Misread> {
        self.misread = if self.misread_at + 1 == self.turn { self.misread + 1 } else { 1 };
        self.misread_at = self.turn;
        let by_anybody = matches!(self.purpose, Some(Purpose::Register | Purpose::Recover));
        if self.misread < MISREAD_MAX || !by_anybody { Ok(()) } else { Err(Misread) }
    }

    /// An unreadable answer does not end the row of unoffered ones.
    const fn unreadable(&mut self) {
        if self.misread_at + 1 == self.turn {
            self.misread_at = self.turn;
        }
    }

    /// Sends the last step.
    pub async fn end(mut self, standing: Standing, text: String) {
        self.turn += 1;
        let text = if self.is_first_word() { writing::plain(&text).into_owned() } else { text };
        let step = Step {
            turn: self.turn,
            standing: standing.to_wire(),
            ask: Ask::Nothing.to_wire(),
            text: self.fit(&text),
            prompt: String::new(),
        };
        self.on_the_beat().await;
        // There may be nobody to read it.
        let _ = self.steps.send(step).await;
    }
}

#[cfg(test)]
mod tests;
