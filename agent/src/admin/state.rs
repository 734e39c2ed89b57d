//! The agent's state, for monitoring. This asks no gateway and looks up no account, so it can be called often.

use crate::{
    snapshot::Snapshot,
    store::{Messages, Tx},
};

use super::{
    Result,
    wire_of_state::{Gateway, State, Waiting},
};

pub(super) async fn state(agent: &Snapshot) -> Result<State> {
    let now = agent.now();
    let mut tx: Tx<'_> = agent.begin_to_read().await?;
    let (messages, oldest) = Messages::waiting(&mut tx).await?;
    tx.commit().await?;
    // A message from the future, because the clock was set back, has waited for no time.
    let oldest = oldest.map_or(0, |oldest| u64::try_from(now - oldest).unwrap_or_default());
    let gateways = agent.settings.register.methods.iter().filter(|method| method.has_contacts());
    let gateways = gateways.map(|method| Gateway {
        method: method.as_str().to_owned(),
        gateway: agent.deliveries.gateway(*method).to_owned(),
        last: agent.deliveries.last(*method),
    });
    let (since, counted) = agent.audit.counted();
    Ok(State {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        since,
        now,
        gateways: gateways.collect(),
        waiting: Waiting { messages, oldest },
        counted,
    })
}
