//! Registers an authenticator app: a picture for its camera, the key for users who type it, and one code as proof.

use sha2::{Digest as _, Sha256};
use unicode_width::UnicodeWidthStr as _;

use super::{
    Conversation, Ending, Stop,
    ending::Outcome,
    enrollment::{Change, Enrollment},
};
use crate::{
    account::Id,
    audit::Event,
    machines,
    proof::{
        self,
        new_app::{self, Pending, Shown},
    },
    qr::{self, Ink, Pen},
    session::Session,
    store::{LookUps as _, Pictures},
    totp, typed,
    wrapped::wrapped,
};

/// The number of digits in a code of the app.
const DIGITS: u8 = 6;
/// The columns of the smallest terminal, minus the last, where some terminals wrap, and minus two, which `PuTTY` puts
/// before each line.
const COLUMNS: usize = 77;
/// The most lines of a picture in half blocks: a terminal has 24, less one each for the heading, the usage line and
/// the prompt.
const LINES: usize = 21;
/// The most lines of a picture with a line for each row. It is shown only on request.
const LINES_HIGH: usize = 60;
/// The lengths in characters to which this machine's name is cut if it does not fit into the picture.
const CUT: [usize; 3] = [24, 16, 8];

/// With less room than this beside the picture, the key does not fit there.
const ROOM_MIN: usize = 14;

/// How the key is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Picture(Ink),
    Key,
}

/// The characters for drawing the picture; `None` if it can't be drawn.
fn pen(conversation: &Conversation, s: &Session) -> Option<Pen> {
    // A display manager draws text in a font whose characters differ in width.
    let blocks = if s.caller().screen.text_console { Pen::FullBlocks } else { Pen::Blocks };
    let shows_blocks = s.caller().screen.utf8 && !conversation.is_plain();
    s.caller().has_terminal().then_some(if shows_blocks { blocks } else { Pen::Ascii })
}

/// Shows a new key, and registers the app once it shows a correct code.
pub(super) async fn register(
    conversation: &mut Conversation,
    s: &Session,
    enrollment: &mut Enrollment,
) -> Result<Outcome, Stop> {
    let (begun, cut_off) = (new_app::pending(s).await?, was_cut_off(s, enrollment.id).await?);
    // If the connection ended at the picture before, the client may fail at a picture. The key lets this user go on.
    let unasked = begun.is_none() && !cut_off;
    let mut pending = match begun {
        Some(pending) => pending,
        None => new_app::begin(s).await?,
    };
    // Only the user knows the height of the terminal.
    let fits = pen(conversation, s).is_some_and(|pen| !pen.is_high());
    let first = if unasked && fits { View::Picture(Ink::Light) } else { View::Key };
    let issuer = issuer(s).await?;
    let (mut view, mut said) = (first, String::new());
    loop {
        let (text, shown) = screen(s, &issuer, &pending, pen(conversation, s), view, &said);
        view = shown;
        let typed = match conversation.line(text, s.say("app-prompt")).await {
            Ok(typed) => typed,
            Err(gone) => {
                if view != View::Key && conversation.was_cut_off() {
                    note(s, enrollment.id, true).await?;
                }
                return Err(gone.into());
            }
        };
        if conversation.has_turned() {
            (view, said) = (View::Key, String::new());
            continue;
        }
        if cut_off && view != View::Key && !typed.is_empty() {
            note(s, enrollment.id, false).await?;
        }
        said = match (typed::word(&typed).as_str(), view) {
            ("", _) => return Ok(Outcome::GivenUp),
            ("swap", View::Picture(ink)) => {
                view = View::Picture(if ink == Ink::Light { Ink::Dark } else { Ink::Light });
                String::new()
            }
            ("text", View::Picture(_)) => {
                view = View::Key;
                String::new()
            }
            ("picture", View::Key) if s.caller().has_terminal() => {
                view = View::Picture(Ink::Light);
                String::new()
            }
            (word, _) if proof::tidy_code(word, DIGITS).is_none() => {
                conversation.misread()?;
                s.say_with("code-malformed", &[("digits", i64::from(DIGITS).into())])
            }
            _ => match new_app::answer(s, &pending, &typed).await? {
                Shown::Right(step) => {
                    let change = Change::AddApp(&pending.secret, step);
                    return Ok(Outcome::saved(s, enrollment.change(s, change).await?));
                }
                Shown::Suspended(pause) => {
                    let Ending { text, .. } = Ending::suspended(s, pause);
                    return Ok(Outcome::NotPossible(text));
                }
                Shown::Wrong(left) if left > 0 => {
                    s.record(Event::CodeWrong, "app");
                    s.say_with("app-wrong", &[("left", left.into())])
                }
                Shown::Wrong(_) | Shown::Expired => {
                    pending = new_app::begin(s).await?;
                    view = first;
                    s.say("app-anew")
                }
            },
        };
    }
}

/// Whether this user's connection ended at a picture before.
async fn was_cut_off(s: &Session, id: Id) -> Result<bool, Stop> {
    Ok(s.store.look().await?.was_cut_off(s.name(), id).await?)
}

/// Notes that the connection ended at a picture, or that a picture was answered.
async fn note(s: &Session, id: Id, cut_off: bool) -> Result<(), Stop> {
    let mut tx = s.begin().await?;
    if cut_off {
        Pictures::cut_off(&mut tx, s.name(), id).await?;
    } else {
        Pictures::seen(&mut tx, s.name()).await?;
    }
    Ok(tx.commit().await?)
}

/// The name under which the app lists the account. `app_issuer` names this machine, and no host of the fleet.
async fn issuer(s: &Session) -> Result<String, Stop> {
    match &s.settings.register.app_issuer {
        Some(issuer) if s.name().host().is_none() => Ok(issuer.clone()),
        _ => Ok(machines::of_account(s, s.name()).await?),
    }
}

/// The text to show, under `said` or a heading, and the view that it really has: a picture that is too large is not
/// shown.
fn screen(s: &Session, issuer: &str, pending: &Pending, pen: Option<Pen>, view: View, said: &str) -> (String, View) {
    let name = s.name().name;
    let key = totp::grouped(&pending.secret);
    let picture = |ink| {
        let pen = pen?;
        let lines = if pen.is_high() { LINES_HIGH } else { LINES };
        drawn(issuer, |label, repeated| {
            qr::draw(totp::uri(&pending.secret, label, name, repeated).as_bytes(), pen, ink, lines, COLUMNS)
        })
    };
    if let View::Picture(ink) = view
        && let Some(picture) = picture(ink)
    {
        let said = said.lines().next().unwrap_or_default();
        // A user would not read a line above a picture that is higher than the terminal.
        let is_high = pen.is_some_and(Pen::is_high);
        let above = if said.is_empty() || is_high { s.say("app-scan") } else { said.to_owned() };
        let room = (COLUMNS - picture.first().map_or(0, |line| line.width())).saturating_sub(2);
        let mut beside = Vec::new();
        if room >= ROOM_MIN {
            beside.extend(wrapped(&s.say("app-beside"), room));
            beside.push(String::new());
            beside.extend(wrapped(&key, 20.min(room)));
            beside.push(String::new());
            beside.extend(wrapped(&s.say("app-swap-beside"), room));
        }
        let mut lines = vec![above];
        let mut beside = std::iter::once(String::new()).chain(beside);
        for line in picture {
            let right = beside.next().unwrap_or_default();
            lines.push(if right.is_empty() { line } else { format!("{line}  {right}") });
        }
        if is_high && !said.is_empty() {
            lines.push(said.to_owned());
        }
        lines.push(s.say("app-usage-picture"));
        return (lines.join("\n"), view);
    }
    let heading = if said.is_empty() { s.say("app-key") } else { said.to_owned() };
    let values = [("key", key.as_str().into()), ("account", name.into()), ("host", issuer.into())];
    let usage = match picture(Ink::Light) {
        // Includes the heading, the usage line and the prompt.
        Some(picture) => {
            let lines = i64::try_from(picture.len() + 3).unwrap_or_default();
            s.say_with("app-usage-key", &[("lines", lines.into())])
        }
        None => s.say("app-usage"),
    };
    (format!("{heading}\n{}\n\n{usage}", s.say_with("app-key-lines", &values)), View::Key)
}

/// Draws the picture with as much of `issuer` as fits. The issuer is in it twice only if the picture does not become
/// larger, because a larger one can't be scanned from as far away.
fn drawn(issuer: &str, draw: impl Fn(&str, bool) -> Option<Vec<String>>) -> Option<Vec<String>> {
    labels(issuer).into_iter().find_map(|label| {
        let once = draw(&label, false)?;
        Some(draw(&label, true).filter(|twice| twice.len() == once.len()).unwrap_or(once))
    })
}

/// Labels for `issuer`, the best first. An app treats accounts with the same label as one, so a shortened name ends
/// with a digest of the full name.
fn labels(issuer: &str) -> Vec<String> {
    let digest = Sha256::digest(issuer.as_bytes());
    let end = digest.iter().take(2).fold(String::from("~"), |end, byte| format!("{end}{byte:02x}"));
    let cut = CUT.into_iter().map(|length| issuer.chars().take(length).collect::<String>() + &end);
    std::iter::once(issuer.to_owned()).chain(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_that_differ_have_labels_that_differ_however_short_they_are() {
        let long = |end: &str| format!("a-machine-with-a-very-long-name-of-its-own.somewhere.example.{end}");
        for (one, other) in
            [("web01.tokyo.example.org".to_owned(), "web01.osaka.example.org".to_owned()), (long("org"), long("net"))]
        {
            for (one, other) in labels(&one).into_iter().zip(labels(&other)) {
                assert_ne!(one, other);
            }
        }
    }

    #[test]
    fn the_whole_name_fits_the_picture_for_most_and_something_for_all() {
        let secret = totp::Secret::default();
        let chosen = |issuer: &str, account: &str| {
            let all = std::cell::RefCell::new(Vec::new());
            let picture = drawn(issuer, |label, repeated| {
                let uri = totp::uri(&secret, label, account, repeated);
                let picture = qr::draw(uri.as_bytes(), Pen::Blocks, Ink::Light, LINES, COLUMNS)?;
                all.borrow_mut().push((picture.clone(), label.to_owned(), repeated));
                Some(picture)
            });
            let all = all.into_inner().into_iter();
            all.rev().find(|(drawn, ..)| Some(drawn) == picture.as_ref()).map(|(_, label, repeated)| (label, repeated))
        };
        assert_eq!(chosen("shell", "alice"), Some(("shell".into(), true)));
        for (issuer, account) in [("shell.example.org", "alice"), ("web01.tokyo.example.org", "somebody.with.a.name")] {
            assert_eq!(chosen(issuer, account), Some((issuer.into(), false)));
        }
        let long = "a-machine-with-a-very-long-name-of-its-own.somewhere.example.org";
        for account in ["a", "somebody.with.a.very.long.name.1"] {
            assert!(chosen(long, account).unwrap().0.contains('~'), "{account}");
        }
    }
}
