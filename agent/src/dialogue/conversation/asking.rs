//! The kinds of questions, and which answers they accept.

use sspr_config::dialogue::{ANSWER_MAX, Ask, Standing, Step, UNTOLD, VOUCHED};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{Answer, Conversation, Gone, Left, Vouch, Word};
use crate::{typed, writing::Writings};

/// The most questions in one dialogue; no user needs more.
const TURNS_MAX: u32 = 60;

/// The word that switches to English in ASCII. No other word and no code has two letters, so it can be recognized by
/// its length alone.
const PLAIN: &str = "en";

impl Conversation {
    /// Has the PAM host ask the credential helper whether the password typed at this sign-in is the account's. The
    /// user is not involved. Anything but a clear yes means no.
    pub async fn vouched(&mut self) -> Result<Vouch, Gone> {
        Ok(match self.of_the_host(Ask::Vouch).await?.as_slice() {
            VOUCHED => Vouch::Right,
            UNTOLD => Vouch::Untold,
            _ => Vouch::No,
        })
    }

    /// Has the PAM host of a fleet send the password that was typed at this sign-in. The user is not involved.
    pub async fn typed_password(&mut self) -> Result<Zeroizing<Vec<u8>>, Gone> {
        self.of_the_host(Ask::Password).await
    }

    /// Asks the host, not the user.
    async fn of_the_host(&mut self, ask: Ask) -> Result<Zeroizing<Vec<u8>>, Gone> {
        let answered = self.answered;
        self.vouching = true;
        let answer = self.answer(ask, "", "").await;
        self.answered = answered;
        let answer = answer?;
        self.vouching = false;
        Ok(answer)
    }

    /// Asks for a line that is visible while the user types it. Surrounding blanks and invisible characters are
    /// removed.
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

    /// Asks for a word of a menu, and returns it in lower case.
    pub async fn word(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<String>, Gone> {
        Ok(Zeroizing::new(typed::word(&self.line(text, prompt).await?)))
    }

    /// Waits until the user has read `text`. Any answer goes on, except the word that repeats it in English.
    pub async fn wait(&mut self, text: impl Fn() -> String) -> Result<(), Gone> {
        loop {
            let prompt = self.texts.say("go-on-prompt", &[]);
            self.line(text(), prompt).await?;
            if !self.turned {
                return Ok(());
            }
        }
    }

    /// `wanted`: the user can read only English in ASCII. A repetition changes nothing.
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

    /// Asks for the last answer once more, not shown. Bytes that are not text never match.
    pub async fn again(
        &mut self,
        text: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Zeroizing<Vec<u8>>, Gone> {
        self.answer(Ask::Secret, &text.into(), &prompt.into()).await
    }

    /// Asks for a line that is visible while the user types it, and returns it unchanged, even if it is not text. It
    /// is for questions in which the reaction must not show how an answer was understood; `by_length`: only its length
    /// may decide.
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
            // A host that can't ask says so, and so does a user who leaves at a terminal of this machine.
            if self.last_word.get() == Word::None {
                self.left = if self.shows.has(written) { Left::Silently } else { Left::Unshown };
            }
            return Err(Gone);
        };
        self.shows = self.shows | written;
        self.typed |= !bytes.is_empty() && !matches!(ask, Ask::Vouch | Ask::Password);
        self.answered = true;
        self.heard = Instant::now();
        self.took = self.heard - asked;
        Ok(bytes)
    }
}
