//! Enumeration: whatever is typed, over however many connections and hours, nothing shows what is behind a name. Each
//! walk is done with every kind of account, each in its own world, and the screens are compared byte by byte. Correct
//! answers are left out: a user who has one already knows.

use proptest::{prelude::*, test_runner::TestRunner};
use sspr_config::{
    dialogue::{Purpose, Standing},
    language::Language,
};

use super::{
    walks,
    world::{Person, World, email, phone},
};
use crate::{clock::Time, credential::Verdict};

const SLOTS: usize = 2;

/// The account behind the typed name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Behind {
    /// Everything is registered, and it may recover.
    Registered,
    /// Everything is registered, but it may not recover.
    May(Verdict),
    /// It is excluded by name.
    Excluded,
    /// It may recover, but nothing is registered.
    Unregistered,
    /// The registration is from an account of the same name with another uid.
    Inherited,
    /// The account does not exist.
    Nobody,
}

const ALL: [Behind; 10] = [
    Behind::Registered,
    Behind::May(Verdict::Locked),
    Behind::May(Verdict::Expired),
    Behind::May(Verdict::OutOfScope),
    Behind::May(Verdict::System),
    Behind::May(Verdict::NoLogin),
    Behind::Excluded,
    Behind::Unregistered,
    Behind::Inherited,
    Behind::Nobody,
];

impl Behind {
    /// sshd lets no user with these names in, and types junk for them.
    const fn unknown_to_sshd(self) -> bool {
        matches!(self, Self::Nobody | Self::May(Verdict::System))
    }

    async fn world(self, settings: &str) -> World {
        let world = World::with(settings).await;
        let world = if self == Self::Excluded { world.excluding("ann") } else { world };
        if self == Self::Nobody {
            return world;
        }
        world.account("ann", 1010, Verdict::Eligible);
        if self != Self::Unregistered {
            world.register("ann", &email("ann@example.org")).await;
            world.register("ann", &phone("+819012345678")).await;
            world.register_app("ann").await;
            world.recovery_codes("ann").await;
            world.helpdesk_code("ann").await;
        }
        match self {
            Self::May(verdict) => world.account("ann", 1010, verdict),
            Self::Inherited => world.account("ann", 2010, Verdict::Eligible),
            _ => {}
        }
        world
    }
}

#[derive(Clone, Debug)]
enum Act {
    Begin(usize, &'static str),
    Say(usize, Vec<u8>),
    Leave(usize),
    Wait(Time),
    /// Sends the waiting messages.
    Post,
}

fn act() -> impl Strategy<Value = Act> {
    let word = prop::sample::select(vec![
        "",
        "e",
        "app",
        "code",
        "en",
        "zz",
        "new",
        "other",
        "call",
        "1",
        "2",
        "E",
        " e ",
        "xyz",
        "wxyz",
        "vwxyz",
        "text",
        "email",
        "000000",
        "111111",
        "000 000",
        "12-34-56",
        "１２３４５６",
        "\u{202a}000000\u{202c}",
        "\u{200b}e",
        "\u{a0}new\u{2060}",
        "\u{feff}",
        "\u{2068}ann@example.org\u{2069}",
        "+81\u{2007}90\u{a0}1234\u{200e}5678",
        "０９０",
        "ann@example.org",
        "ANN@EXAMPLE.ORG",
        "amy@example.net",
        "ann#example.org",
        "ann＠example.org",
        "090-1234-5678",
        "+81 90 1234 5678",
        "090-8765-4321",
        "０９０１２３４５６７８",
        "090-1234-567",
        "+1 900 555 0100",
        "0000-0000-0000",
        "babad-babad-babad",
        "é",
        "unlock",
        "\u{1b}[A",
        "a line that is far too long for any code and for any contact, and is no word either",
    ]);
    let say = prop_oneof![
        20 => word.prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..24),
        1 => (500..600usize).prop_map(|length| vec![b'x'; length]),
    ];
    let wait = prop::sample::select(vec![1, 20, 59, 60, 61, 300, 600, 901, 3600, 86_400, 90_000, -30, -700, -90_000]);
    prop_oneof![
        3 => (0..SLOTS, prop::sample::select(vec!["sshd", "sshd", "login", "gdm-password"]))
            .prop_map(|(slot, seat)| Act::Begin(slot, seat)),
        20 => (0..SLOTS, say).prop_map(|(slot, say)| Act::Say(slot, say)),
        1 => (0..SLOTS).prop_map(Act::Leave),
        2 => wait.prop_map(Act::Wait),
        1 => Just(Act::Post),
    ]
}

/// The text that sshd types for a name that it does not know: `fake_password` in OpenSSH's auth-pam.c.
fn fake(typed: &[u8]) -> Vec<u8> {
    b"\x08\n\r\x7fINCORRECT".iter().copied().cycle().take(typed.len()).collect()
}

async fn reads(mut person: Person, shown: &mut Vec<String>) -> Option<(Person, bool)> {
    let step = person.step().await?;
    shown.push(person.screen.last().cloned().unwrap_or_default());
    Some((person, Standing::from_wire(step.standing) == Some(Standing::Asking)))
}

/// All screens of a user with the name `ann` who does this.
async fn screens(behind: Behind, settings: &str, acts: &[Act]) -> Vec<String> {
    screens_through(behind, settings, acts, behind.unknown_to_sshd()).await
}

/// The same; sshd passes on junk instead of every answer, or the typed text.
async fn screens_through(behind: Behind, settings: &str, acts: &[Act], rubbish: bool) -> Vec<String> {
    let world = behind.world(settings).await;
    let world = if settings.contains("helpdesk") { world.speaking(Language::Japanese) } else { world };
    let mut slots: [Option<(Person, &str)>; SLOTS] = [const { None }; SLOTS];
    let mut shown = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        shown.push(format!("-- {n}"));
        let (slot, person, seat) = match act {
            Act::Begin(slot, seat) => {
                let source = if *seat == "sshd" { "203.0.113.1" } else { "tty1" };
                (*slot, world.dialogue_at(seat, Purpose::Recover, "ann", 0, source), *seat)
            }
            Act::Say(slot, say) => {
                let Some((person, seat)) = slots[*slot].take() else { continue };
                let rubbish = rubbish && seat == "sshd";
                person.says(&if rubbish { fake(say) } else { say.clone() }).await;
                (*slot, person, seat)
            }
            Act::Leave(slot) => {
                if let Some((person, _)) = slots[*slot].take() {
                    person.leaves().await;
                }
                continue;
            }
            Act::Wait(seconds) => {
                world.later(*seconds);
                continue;
            }
            Act::Post => {
                world.mailbox().await;
                continue;
            }
        };
        slots[slot] = reads(person, &mut shown).await.filter(|(_, asks)| *asks).map(|(person, _)| (person, seat));
    }
    shown
}

const VOICE: &str = "[phone]\ndefault_region = \"JP\"\nvoice = true\ngateway = \"twilio\"\n[phone.twilio]\n\
                     token_file = \"/t\"\nfrom = \"+15005550006\"\naccount_sid = \"AC00000000000000000000000000000000\"\n";

/// Over sshd, only the lengths and the times of answers may decide what is shown, whatever is behind the name: each
/// walk is done once with the typed text, and once with sshd's junk of the same length instead of every answer.
#[test]
fn no_walk_over_sshd_tells_what_was_typed_from_rubbish_of_the_same_length() {
    let settings = ["", "[limits]\nstarts_per_hour = 3\nfailed_proofs_per_hour = 4\n", VOICE];
    let over_sshd = |acts: Vec<Act>| -> Vec<Act> {
        let seat = |act| if let Act::Begin(slot, _) = act { Act::Begin(slot, "sshd") } else { act };
        acts.into_iter().map(seat).collect()
    };
    let strategy = (0..settings.len(), prop::collection::vec(act(), 5..60).prop_map(over_sshd));
    let walk = |(which, acts): (usize, Vec<Act>)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let expected = screens_through(ALL[0], settings[which], &acts, false).await;
            for behind in [ALL[0], Behind::Unregistered, Behind::Nobody] {
                let shown = screens_through(behind, settings[which], &acts, true).await;
                prop_assert_eq!(&shown, &expected, "{:?}", behind);
            }
            Ok(())
        })
    };
    if let Err(error) = TestRunner::new(walks::config(40, file!())).run(&strategy, walk) {
        panic!("{error}");
    }
}

/// `SSPR_WALKS` is the number of walks.
#[test]
fn no_walk_over_the_screens_tells_what_is_behind_a_name() {
    let settings = [
        String::new(),
        VOICE.into(),
        "[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\nrecovery_codes = false\n".into(),
        "[register]\nmethods = [\"phone\", \"app\"]\n[helpdesk]\ntext = \"Call 1234.\"\n".into(),
        // With late limits, more of what comes after them is seen.
        format!(
            "{VOICE}[limits]\nfailed_proofs = 40\nsends_per_hour = 40\nsends_per_day = 40\n[code]\nresend_after = \"1s\"\n"
        ),
        "[limits]\nstarts_per_hour = 2\nsends_per_hour = 2\nsends_per_day = 3\n[recover]\nmethods_required = 2\n"
            .into(),
    ];
    let config = walks::config(40, file!());
    let cases = config.cases;
    let strategy = (0..settings.len(), prop::collection::vec(act(), 5..80));
    let seen = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let walk = |(which, acts): (usize, Vec<Act>)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let expected = screens(ALL[0], &settings[which], &acts).await;
            for behind in &ALL[1..] {
                let shown = screens(*behind, &settings[which], &acts).await;
                prop_assert_eq!(&shown, &expected, "{:?}", behind);
            }
            seen.lock().unwrap().extend(expected.into_iter().filter(|line| !line.starts_with("--")));
            Ok(())
        })
    };
    if let Err(error) = TestRunner::new(config).run(&strategy, walk) {
        panic!("{error}");
    }
    // A walk that gets nowhere has nothing to compare.
    let seen = seen.into_inner().unwrap();
    let often = [
        "How do you want",
        "is on its way",
        "authenticator app shows",
        "Type a recovery code",
        "That code is not right",
    ];
    let rare = [
        "Another can be sent",
        "sent by email before",
        "to the contact that you typed",
        "Reset is suspended",
        "Too many tries",
    ];
    let expected = often.iter().filter(|_| cases >= 40).chain(rare.iter().filter(|_| cases >= 1000));
    for part in expected {
        assert!(seen.iter().any(|line| line.contains(part)), "no walk saw {part:?}");
    }
}
