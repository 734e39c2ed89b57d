//! One side of a conversation: the dialogue asks, and somewhere a person answers.

use std::{sync::Arc, time::Duration};

use sspr_config::dialogue::{ANSWER_MAX, Ask, Standing, Step};
use tokio::{sync::mpsc, time::Instant};
use zeroize::Zeroizing;

use crate::texts::Texts;

/// The most questions in one dialogue; whoever needs more is not a person.
const TURNS_MAX: u32 = 60;

/// The person is gone: the connection closed, the dialogue was cancelled, or it took too long. Noticed at a question only,
/// so that what lies between two questions always runs to its end.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

/// An answer, as it was typed.
#[derive(Debug)]
pub struct Answer(pub Zeroizing<Vec<u8>>);

/// The dialogue's side.
#[derive(Debug)]
pub struct Talk {
    turn: u32,
    steps: mpsc::Sender<Step>,
    answers: mpsc::Receiver<Answer>,
    texts: Arc<Texts>,
    deadline: Instant,
    binding: bool,
    answered: bool,
    begun: bool,
    /// Whole numbers of this long after what it follows, the next step is said.
    beat: Option<Duration>,
    /// When the dialogue began, or the last answer came.
    heard: Instant,
}

impl Talk {
    /// A talk that may last until `deadline`, and the ends for whoever carries it; `texts` are for answers that can't be read
    /// at all.
    pub fn new(texts: Arc<Texts>, deadline: Instant) -> (Self, mpsc::Receiver<Step>, mpsc::Sender<Answer>) {
        let (steps, steps_out) = mpsc::channel(1);
        let (answers_in, answers) = mpsc::channel(1);
        let talk = Self {
            turn: 0,
            steps,
            answers,
            texts,
            deadline,
            binding: false,
            answered: false,
            begun: false,
            beat: None,
            heard: Instant::now(),
        };
        (talk, steps_out, answers_in)
    }

    /// Whether whoever breaks off at the questions from now on declines what is required.
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
        tokio::time::sleep_until(self.heard + beat * u32::try_from(beats).unwrap_or(1)).await;
    }

    /// Whether a question was ever answered, so that somebody is there.
    pub const fn answered(&self) -> bool {
        self.answered
    }

    /// Asks for a line that may be seen while it is typed. Blanks around it are cut off.
    pub async fn line(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<String>, Gone> {
        let answer = self.ask(Ask::Line, text.into(), prompt.into()).await?;
        Ok(Zeroizing::new(answer.trim().to_owned()))
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

    /// Asks for a line that may be seen while it is typed, and takes it as it is: also what is no text at all. For questions
    /// in which an answer must not show what it was taken for.
    pub async fn anything(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<Vec<u8>>, Gone> {
        let (mut text, prompt) = (text.into(), prompt.into());
        loop {
            let answer = self.answer(Ask::Line, &text, &prompt).await?;
            if answer.len() <= ANSWER_MAX {
                return Ok(answer);
            }
            text = self.texts.say("too-long", &[]);
        }
    }

    async fn ask(&mut self, ask: Ask, text: String, prompt: String) -> Result<Zeroizing<String>, Gone> {
        let mut text = text;
        loop {
            let bytes = self.answer(ask, &text, &prompt).await?;
            if bytes.len() > ANSWER_MAX {
                text = self.texts.say("too-long", &[]);
                continue;
            }
            match std::str::from_utf8(&bytes) {
                Ok(plain) if !plain.chars().any(char::is_control) => return Ok(Zeroizing::new(plain.to_owned())),
                _ => text = self.texts.say("not-plain", &[]),
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
            text: text.to_owned(),
            prompt: prompt.to_owned(),
        };
        self.on_the_beat().await;
        self.steps.send(step).await.map_err(|_| Gone)?;
        let answer = tokio::time::timeout_at(self.deadline, self.answers.recv()).await.map_err(|_| Gone)?;
        let Answer(bytes) = answer.ok_or(Gone)?;
        self.answered = true;
        self.heard = Instant::now();
        Ok(bytes)
    }

    /// The last step.
    pub async fn end(mut self, standing: Standing, text: String) {
        self.turn += 1;
        let step = Step {
            turn: self.turn,
            standing: standing.to_wire(),
            ask: Ask::Nothing.to_wire(),
            text,
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

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_said_on_the_beat_comes_after_whole_beats_however_long_it_took_to_find_out() {
        const BEAT: Duration = Duration::from_millis(30);
        let now = Instant::now();
        let (mut talk, mut steps, answers) = Talk::new(Arc::new(Texts::english()), now + Duration::from_mins(1));
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
