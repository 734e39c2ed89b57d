//! Mail servers that refuse an address without saying whether they mean it or this machine. Where registering is required, an
//! address that alone gets no code is no way around it, and a server that takes nothing from here keeps nobody out.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

use sspr_config::dialogue::Standing;

use super::{
    outage::mail_by,
    required::{LET_IN, REQUIRED, reasons, was_let_in},
    world::{Person, World, email},
};
use crate::{clock::Time, delivery::Deliveries, sender::tests_support::send};

const DAY: Time = 86_400;

/// A mail server that answers to a recipient as it is told to.
fn server(to_recipient: fn(&str) -> &'static str) -> Deliveries {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || speak(stream, to_recipient));
        }
    });
    mail_by(port)
}

fn speak(mut stream: TcpStream, to_recipient: fn(&str) -> &'static str) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    stream.write_all(b"220 mail\r\n").ok()?;
    let mut in_mail = false;
    while let Some(Ok(line)) = lines.next() {
        let answer = match line.as_str() {
            "." if in_mail => {
                in_mail = false;
                "250 ok"
            }
            _ if in_mail => continue,
            "DATA" => {
                in_mail = true;
                "354 go on"
            }
            recipient if recipient.starts_with("RCPT") => to_recipient(recipient),
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).ok()?;
    }
    Some(())
}

/// Dave names `address`; his code is tried by `deliveries` at once and after half a minute, and he gives up. What he is asked next
/// binds him or not.
async fn waits_in_vain(world: &World, deliveries: &Deliveries, address: &str) -> Person {
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", address).await;
    let step = dave.step().await.unwrap();
    assert!(step.text.contains("on its way"), "{step:?}");
    for seconds in [11, 20] {
        send(&world.agent, deliveries).await;
        world.later(seconds);
    }
    dave.says(b"").await;
    dave.answers("1, 2 or 3: ", "").await;
    dave
}

#[tokio::test]
async fn an_address_that_a_working_server_refuses_is_no_gateway_that_is_down() {
    for reply in ["550 no", "550 relay not permitted", "450 4.1.2 Domain not found", "451 greylisted", "554 5.7.1 no"] {
        let to_recipient: fn(&str) -> &'static str = match reply {
            "550 no" => |to| if to.contains("ghost") { "550 no" } else { "250 ok" },
            "550 relay not permitted" => |to| if to.contains("ghost") { "550 relay not permitted" } else { "250 ok" },
            "450 4.1.2 Domain not found" => |to| if to.contains("ghost") { "450 4.1.2 no domain" } else { "250 ok" },
            "451 greylisted" => |to| if to.contains("ghost") { "451 greylisted" } else { "250 ok" },
            _ => |to| if to.contains("ghost") { "554 5.7.1 no" } else { "250 ok" },
        };
        let deliveries = server(to_recipient);
        let world = World::with(REQUIRED).await;
        world.register("carol", &email("carol@example.org")).await;
        for day in 0..4 {
            let mut dave = waits_in_vain(&world, &deliveries, "ghost@example.org").await;
            // As where a code takes long: on three days of thirty.
            assert_eq!(dave.bound, day == 3, "{reply}, day {day}");
            dave.answers("can't be put off", "").await;
            assert_eq!(dave.ends().await.0, if day < 3 { Standing::Finished } else { Standing::Denied });
            world.later(DAY);
        }
        assert_eq!(reasons(&world).await, ["no code yet"; 3], "{reply}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_everybody_keeps_nobody_out_whatever_it_says() {
    for to_recipient in
        [|_: &str| "550 no", |_: &str| "554 5.7.1 Relay access denied", |_: &str| "450 later", |_: &str| "504 name"]
    {
        let deliveries = server(to_recipient);
        let world = World::with(REQUIRED).await;
        world.register("carol", &email("carol@example.org")).await;
        was_let_in(&world, "dave", &[6, 4, 2]).await;
        for _ in 0..3 {
            let mut dave = waits_in_vain(&world, &deliveries, "dave@example.org").await;
            assert!(!dave.bound);
            dave.answers("can't be put off", "").await;
            assert_eq!(dave.ends().await, LET_IN);
            world.later(DAY);
        }
        assert_eq!(reasons(&world).await, ["a gateway does not work"; 3]);
    }
}

#[tokio::test]
async fn where_nobody_is_registered_yet_it_can_not_be_told_and_the_person_gets_in() {
    let deliveries = server(|to| if to.contains("ghost") { "550 no" } else { "250 ok" });
    let world = World::with(REQUIRED).await;
    was_let_in(&world, "dave", &[6, 4, 2]).await;
    let mut dave = waits_in_vain(&world, &deliveries, "ghost@example.org").await;
    assert!(!dave.bound);
    dave.answers("can't be put off", "").await;
    assert_eq!(dave.ends().await, LET_IN);
}

#[tokio::test]
async fn a_server_that_was_down_and_then_refuses_the_address_alone_is_not_down_any_more() {
    let world = World::with(REQUIRED).await;
    world.register("carol", &email("carol@example.org")).await;
    was_let_in(&world, "dave", &[6, 4, 2]).await;
    let mut dave = world.signs_in("dave");
    dave.answers("1, 2 or 3: ", "1").await;
    dave.answers("Which email", "ghost@example.org").await;
    dave.step().await.unwrap();
    world.no_mail_leaves().await;
    world.later(11);
    send(&world.agent, &server(|to| if to.contains("ghost") { "550 no" } else { "250 ok" })).await;
    dave.says(b"xxxxxx").await;
    dave.answers("6 digits", "").await;
    assert!(dave.bound);
}
