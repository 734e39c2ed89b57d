//! One side of a conversation: the dialogue asks, and somewhere a person answers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use sspr_config::dialogue::{ANSWER_MAX, Ask, Purpose, Standing, Step, UNTOLD, VOUCHED};
use tokio::{sync::mpsc, time::Instant};
use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    texts::Texts,
    typed,
    writing::{self, Writings},
};

/// The most questions in one dialogue; no person needs more.
const TURNS_MAX: u32 = 60;

/// The person is gone: the connection closed, the dialogue was cancelled, or it took too long. Noticed at a question only,
/// so that what lies between two questions always runs to its end.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

/// So many answers that are none of those offered are no person's.
const MISREAD_MAX: u32 = 5;

/// Nobody seems to be there: see [`Talk::misread`].
#[derive(Clone, Copy, Debug)]
pub struct Misread;

/// Whether what was typed at a sign-in is the account's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouch {
    /// It is.
    Right,
    /// It is not, or the host does not say.
    No,
    /// Nobody can tell: the helper did not answer in time, or the hash takes too long for a sign-in.
    Untold,
}

/// Whether `text` has in it what scripts wait for at a password prompt.
fn is_forbidden(text: &str) -> bool {
    text.to_ascii_lowercase().contains("assword")
}

/// The word that gives English in ASCII from then on. No other word and no code has two letters: where only the length of an
/// answer may decide, that is enough.
const PLAIN: &str = "en";

/// Shown once, in ASCII, where a user may be unable to read the rest.
const PLAIN_HINT: &str = "For English type: en";
/// So many lines leave room for it on a screen of 24.
const PLAIN_HINT_LINES: usize = 20;

/// An answer, as it was typed.
#[derive(Debug)]
pub struct Answer(pub Zeroizing<Vec<u8>>);

/// The last word of the other end when a dialogue is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Word {
    /// Nothing: the connection just dropped, as sshd's does when a client leaves.
    #[default]
    None,
    /// Good-bye. A PAM host says it when it can't put a question at all, and when the person breaks off at one.
    GoodBye,
    /// That the answer is a program's.
    Program,
}

/// Where the last [`Word`] is left. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct LastWord(Arc<AtomicU8>);

impl LastWord {
    /// Leaves it.
    pub fn leave(&self, word: Word) {
        self.0.store(word as u8, Ordering::Relaxed);
    }

    fn get(&self) -> Word {
        [Word::GoodBye, Word::Program]
            .into_iter()
            .find(|word| *word as u8 == self.0.load(Ordering::Relaxed))
            .unwrap_or_default()
    }
}

/// How a user left at a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Left {
    /// The user did not, or said so.
    #[default]
    Not,
    /// Without a word.
    Silently,
    /// The same, at a question in a writing that this screen is not known to show.
    Unshown,
}

/// The dialogue's side.
#[allow(clippy::struct_excessive_bools, reason = "each is a circumstance of its own")]
pub struct Talk {
    turn: u32,
    steps: mpsc::Sender<Step>,
    answers: mpsc::Receiver<Answer>,
    texts: Arc<Texts>,
    clock: Arc<dyn Clock>,
    deadline: Instant,
    binding: bool,
    answered: bool,
    /// The host is asked whether the password is right.
    vouching: bool,
    last_word: LastWord,
    /// What it is held for. After a sign-in the module shows nothing that has the word in it which scripts wait for; there and at a
    /// password prompt a program may answer.
    purpose: Option<Purpose>,
    /// Answers running that were none of those offered.
    misread: u32,
    /// The turn of the last of them.
    misread_at: u32,
    begun: bool,
    /// Something was typed that is not just Enter.
    typed: bool,
    /// The last answer was [`PLAIN`], and nothing else.
    turned: bool,
    /// It is carried to a terminal far away, whose locale nobody tells.
    remote: bool,
    hinted: bool,
    /// What this screen is known to show, as a question with it was answered.
    shows: Writings,
    left: Left,
    /// Whole numbers of this long after what it follows, the next step is said.
    beat: Option<Duration>,
    /// When the dialogue began, or the last answer came.
    heard: Instant,
    /// How long the last answer took, with the wire there and back.
    took: Duration,
}

impl std::fmt::Debug for Talk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Talk").field("turn", &self.turn).finish_non_exhaustive()
    }
}

impl Talk {
    /// A talk that may last until `deadline`, and the ends for its carrier; `texts` are for answers that can't be read
    /// at all, and `clock` is what it keeps time by.
    pub fn new(
        texts: Arc<Texts>,
        clock: Arc<dyn Clock>,
        deadline: Instant,
    ) -> (Self, mpsc::Receiver<Step>, mpsc::Sender<Answer>) {
        let (steps, steps_out) = mpsc::channel(1);
        let (answers_in, answers) = mpsc::channel(1);
        let talk = Self {
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
        (talk, steps_out, answers_in)
    }

    /// For a dialogue that is held for `purpose`.
    #[must_use]
    pub fn held_for(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// For a terminal far away, where a client may be unable to show what is not ASCII.
    #[must_use]
    pub const fn carried_afar(mut self, remote: bool) -> Self {
        self.remote = remote;
        self
    }

    /// Where the other end's last word is to be left.
    pub fn last_word(&self) -> LastWord {
        self.last_word.clone()
    }

    /// Whether the other end saw that a program answers.
    pub fn is_a_programs(&self) -> bool {
        self.last_word.get() == Word::Program
    }

    /// Whether the other end could not put the first question, or broke off at it: nobody saw it for sure.
    pub fn could_not_ask(&self) -> bool {
        !self.answered && self.last_word.get() == Word::GoodBye
    }

    /// Whether the host took leave where it was asked whether the password is right: it wants no question.
    pub const fn ended_before_a_question(&self) -> bool {
        self.vouching
    }

    /// Whether a user far away left at a question that the client may be unable to show. `OpenSSH`'s ends at once then.
    pub fn left_unshown(&self) -> bool {
        self.remote && self.left == Left::Unshown
    }

    /// Whether the connection ended at the last question.
    pub fn was_cut_off(&self) -> bool {
        self.left != Left::Not
    }

    /// Whether all is said in English and in ASCII.
    pub fn is_plain(&self) -> bool {
        self.texts.is_plain()
    }

    /// Whether the last answer was the word that gives English in ASCII, and nothing else: the question is to be put again.
    pub const fn has_turned(&self) -> bool {
        self.turned
    }

    /// Whether anything was typed that is not just Enter, which programs press.
    pub const fn typed(&self) -> bool {
        self.typed
    }

    /// Whether breaking off at the questions from now on declines what is required.
    pub const fn bind(&mut self, binding: bool) {
        self.binding = binding;
    }

    /// See [`Talk::bind`].
    pub const fn binding(&self) -> bool {
        self.binding
    }

    /// From now on what is said comes on a beat: a whole number of `beat`s after the answer that it follows, or after the
    /// beginning. How long it took to find out what to say does not show then, nor what goes on beside it. `None` ends that.
    pub const fn keep_time(&mut self, beat: Option<Duration>) {
        self.beat = beat;
    }

    /// Whether it is said on a beat.
    pub const fn keeps_time(&self) -> bool {
        self.beat.is_some()
    }

    /// Whether what was just answered is the beginning, as nothing that counts was answered before.
    pub const fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    /// Waits for the next beat.
    async fn on_the_beat(&self) {
        let Some(beat) = self.beat.filter(|beat| !beat.is_zero()) else { return };
        let beats = self.heard.elapsed().as_nanos() / beat.as_nanos() + 1;
        self.clock.until(self.heard + beat * u32::try_from(beats).unwrap_or(1)).await;
    }

    /// Whether no person answered: a program was seen, or there were `none` and nothing says that it could not be asked.
    pub fn nobody(&self, none: bool) -> bool {
        self.is_a_programs() || (none && !self.could_not_ask())
    }

    /// Whether a question was ever answered, so that a user is there.
    pub const fn answered(&self) -> bool {
        self.answered
    }

    /// Whether Enter is not to be offered: leaving declines what is required, and nobody has answered yet. Where the password was
    /// pasted, the module takes an empty first answer for a program's, and the sign-in ends.
    pub const fn wants_a_word(&self) -> bool {
        self.binding && !self.answered
    }

    /// Whether what is said now would stand above the first prompt for a password, at a client that may have no characters for
    /// anything but ASCII: no question was answered yet.
    pub fn is_first_word(&self) -> bool {
        self.remote && !self.answered && self.purpose == Some(Purpose::Recover)
    }

    /// Whether the last answer came sooner than `least` after its question: nobody reads and types so fast.
    pub fn came_sooner_than(&self, least: Duration) -> bool {
        self.took < least
    }

    /// Has the PAM host ask the credential helper whether what was typed at this sign-in is the account's password. No person
    /// has a hand in it. What is no clear yes is no yes.
    pub async fn vouched(&mut self) -> Result<Vouch, Gone> {
        let answered = self.answered;
        self.vouching = true;
        let answer = self.answer(Ask::Vouch, "", "").await;
        self.answered = answered;
        let answer = answer?;
        self.vouching = false;
        Ok(match answer.as_slice() {
            VOUCHED => Vouch::Right,
            UNTOLD => Vouch::Untold,
            _ => Vouch::No,
        })
    }

    /// An answer was none of those offered: too many of them running, and it is no person who answers.
    pub fn misread(&mut self) -> Result<(), Misread> {
        self.misread = if self.misread_at + 1 == self.turn { self.misread + 1 } else { 1 };
        self.misread_at = self.turn;
        let by_anybody = matches!(self.purpose, Some(Purpose::Register | Purpose::Recover));
        if self.misread < MISREAD_MAX || !by_anybody { Ok(()) } else { Err(Misread) }
    }

    /// An answer that nobody can read is none that was understood.
    const fn unreadable(&mut self) {
        if self.misread_at + 1 == self.turn {
            self.misread_at = self.turn;
        }
    }

    /// Asks for a line that may be seen while it is typed. Blanks around it, and what shows nothing, are cut off.
    pub async fn line(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<String>, Gone> {
        let answer = self.ask(Ask::Line, text.into(), prompt.into()).await?;
        let answer = Zeroizing::new(typed::trimmed(&answer).to_owned());
        self.turn(answer.eq_ignore_ascii_case(PLAIN));
        Ok(answer)
    }

    /// Asks for one of the words of a menu, and gives it in small letters.
    pub async fn word(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<String>, Gone> {
        Ok(Zeroizing::new(typed::word(&self.line(text, prompt).await?)))
    }

    /// Waits until the person has read `text`: whatever is typed leads on, but for the word that gives it in English.
    pub async fn wait(&mut self, text: impl Fn() -> String) -> Result<(), Gone> {
        loop {
            let prompt = self.texts.say("go-on-prompt", &[]);
            self.line(text(), prompt).await?;
            if !self.turned {
                return Ok(());
            }
        }
    }

    /// `wanted`: the person can read nothing but English in ASCII. Said a second time it is no news.
    fn turn(&mut self, wanted: bool) {
        self.turned = wanted && !self.texts.is_plain();
        if self.turned {
            self.texts.turn_plain();
        }
    }

    /// Asks for a line that is not shown.
    pub async fn secret(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<String>, Gone> {
        self.ask(Ask::Secret, text.into(), prompt.into()).await
    }

    /// Asks for a new password, which a PAM host keeps until the end.
    pub async fn new_password(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<String>, Gone> {
        self.ask(Ask::NewPassword, text.into(), prompt.into()).await
    }

    /// Asks for what was typed last once more, not shown. What is no text is not the same.
    pub async fn again(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<Vec<u8>>, Gone> {
        self.answer(Ask::Secret, &text.into(), &prompt.into()).await
    }

    /// Asks for a line that may be seen while it is typed, and takes it as it is: also what is no text at all. For questions
    /// in which an answer must not show what it was taken for; `by_length`: its length alone may decide.
    pub async fn anything(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
        by_length: bool,
    ) -> Result<Zeroizing<Vec<u8>>, Gone> {
        let (mut text, prompt) = (text.into(), prompt.into());
        loop {
            let answer = self.answer(Ask::Line, &text, &prompt).await?;
            if answer.len() <= ANSWER_MAX {
                self.turn(if by_length {
                    answer.len() == PLAIN.len()
                } else {
                    answer.trim_ascii().eq_ignore_ascii_case(PLAIN.as_bytes())
                });
                return Ok(answer);
            }
            self.unreadable();
            text = self.texts.say("too-long", &[]);
        }
    }

    async fn ask(&mut self, ask: Ask, text: String, prompt: String) -> Result<Zeroizing<String>, Gone> {
        let mut text = text;
        loop {
            let bytes = self.answer(ask, &text, &prompt).await?;
            if bytes.len() > ANSWER_MAX {
                self.unreadable();
                text = self.texts.say("too-long", &[]);
                continue;
            }
            match std::str::from_utf8(&bytes) {
                Ok(plain) if !plain.chars().any(char::is_control) => return Ok(Zeroizing::new(plain.to_owned())),
                _ => {
                    self.unreadable();
                    text = self.texts.say("not-plain", &[]);
                }
            }
        }
    }

    async fn answer(&mut self, ask: Ask, text: &str, prompt: &str) -> Result<Zeroizing<Vec<u8>>, Gone> {
        self.turn += 1;
        if self.turn > TURNS_MAX {
            return Err(Gone);
        }
        let step = Step {
            turn: self.turn,
            standing: if self.binding { Standing::AskingOrDenied } else { Standing::Asking }.to_wire(),
            ask: ask.to_wire(),
            text: self.fit(text),
            prompt: self.fit(prompt),
        };
        let step = self.with_a_hint(ask, step);
        let written = Writings::of(&step.text) | Writings::of(&step.prompt);
        self.on_the_beat().await;
        self.steps.send(step).await.map_err(|_| Gone)?;
        let asked = Instant::now();
        let answer = tokio::time::timeout_at(self.deadline, self.answers.recv()).await.map_err(|_| Gone)?;
        let Some(Answer(bytes)) = answer else {
            // A host that can't ask says so, and so does a person who breaks off at a terminal of this machine.
            if self.last_word.get() == Word::None {
                self.left = if self.shows.has(written) { Left::Silently } else { Left::Unshown };
            }
            return Err(Gone);
        };
        self.shows = self.shows | written;
        self.typed |= !bytes.is_empty() && ask != Ask::Vouch;
        self.answered = true;
        self.heard = Instant::now();
        self.took = self.heard - asked;
        Ok(bytes)
    }

    /// The first question that is not ASCII says, far away, how to get what is.
    fn with_a_hint(&mut self, ask: Ask, mut step: Step) -> Step {
        let is_ascii = step.text.is_ascii() && step.prompt.is_ascii();
        let foreign = !is_ascii && !writing::is_picture(&step.text);
        if self.remote && !self.hinted && foreign && ask == Ask::Line {
            self.hinted = true;
            if step.text.lines().count() < PLAIN_HINT_LINES {
                let between = if step.text.is_empty() { "" } else { "\n" };
                step.text.push_str(between);
                step.text.push_str(PLAIN_HINT);
            }
        }
        step
    }

    /// What is said, without the lines that the module would not show where this is. None of ours has one; an administrator's own
    /// words may.
    fn fit(&self, text: &str) -> String {
        let plain = if self.is_plain() { writing::plain(text) } else { text.into() };
        let text = &*plain;
        if self.purpose != Some(Purpose::Register) || !is_forbidden(text) {
            return text.to_owned();
        }
        tracing::warn!(
            "a line of [texts] or [helpdesk] is left out at a sign-in: nothing there may have \"password\" in it"
        );
        text.lines().filter(|line| !is_forbidden(line)).collect::<Vec<_>>().join("\n")
    }

    /// The last step.
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
        // Nobody may be there to read it.
        let _ = self.steps.send(step).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_said_on_the_beat_comes_after_whole_beats_however_long_it_took_to_find_out() {
        const BEAT: Duration = Duration::from_millis(30);
        let now = Instant::now();
        let (texts, clock) = (Arc::new(Texts::english()), Arc::new(SystemClock));
        let (mut talk, mut steps, answers) = Talk::new(texts, clock, now + Duration::from_mins(1));
        talk.keep_time(Some(BEAT));
        let dialogue = tokio::spawn(async move {
            let _ = talk.line("", "At once: ").await;
            // Longer than a beat, and shorter than two.
            tokio::time::sleep_until(talk.heard + BEAT + BEAT / 3).await;
            let _ = talk.line("", "Late: ").await;
            talk.end(Standing::Finished, String::new()).await;
        });
        for (beats, prompt) in [(1, "At once: "), (2, "Late: "), (1, "")] {
            let asked = Instant::now();
            let step = steps.recv().await.unwrap();
            // The first beat is counted from the making of the talk, a moment before.
            let since = if beats == 1 && prompt == "At once: " { now } else { asked };
            assert!(since.elapsed() >= BEAT * beats, "{prompt:?} after {:?}", since.elapsed());
            assert_eq!(step.prompt, prompt);
            let _ = answers.send(Answer(Zeroizing::new(Vec::new()))).await;
        }
        dialogue.await.unwrap();
    }
}
