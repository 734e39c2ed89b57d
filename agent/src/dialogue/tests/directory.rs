//! Users of a directory: the same questions and texts, and the directory is not asked before a proof.

use sspr_config::{
    dialogue::{Purpose, Standing},
    directory::Rule,
};
use tokio::time::Instant;

use super::world::{
    World,
    directory::{DORA, FIRST, worlds},
    email,
};
use crate::{
    credential::{Verdict, client::CredentialsError},
    store::{Registrations, registrations::Registration},
};

const SECOND: &str = "77777777-1b0a-103f-8c55-3d1c4c2f7a11";
const NEW: &str = "plover tundra biscuit";

async fn registered(world: &World) -> Vec<String> {
    let mut tx = world.agent.begin().await.unwrap();
    let registration = Registrations::get(&mut tx, &world.agent.keys, DORA).await.unwrap();
    registration.iter().flat_map(Registration::usable).map(|contact| contact.as_str().to_owned()).collect()
}
#[tokio::test]
async fn before_a_proof_the_directory_is_not_asked_whatever_name_is_typed_and_all_names_see_the_same() {
    for down in [false, true] {
        let (world, directory) = worlds("").await;
        directory.kept().fail = down.then(|| CredentialsError::Unavailable("no server answers".into()));
        let mut screens = Vec::new();
        for (n, name) in ["dora", "alice", "zoe", "EXAMPLE\\dora", "root", "x@ad.example.org"].into_iter().enumerate() {
            let source = format!("198.51.100.{n}");
            let mut person = world.dialogue_from(Purpose::Recover, name, 0, &source);
            person.types(&["e", "new", "000000", "other", "e", "111111", "222222", "x", ""]).await;
            screens.push(person.screen);
            world.mailbox().await;
            world.later(86_400 * 3);
        }
        assert!(screens.iter().all(|screen| *screen == screens[0]), "{screens:#?}");
        assert_eq!(directory.asked(), 0);
    }
}

#[tokio::test]
async fn where_contacts_are_shown_before_a_proof_the_directory_is_not_asked_either() {
    let (world, directory) = worlds("[recover]\ndisclose = \"masked\"\n").await;
    let mut dora = world.forgets("dora");
    let shown = dora.reads("How do you want", "").await;
    assert!(shown.contains("d***@e"), "{shown}");
    dora.ends().await;
    assert_eq!(directory.asked(), 0);
}

#[tokio::test]
async fn dora_recovers_under_any_name_that_a_host_has_for_her_and_only_after_a_proof_the_directory_is_asked() {
    for name in ["dora", "DORA", "EXAMPLE\\Dora", "dora@AD.example.org"] {
        let (world, directory) = worlds("").await;
        let mut dora = world.forgets(name);
        dora.answers("How do you want", "e").await;
        dora.answers("on its way", "000000").await;
        let code = world.the_code().await;
        assert_eq!(directory.asked(), 0);
        dora.answers("4 tries are left", &code).await;
        dora.answers("Choose a new password", NEW).await;
        dora.answers("Type it again", NEW).await;
        assert_eq!(dora.ends().await.0, Standing::Recovered, "{name}");
        assert_eq!(directory.kept().passwords, [NEW]);
        assert!(world.accounts().changes.is_empty(), "nothing of this host's");
        assert_eq!(world.mailbox().await, [("dora@example.org".into(), "Recovered".into())]);
    }
}

#[tokio::test]
async fn a_host_that_refuses_the_new_password_hears_the_name_as_it_has_it_and_dora_reads_what_to_do() {
    let (world, directory) = worlds("[recover]\nend_sessions = true\n").await;
    directory.kept().refused_here = true;
    let mut dora = world.forgets("EXAMPLE\\Dora");
    world.proves_by_email(&mut dora).await;
    dora.answers("Choose a new password", NEW).await;
    dora.answers("Type it again", NEW).await;
    // sshd would show a last text only once a session is open.
    dora.answers("The change is made. This machine can't see it yet:\n", "").await;
    let (standing, said) = dora.ends().await;
    assert_eq!(standing, Standing::Recovered);
    assert!(said.ends_with("One SSH key can still sign in as you; check it."), "{said}");
    assert_eq!(directory.kept().settled, [format!("EXAMPLE\\Dora {FIRST} {NEW} true 0")]);
}

#[tokio::test]
async fn all_names_of_a_person_have_one_set_of_limits() {
    let (world, directory) = worlds("").await;
    for (n, name) in ["dora", "DORA", "EXAMPLE\\Dora", "dora@ad.example.org", "example\\dora"].into_iter().enumerate() {
        let mut dora = world.dialogue_from(Purpose::Recover, name, 0, &format!("198.51.100.{n}"));
        dora.answers("", if n == 0 { "e" } else { "000000" }).await;
        if n == 0 {
            dora.answers("on its way", "000000").await;
        }
        dora.step().await;
        dora.leaves().await;
    }
    let mut dora = world.dialogue_from(Purpose::Recover, "Dora", 0, "198.51.100.77");
    assert!(dora.ends().await.1.contains("suspended"));
    assert_eq!(directory.asked(), 0);
}

#[tokio::test]
async fn a_name_that_both_have_is_this_hosts_own() {
    let (world, directory) = worlds("").await;
    world.account("dora", 1010, Verdict::Eligible);
    world.register("dora", &email("local@example.org")).await;
    let mut dora = world.forgets("dora");
    world.proves_by_email(&mut dora).await;
    dora.answers("Choose a new password", NEW).await;
    dora.answers("Type it again", NEW).await;
    assert_eq!(dora.ends().await.0, Standing::Recovered);
    assert_eq!((directory.asked(), world.accounts().changes.len()), (0, 1));
    // With its domain, it still belongs to the directory.
    let mut dora = world.forgets("EXAMPLE\\dora");
    dora.answers("How do you want", "e").await;
    dora.step().await;
    assert!(world.mailbox().await.iter().any(|(to, _)| to == "dora@example.org"));
}

#[tokio::test]
async fn the_rules_of_the_directory_are_told_in_the_words_of_the_dialogue() {
    let (world, directory) = worlds("").await;
    let mut dora = world.forgets("dora");
    world.proves_by_email(&mut dora).await;
    let mut expected = "Choose a new password";
    for (rule, said) in [
        (Rule::Short(Some(24)), "too short. It needs 3 more"),
        (Rule::Short(None), "too short for the directory."),
        // The server counts other characters than the user types.
        (Rule::Short(Some(3)), "too short for the directory."),
        (Rule::Used, "used before are refused"),
        (Rule::Quality, "easy to guess"),
        (Rule::Young, "changed a short while ago"),
        (Rule::Words("0000052D: no".into()), "The directory refuses that password:\n0000052D: no"),
    ] {
        dora.answers_while(expected, NEW, || directory.kept().refuse = Some(rule.to_string())).await;
        dora.answers("Type it again", NEW).await;
        expected = said;
    }
    dora.answers(expected, NEW).await;
    dora.answers("Type it again", NEW).await;
    assert_eq!(dora.ends().await.0, Standing::Recovered);
}

#[tokio::test]
async fn a_directory_that_fails_changes_nothing_and_the_same_code_is_good_once_it_is_back() {
    let (world, directory) = worlds("").await;
    let down = || Some(CredentialsError::Unavailable("no server answers".into()));
    let mut dora = world.forgets("dora");
    dora.answers("How do you want", "e").await;
    dora.answers("on its way", "000000").await;
    let code = world.the_code().await;
    directory.kept().fail = down();
    dora.answers("4 tries are left", &code).await;
    let (standing, said) = dora.ends().await;
    assert_eq!(standing, Standing::Refused);
    assert!(said.starts_with("Nothing was changed"), "{said}");
    // It is back, and gone again before the write.
    directory.kept().fail = None;
    let mut dora = world.forgets("dora");
    dora.answers("code", &code).await;
    dora.answers("Choose a new password", NEW).await;
    directory.kept().fail = down();
    dora.answers("Type it again", NEW).await;
    assert!(dora.ends().await.1.starts_with("Nothing was changed"));
    directory.kept().fail = None;
    let mut dora = world.forgets("dora");
    dora.answers("code", &code).await;
    dora.answers("Choose a new password", NEW).await;
    dora.answers("Type it again", NEW).await;
    assert_eq!(dora.ends().await.0, Standing::Recovered);
}

#[tokio::test]
async fn a_closed_person_reads_the_words_of_a_wrong_code_and_what_an_entry_that_is_gone_registered_proves_nothing() {
    for other in [false, true] {
        let (world, directory) = worlds("").await;
        if other {
            directory.kept().id = SECOND;
        } else {
            directory.kept().verdict = Verdict::Locked;
        }
        let mut dora = world.forgets("dora");
        world.proves_by_email(&mut dora).await;
        let (standing, said) = dora.ends().await;
        assert_eq!(standing, Standing::Refused);
        assert!(said.contains("That code is not right"), "{said}");
        assert!(directory.kept().passwords.is_empty());
    }
}

#[tokio::test]
async fn at_a_sign_in_who_has_nothing_is_invited_and_who_is_registered_costs_the_directory_no_question() {
    let (world, directory) = worlds("[recover]\nadmin_methods_required = 1\n").await;
    let mut dora = world.at_console("dora");
    assert_eq!(dora.ends().await, (Standing::Finished, String::new()));
    assert_eq!(directory.asked(), 0);
    // A new entry with the same name: the stored registration is another user's.
    let (world, directory) = worlds("").await;
    directory.kept().id = SECOND;
    let mut dora = world.at_console("dora");
    dora.answers("(Enter for not now)", "1").await;
    assert!(registered(&world).await.is_empty(), "it went when the other one was seen");
    world.types_email(&mut dora, "new@example.org").await;
    dora.answers("Done, you are registered", "").await;
    assert_eq!(dora.ends().await.0, Standing::Finished);
    assert_eq!(registered(&world).await, ["new@example.org"]);
}

#[tokio::test]
async fn who_has_nothing_registered_and_said_not_now_costs_the_directory_no_question_at_each_sign_in() {
    let (world, directory) = worlds("").await;
    // The stored registration is another user's, and is deleted at the first sign-in.
    directory.kept().id = SECOND;
    let mut dora = world.at_console("dora");
    dora.answers("(Enter for not now)", "").await;
    assert_eq!(dora.ends().await.0, Standing::Finished);
    let nothing = (Standing::Finished, String::new());
    assert_eq!(world.at_console("dora").ends().await, nothing);
    let asked = directory.asked();
    for name in ["dora", "EXAMPLE\\Dora", "DORA"] {
        assert_eq!(world.at_console(name).ends().await, nothing, "{name}");
    }
    assert_eq!(directory.asked(), asked);
    // The next day she is invited again. A user whom the directory does not serve costs one question as well.
    world.later(86_400);
    let mut dora = world.at_console("dora");
    dora.reads("(Enter for not now)", "").await;
    dora.ends().await;
    assert!(directory.asked() > asked);
    let asked = directory.asked();
    for _ in 0..3 {
        assert_eq!(world.at_console("zoe").ends().await, nothing);
    }
    assert_eq!(directory.asked(), asked + 1);
}

#[tokio::test]
async fn in_a_shell_of_a_person_of_the_directory_a_line_says_how_to_register_and_one_that_is_down_holds_up_no_shell() {
    let (world, directory) = worlds("").await;
    let line = async || world.dialogue(Purpose::Hint, "dora", 20_000).ends().await.1;
    assert_eq!(line().await, "", "she is registered");
    directory.kept().id = SECOND;
    assert!(line().await.contains("sspr enroll"), "another entry of the name");
    directory.kept().fail = Some(CredentialsError::Unavailable("no server answers".into()));
    assert_eq!(line().await, "");
    directory.kept().hangs = true;
    let begun = Instant::now();
    assert_eq!(line().await, "");
    assert!(world.awaited() > begun, "for so long, and no longer");
}

#[tokio::test]
async fn once_another_entry_of_the_name_was_seen_who_had_it_before_gets_neither_codes_nor_notes() {
    for at_enroll in [false, true] {
        let (world, directory) = worlds("[recover]\nadmin_methods_required = 1\n").await;
        // The same entry keeps its registration.
        assert_eq!(world.at_console("dora").ends().await, (Standing::Finished, String::new()));
        assert_eq!(registered(&world).await, ["dora@example.org"]);
        directory.kept().id = SECOND;
        directory.kept().passwords.push(NEW.to_owned());
        let mut dora = if at_enroll {
            let mut dora = world.dialogue(Purpose::Enroll, "dora", 2001);
            dora.answers("", NEW).await;
            dora
        } else {
            // According to the store, nothing is due until it is time to confirm it.
            world.later(86_400 * 200);
            world.at_console("dora")
        };
        dora.step().await;
        dora.leaves().await;
        assert!(registered(&world).await.is_empty(), "{at_enroll}");
        world.mailbox().await;
        let mut stranger = world.forgets("dora");
        stranger.types(&["e", "000000", "111111", "222222", "333333", "444444"]).await;
        assert!(world.mailbox().await.is_empty(), "{at_enroll}");
    }
}

#[tokio::test]
async fn whom_the_agents_own_settings_leave_out_stays_out_however_they_write_the_name() {
    for (excluded, want) in [("EXAMPLE\\Dora", false), ("DORA", false), ("zoe", true)] {
        let (world, directory) = worlds("").await;
        let world = world.excluding(excluded);
        let mut dora = world.forgets("dora");
        dora.answers("How do you want", "e").await;
        dora.answers("on its way", "000000").await;
        let code = world.the_code().await;
        dora.answers("4 tries are left", &code).await;
        let (standing, said) = if want {
            dora.answers("Choose a new password", NEW).await;
            dora.answers("Type it again", NEW).await;
            dora.ends().await
        } else {
            dora.ends().await
        };
        assert_eq!(standing == Standing::Recovered, want, "{excluded}: {said}");
        assert_eq!(directory.kept().passwords.is_empty(), !want, "{excluded}");
    }
}

#[tokio::test]
async fn a_directory_that_is_down_or_hangs_holds_nobody_up_at_a_sign_in_even_where_registering_is_required() {
    for hangs in [false, true] {
        let (world, directory) = worlds("[register]\nmode = \"required\"\nskip_days = 0\n").await;
        directory.kept().hangs = hangs;
        directory.kept().fail = Some(CredentialsError::Unavailable("no server answers".into()));
        let begun = Instant::now();
        let mut zoe = world.at_console("zoe");
        assert_eq!(zoe.ends().await, (Standing::Finished, String::new()), "{hangs}");
        assert_eq!(directory.asked(), 1);
        // The world's clock records how long the sign-in would have waited.
        assert!(!hangs || world.awaited() > begun);
    }
}

#[tokio::test]
async fn whether_a_reset_is_possible_is_the_same_answer_for_all_names() {
    for (local, theirs, refused) in
        [(false, false, false), (true, false, false), (false, true, false), (true, true, true)]
    {
        let (world, directory) = worlds("").await;
        let why = |broken: bool| broken.then(|| "broken".to_owned());
        world.accounts().why_not = why(local);
        *directory.why_not.lock().unwrap() = why(theirs);
        for name in ["alice", "dora", "zoe"] {
            let mut person = world.forgets(name);
            let step = person.step().await.unwrap();
            assert_eq!(
                Standing::from_wire(step.standing) == Some(Standing::Refused),
                refused,
                "{name} {local} {theirs}"
            );
            person.leaves().await;
        }
        assert_eq!(directory.asked(), 0);
    }
}
