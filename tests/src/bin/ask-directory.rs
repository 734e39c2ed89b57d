//! Calls `sspr-directory` over the system bus of a machine, as the agent does: `ask-directory MEMBER USER [ID]`, with a
//! password on standard input if the member takes one. Prints the answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::io::Read as _;

use sspr_config::{
    bus::{DIRECTORY, DIRECTORY_PATH, SYSTEM_BUS},
    sealed,
};
use zbus::{Fd, Message, connection};

fn main() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        match answer().await {
            Ok(words) => println!("{words}"),
            Err(zbus::Error::MethodError(name, why, _)) => {
                println!("{} {}", name.rsplit('.').next().unwrap_or_default(), why.unwrap_or_default());
            }
            Err(why) => panic!("{why}"),
        }
    });
}

async fn answer() -> zbus::Result<String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let bus = connection::Builder::address(SYSTEM_BUS).build().await?;
    let password = || {
        let mut typed = Vec::new();
        std::io::stdin().read_to_end(&mut typed).unwrap();
        sealed::make(typed.strip_suffix(b"\n").unwrap_or(&typed)).unwrap()
    };
    Ok(match arguments[..] {
        ["account", user] => {
            let (name, id, verdict, admin, locked): (String, String, u8, bool, bool) =
                ask(&bus, "Account", &(user,)).await?.body().deserialize()?;
            format!("{name} {id} {verdict} {admin} {locked}")
        }
        ["verify", user] => {
            let sealed = password();
            let right: bool = ask(&bus, "Verify", &(user, Fd::from(&sealed))).await?.body().deserialize()?;
            right.to_string()
        }
        ["change", user, id] => {
            let sealed = password();
            let (outcome, reason): (u8, String) =
                ask(&bus, "Change", &(user, id, Fd::from(&sealed))).await?.body().deserialize()?;
            format!("{outcome} {reason}")
        }
        ["unlock", user, id] => {
            ask(&bus, "Unlock", &(user, id)).await?;
            "unlocked".to_owned()
        }
        ["try"] => {
            let sealed = password();
            let rows: Vec<(String, u8, String, String)> =
                ask(&bus, "TrySettings", &("", Fd::from(&sealed))).await?.body().deserialize()?;
            format!("{rows:?}")
        }
        _ => panic!("account USER, verify USER, change USER ID, unlock USER ID or try"),
    })
}

async fn ask<B>(bus: &zbus::Connection, member: &'static str, body: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + zbus::DynamicType,
{
    bus.call_method(Some(DIRECTORY), DIRECTORY_PATH, Some(DIRECTORY), member, body).await
}
