//! `sspr server rekey`: the key by which hosts know the server of a fleet.

use std::process::ExitCode;

use clap::Args;
use sspr_protocol::fleet::{ServerKeyStep, ServerKeyWish, ServerKeys};

use crate::{
    client::Client,
    failure::{Failure, only_root},
    out,
};

/// The most hosts that are named.
const NAMED: usize = 20;

/// How to replace the key.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option, and one step at most is given")]
pub struct Rekey {
    /// Make the next key, and announce it to the hosts
    #[arg(long, group = "step")]
    announce: bool,
    /// Use the next key in place of the old one
    #[arg(long = "use", group = "step")]
    use_it: bool,
    /// With --use: even if hosts do not know the next key; they then need "sspr join --repin"
    #[arg(long, requires = "use_it")]
    force: bool,
    /// Have the hosts forget the old key
    #[arg(long, group = "step")]
    finish: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Shows the keys, or makes a step.
pub(super) async fn run(arguments: &Rekey, bus: &str) -> Result<ExitCode, Failure> {
    only_root("server rekey")?;
    let step = match (arguments.announce, arguments.use_it, arguments.finish) {
        (true, ..) => ServerKeyStep::Announce,
        (_, true, _) => ServerKeyStep::Use,
        (.., true) => ServerKeyStep::Finish,
        _ => ServerKeyStep::Show,
    };
    let client = Client::connect_for(bus, "server rekey").await?;
    let keys: ServerKeys = client.call("ServerKey", &ServerKeyWish { step, force: arguments.force }).await?;
    if arguments.json {
        out::json(&keys)?;
    } else {
        out::print(&described(&keys))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn described(keys: &ServerKeys) -> String {
    let ServerKeys { pin, next, old, active, missing } = keys;
    let named: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
    let more = if missing.len() > NAMED { ", ..." } else { "" };
    let know = active.saturating_sub(missing.len() as u64);
    let mut said = vec![format!("Key: {pin}")];
    if let Some(next) = next {
        said.push(format!("Next key: {next}"));
        let knows = format!("{know} of {} know it.", out::number(*active, "host", "hosts"));
        if missing.is_empty() {
            said.push(format!("{knows} Next: sspr server rekey --use"));
        } else {
            said.push(format!("{knows} Not yet: {}{more}", named.join(", ")));
            said.push("Each learns it with its next hello, within 18 minutes.".to_owned());
        }
    }
    if let Some(old) = old {
        said.push(format!("Old key: {old}"));
        said.push(
            "Hosts still accept it. When all servers of the fleet use the new one: sspr server rekey --finish"
                .to_owned(),
        );
    }
    said.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_of_the_keys_says_what_comes_next() {
        let one = ServerKeys { pin: "P".into(), active: 3, ..ServerKeys::default() };
        let next = ServerKeys { next: Some("N".into()), missing: vec!["web7".into()], ..one.clone() };
        let all = ServerKeys { missing: Vec::new(), ..next.clone() };
        let used = ServerKeys { old: Some("O".into()), ..one.clone() };
        for (keys, said) in
            [(&one, "Key: P"), (&next, "2 of 3 hosts know it. Not yet: web7\n"), (&all, "--use"), (&used, "--finish")]
        {
            assert!(described(keys).contains(said), "{}", described(keys));
        }
        assert!(!described(&next).contains("--use") && described(&one).lines().count() == 1);
    }
}
