//! Text messages by a modem, through a double of ModemManager that can do everything that goes wrong.

use std::{fs, path::Path, time::Duration};

use sspr_config::{
    language::Language,
    settings::{self, Method},
};
use sspr_core::cause::modem as cause;
use sspr_delivery::{Deliveries, DeliveryError, Probed, Surroundings, fix};

use crate::{
    modem_manager::{Modem, ModemManager, Sends, bus},
    support::{CODE, NUMBER, call, later, never, tells_nothing, text, unsure},
};

const LOOK: Duration = Duration::from_secs(10);

fn by(address: &str, device: &str, deadline: Duration) -> Deliveries {
    // Mail has its gateway too, which makes its directory.
    let spool = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep().join("spool");
    let settings =
        format!("[phone]\ngateway = \"modem\"\n{device}[spool]\ndirectory = {:?}\n", spool.to_str().unwrap());
    let mut around = Surroundings::of_this_machine("shell.example.org");
    address.clone_into(&mut around.bus);
    around.modem_deadline = deadline;
    let settings = settings::parse(&settings, Path::new("sspr.toml")).unwrap_or_else(|e| panic!("{e}"));
    Deliveries::in_surroundings(&settings, &around).unwrap_or_else(|e| panic!("{e}"))
}

/// By the only modem, with time enough.
fn ready(manager: &ModemManager) -> Deliveries {
    by(&manager.address(), "", LOOK)
}

async fn refused(manager: &ModemManager) -> DeliveryError {
    let error = ready(manager).deliver(&text(&format!("Code {CODE}"))).await.unwrap_err();
    tells_nothing(&error);
    assert!(!error.to_string().contains('\u{1b}'), "{error}");
    error
}

#[tokio::test]
async fn a_text_leaves_by_the_only_modem_and_nothing_of_it_stays_in_modem_manager() {
    let manager = ModemManager::with(vec![Modem::default()]).await;
    let receipt = ready(&manager).deliver(&text(&format!("Code {CODE}"))).await.unwrap();
    assert_eq!((receipt.gateway, receipt.reference), ("modem", None));
    let state = manager.state();
    assert_eq!(state.sent, [(NUMBER.to_owned(), format!("Code {CODE}"))]);
    assert!(state.messages.is_empty());
}

#[tokio::test]
async fn the_texts_of_all_languages_leave_whole() {
    let manager = ModemManager::with(vec![Modem::default()]).await;
    let deliveries = ready(&manager);
    let mut all = Vec::new();
    for language in Language::ALL {
        let file = format!("{}/../texts/{}.ftl", env!("CARGO_MANIFEST_DIR"), language.tag());
        let lines = fs::read_to_string(file).unwrap();
        let texts = lines.lines().filter_map(|line| line.strip_prefix("text-")?.split_once(" = "));
        let before = all.len();
        all.extend(texts.map(|(_, text)| text.to_owned()));
        assert!(all.len() > before + 5, "{language:?}");
    }
    // The alphabet of GSM with its second table, letters beyond the first plane, and the longest.
    all.push("[]{}\\^~|€ äöüß 🔑 \u{feff}".into());
    all.push("ё".repeat(536));
    for words in &all {
        deliveries.deliver(&text(words)).await.unwrap();
    }
    let state = manager.state();
    let left: Vec<_> = state.sent.iter().map(|(_, text)| text.clone()).collect();
    assert_eq!(left, all);
    assert!(state.messages.is_empty());
}

#[tokio::test]
async fn what_is_no_text_message_of_a_sane_length_does_not_get_that_far() {
    let manager = ModemManager::with(vec![Modem::default()]).await;
    let error = ready(&manager).deliver(&text(&"x".repeat(537))).await.unwrap_err();
    assert!(never(&error).unwrap().contains("the most is 536 characters"), "{error}");
    assert!(never(&ready(&manager).deliver(&call()).await.unwrap_err()).is_some());
    assert_eq!(manager.state().created, 0);
}

#[tokio::test]
async fn what_keeps_a_modem_from_sending_is_told_before_a_message_is_made() {
    let modem = Modem::default;
    for (modem, want) in [
        (Modem { state: -1, failed_reason: 2, ..modem() }, &cause::NO_SIM),
        (Modem { state: -1, failed_reason: 3, ..modem() }, &cause::BAD_SIM),
        (Modem { state: -1, failed_reason: 5, ..modem() }, &cause::NO_PROFILE),
        (Modem { state: -1, failed_reason: 1, ..modem() }, &cause::FAILED),
        (Modem { state: 1, ..modem() }, &cause::STARTING),
        (Modem { state: 2, lock: 2, ..modem() }, &cause::PIN),
        (Modem { state: 2, lock: 4, ..modem() }, &cause::PUK),
        (Modem { state: 2, lock: 8, ..modem() }, &cause::OTHER_LOCK),
        (Modem { state: 5, ..modem() }, &cause::STARTING),
        (Modem { state: 7, registration: 2, ..modem() }, &cause::NO_NETWORK),
        (Modem { state: 6, registration: 0, ..modem() }, &cause::NO_NETWORK),
        (Modem { state: 7, registration: 3, ..modem() }, &cause::DENIED),
        (Modem { messaging: false, ..modem() }, &cause::NO_TEXTS),
    ] {
        let manager = ModemManager::with(vec![modem]).await;
        let error = refused(&manager).await;
        let why = later(&error).unwrap();
        assert!(why.starts_with("modem: Quectel EG25-G") && why.ends_with(want.words), "{why}: {}", want.words);
        assert_eq!(fix(why), Some(want.fix));
        // Doctor hears the same.
        let probed = ready(&manager).probe(Method::Phone, None, LOOK).await.unwrap_err();
        assert_eq!(later(&probed), Some(why));
        assert_eq!(manager.state().created, 0, "{why}");
    }
}

#[tokio::test]
async fn a_modem_that_is_off_is_switched_on_for_a_message_and_not_by_a_look() {
    let off = || Modem { state: 3, ..Modem::default() };
    let manager = ModemManager::with(vec![off()]).await;
    let looked = ready(&manager).probe(Method::Phone, None, LOOK).await.unwrap_err();
    let why = later(&looked).unwrap();
    assert!(why.ends_with(cause::OFF.words) && fix(why).unwrap().contains("mmcli -m any --enable"), "{why}");
    assert_eq!(manager.state().enabled, 0);
    ready(&manager).deliver(&text("x")).await.unwrap();
    ready(&manager).deliver(&text("y")).await.unwrap();
    assert_eq!(manager.state().enabled, 1);
    assert_eq!(manager.state().sent.len(), 2);
    // It has no network yet: there is another try.
    let manager = ModemManager::with(vec![Modem { registration: 2, ..off() }]).await;
    assert!(later(&refused(&manager).await).unwrap().ends_with(cause::NO_NETWORK.words));
    assert_eq!(manager.state().enabled, 1);
    assert_eq!(manager.state().created, 0);
    // Nothing is sent by it where all could read that, so it stays as it is.
    let manager = ModemManager::that_all_can_read().await;
    manager.state().modems = vec![off()];
    assert!(later(&refused(&manager).await).unwrap().ends_with(cause::READABLE.words));
    assert_eq!(manager.state().enabled, 0);
}

#[tokio::test]
async fn a_modem_that_the_agent_can_not_switch_on_is_told_with_the_command_that_does() {
    for (name, want) in [
        ("org.freedesktop.ModemManager1.Error.Core.Unauthorized", &cause::STAYS_OFF),
        ("org.freedesktop.DBus.Error.AccessDenied", &cause::STAYS_OFF),
        ("org.freedesktop.ModemManager1.Error.MobileEquipment.SimPin", &cause::PIN),
        ("org.freedesktop.ModemManager1.Error.Core.WrongState", &cause::OFF),
        ("org.freedesktop.ModemManager1.Error.Core.Failed", &cause::OFF),
    ] {
        let manager = ModemManager::with(vec![Modem { state: 3, ..Modem::default() }]).await;
        manager.state().enable_fails = Some(name);
        let error = refused(&manager).await;
        let why = later(&error).unwrap();
        assert!(why.contains(want.words), "{name}: {why}");
        assert!(fix(why).unwrap().contains("mmcli"), "{why}");
        assert_eq!(manager.state().created, 0);
    }
}

#[tokio::test]
async fn a_modem_that_is_abroad_or_has_text_messages_alone_or_carries_data_sends() {
    for (state, registration) in [(8, 5), (8, 6), (8, 7), (11, 1), (11, 10), (10, 4)] {
        let manager = ModemManager::with(vec![Modem { state, registration, ..Modem::default() }]).await;
        ready(&manager).deliver(&text("x")).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_modem_or_modem_manager_or_a_bus_each_is_said() {
    let manager = ModemManager::with(vec![]).await;
    assert_eq!(refused(&manager).await.to_string(), format!("modem: {}", cause::NO_MODEM.words));
    let (directory, mut daemon) = bus("");
    let address = format!("unix:path={}", directory.path().join("bus").display());
    let nobody = by(&address, "", LOOK);
    let error = nobody.deliver(&text("x")).await.unwrap_err();
    assert_eq!(later(&error).unwrap(), format!("modem: {}", cause::NO_MODEM_MANAGER.words));
    assert_eq!(nobody.probe(Method::Phone, None, LOOK).await.unwrap_err(), error);
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    let error = nobody.deliver(&text("x")).await.unwrap_err();
    assert_eq!(later(&error).unwrap(), format!("modem: {}", cause::NO_BUS.words));
}

#[tokio::test]
async fn of_several_modems_the_named_one_sends_and_without_a_name_none() {
    let other = Modem { imei: "350000000000001", port: "ttyUSB2", device: "/sys/devices/usb2/2-1", ..Modem::default() };
    let first = Modem { state: 2, lock: 2, ..Modem::default() };
    let manager = ModemManager::with(vec![first, other]).await;
    let error = refused(&manager).await;
    let why = later(&error).unwrap();
    for listed in [cause::SEVERAL.words, "(cdc-wdm0), device = \"867698040000000\"", "device = \"350000000000001\""] {
        assert!(why.contains(listed), "{why}: {listed}");
    }
    for device in ["350000000000001", "ttyUSB2", "/dev/ttyUSB2", "/sys/devices/usb2/2-1"] {
        let named = by(&manager.address(), &format!("[phone.modem]\ndevice = \"{device}\"\n"), LOOK);
        named.deliver(&text("x")).await.unwrap();
    }
    // Both have such a port.
    let both = by(&manager.address(), "[phone.modem]\ndevice = \"ttyUSB7\"\n", LOOK);
    assert!(later(&both.deliver(&text("x")).await.unwrap_err()).unwrap().contains(cause::SEVERAL.words));
    let none = by(&manager.address(), "[phone.modem]\ndevice = \"350000000000002\"\n", LOOK);
    let error = none.deliver(&text("x")).await.unwrap_err();
    let why = later(&error).unwrap();
    assert!(why.contains(cause::OTHER_MODEM.words) && why.contains("350000000000001"), "{why}");
    assert_eq!(manager.state().sent.len(), 4);
}

#[tokio::test]
async fn nothing_is_sent_where_every_user_could_read_it() {
    let manager = ModemManager::that_all_can_read().await;
    let error = refused(&manager).await;
    assert_eq!(later(&error).unwrap(), format!("modem: {}", cause::READABLE.words));
    assert_eq!(ready(&manager).probe(Method::Phone, None, LOOK).await.unwrap_err(), error);
    assert_eq!(manager.state().created, 0);
}

#[tokio::test]
async fn what_modem_manager_refuses_is_told_by_the_name_of_the_error_alone() {
    for (name, want) in [
        ("Core.Unauthorized", &cause::NOT_FOR_US),
        ("Core.WrongState", &cause::OFF),
        ("Core.Unsupported", &cause::NO_TEXTS),
        ("Message.MemoryFull", &cause::MEMORY),
        ("MobileEquipment.MemoryFull", &cause::MEMORY),
        ("Message.SimNotInserted", &cause::NO_SIM),
        ("MobileEquipment.SimPin", &cause::PIN),
        ("Message.SimPuk", &cause::PUK),
        ("Message.NoNetwork", &cause::NO_NETWORK),
        ("MobileEquipment.NetworkNotAllowed", &cause::DENIED),
        ("MobileEquipment.OperatorDeterminedBarring", &cause::BARRED),
        ("Message.SmscAddressUnknown", &cause::NO_CENTRE),
        ("Message.Unknown#8", &cause::BARRED),
    ] {
        for at_create in [true, false] {
            let manager = ModemManager::with(vec![Modem::default()]).await;
            if at_create {
                manager.state().create_fails = Some(name);
            } else {
                manager.state().sends = Sends::Fails(name);
            }
            let error = refused(&manager).await;
            let why = later(&error).unwrap_or_else(|| panic!("{name}: {error}"));
            assert!(why.contains(want.words), "{name}: {why}");
            assert!(manager.state().messages.is_empty(), "{name}");
        }
    }
    for name in ["Message.Unknown", "Core.Failed", "MobileEquipment.PhoneFailure"] {
        let manager = ModemManager::with(vec![Modem::default()]).await;
        manager.state().sends = Sends::Fails(name);
        let error = refused(&manager).await;
        let why = later(&error).unwrap();
        assert!(why.contains(cause::REFUSED.words) && why.ends_with(&format!("({name})")), "{why}");
    }
    let manager = ModemManager::with(vec![Modem::default()]).await;
    manager.state().sends = Sends::Fails("Message.Unknown#38");
    assert!(refused(&manager).await.to_string().ends_with("(Message.Unknown, +CMS ERROR 38)"));
    for name in ["MobileEquipment.DialStringInvalid", "Message.Unknown#1"] {
        manager.state().sends = Sends::Fails(name);
        assert!(matches!(refused(&manager).await, DeliveryError::Recipient { .. }), "{name}");
    }
    manager.state().sends = Sends::Fails("Core.TooMany");
    assert!(never(&refused(&manager).await).is_some());
}

#[tokio::test]
async fn after_a_time_out_the_message_itself_is_asked_whether_it_was_sent() {
    for sent in [true, false] {
        let manager = ModemManager::with(vec![Modem::default()]).await;
        manager.state().sends = Sends::Silently { sent };
        let short = by(&manager.address(), "", Duration::from_millis(200));
        let outcome = short.deliver(&text(&format!("Code {CODE}"))).await;
        match outcome {
            Ok(_) => assert!(sent),
            Err(error) => {
                assert!(!sent && unsure(&error) && error.to_string().contains(cause::LATE.words), "{error}");
                tells_nothing(&error);
            }
        }
        let state = manager.state();
        assert_eq!(state.sent.len(), usize::from(sent));
        assert!(state.messages.is_empty(), "it would be there for ever");
    }
}

#[tokio::test]
async fn where_the_answer_got_lost_the_message_is_not_sent_again_by_itself() {
    for sends in [
        Sends::Dies,
        Sends::Fails("Serial.ResponseTimeout"),
        Sends::Fails("Message.NetworkTimeout"),
        Sends::Fails("Core.Aborted"),
    ] {
        let manager = ModemManager::with(vec![Modem::default()]).await;
        manager.state().sends = sends;
        let error = refused(&manager).await;
        assert!(unsure(&error), "{error}");
    }
    // What was unplugged before it was asked to send has sent nothing.
    let manager = ModemManager::with(vec![Modem::default()]).await;
    manager.state().sends = Sends::Unplugged;
    let error = refused(&manager).await;
    assert!(later(&error).unwrap().contains(cause::GONE.words), "{error}");
}

#[tokio::test]
async fn a_message_that_is_given_up_in_the_middle_does_not_stay_in_modem_manager() {
    let manager = ModemManager::with(vec![Modem::default()]).await;
    manager.state().sends = Sends::Silently { sent: false };
    let slow = by(&manager.address(), "", Duration::from_millis(500));
    let message = text("x");
    {
        let mut delivery = std::pin::pin!(slow.deliver(&message));
        // Until it is made, by which time it is under way.
        while manager.state().created == 0 {
            tokio::select! {
                biased;
                outcome = &mut delivery => panic!("{outcome:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    let gone = async {
        while !manager.state().messages.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LOOK, gone).await.unwrap();
}

#[tokio::test]
async fn doctor_hears_which_modem_it_is_whose_card_is_in_it_and_its_network_and_nothing_is_sent() {
    let manager = ModemManager::with(vec![Modem { registration: 5, ..Modem::default() }]).await;
    let probed = ready(&manager).probe(Method::Phone, None, LOOK).await.unwrap();
    let want = "Quectel EG25-G\u{fffd}[31m (cdc-wdm0), SIM card of Example SIM, registered in Example Mobile (roaming)";
    assert_eq!(probed, Probed::Described(want.into()));
    assert_eq!(manager.state().created, 0);
}
