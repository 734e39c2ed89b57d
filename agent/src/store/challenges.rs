//! Challenges: codes that were sent. Only [`crate::proof`] decides with them; [`super::proofs`] has the answered ones.

use crate::{clock::Time, error::Result, keys::Tag};

mod rows;

#[cfg(test)]
pub(super) use rows::UNACCEPTED;

/// A challenge as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// 128 random bits in hexadecimal.
    pub id: String,
    /// "recover" or "register".
    pub purpose: String,
    /// The method's word.
    pub method: String,
    /// The contact that the code was sent to; `None` in a decoy, and for a contact that is not registered yet.
    pub contact: Option<i64>,
    /// The sealed contact, if it is not registered yet.
    pub destination: Option<Vec<u8>>,
    /// The MAC of the code.
    pub code: Vec<u8>,
    /// The key of the code's route: a new code replaces an older one with the same key.
    pub route_key: Vec<u8>,
    /// The key of its cool-down.
    pub cooldown_key: Option<Vec<u8>>,
    /// When the challenge was made.
    pub created: Time,
    /// When the challenge expires.
    pub expires: Time,
    /// How many more answers are accepted.
    pub tries_left: i64,
    /// The state of the challenge.
    pub state: ChallengeState,
}

/// The state of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeState {
    /// The code is valid until the challenge expires.
    Good,
    /// Another challenge replaced this one. It can be answered, but not by its own code; see `open_or_replaced`.
    Replaced,
    /// The challenge can't be answered any more.
    Void,
}

/// A new challenge, see [`Challenge`].
#[derive(Debug)]
pub struct NewChallenge<'a> {
    /// See [`Challenge`].
    pub id: &'a str,
    /// The keyed MAC of the account's name.
    pub account: &'a Tag,
    /// See [`Challenge`].
    pub purpose: &'a str,
    /// See [`Challenge`].
    pub method: &'a str,
    /// See [`Challenge`].
    pub contact: Option<i64>,
    /// See [`Challenge`].
    pub destination: Option<&'a [u8]>,
    /// See [`Challenge`].
    pub code: &'a Tag,
    /// See [`Challenge`].
    pub route_key: &'a [u8],
    /// The key of its cool-down.
    pub cooldown_key: &'a [u8],
    /// See [`Challenge`].
    pub created: Time,
    /// See [`Challenge`].
    pub expires: Time,
    /// See [`Challenge`].
    pub tries: u8,
}

impl From<&NewChallenge<'_>> for Challenge {
    /// What is read once it is stored.
    fn from(new: &NewChallenge<'_>) -> Self {
        Self {
            id: new.id.to_owned(),
            purpose: new.purpose.to_owned(),
            method: new.method.to_owned(),
            contact: new.contact,
            destination: new.destination.map(<[u8]>::to_vec),
            code: new.code.to_vec(),
            route_key: new.route_key.to_vec(),
            cooldown_key: Some(new.cooldown_key.to_vec()),
            created: new.created,
            expires: new.expires,
            tries_left: new.tries.into(),
            state: ChallengeState::Good,
        }
    }
}

impl Challenge {
    /// Whether the challenge can be answered at `now`. A challenge from the future (the clock was set back) can't.
    const fn is_open(&self, now: Time) -> bool {
        !matches!(self.state, ChallengeState::Void) && self.created <= now && now < self.expires
    }
}

/// Codes that were sent.
pub trait Challenges {
    /// The newest challenge of an account and purpose, as `viewer` (the key of a source) sees it, if it can still be
    /// answered. With `method`, only challenges of this method count.
    fn open(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        viewer: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<Option<Challenge>>> + Send;

    /// The newest challenge of an account and purpose that has the cool-down `cooldown_key`, if it can still be
    /// answered.
    fn open_by_cooldown(
        &mut self,
        account: &Tag,
        purpose: &str,
        cooldown_key: &Tag,
        viewer: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<Option<Challenge>>> + Send;

    /// The challenge `id` of an account and purpose, if it can still be answered.
    fn open_by_id(
        &mut self,
        account: &Tag,
        purpose: &str,
        id: &str,
        viewer: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<Option<Challenge>>> + Send;

    /// Every challenge of an account and purpose whose own code is valid, decoys included. With `method`, only
    /// challenges of this method count.
    fn all_open(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        now: Time,
    ) -> impl Future<Output = Result<Vec<Challenge>>> + Send;

    /// Notes that the gateway accepted the code of `id`.
    fn accepted(&mut self, id: &str, now: Time) -> impl Future<Output = Result<()>> + Send;

    /// Notes that the gateway failed to accept the code of `id` at that time. `None`: it did not fail, but accepts no
    /// code for this recipient yet.
    fn failed(&mut self, id: &str, at: Option<Time>) -> impl Future<Output = Result<()>> + Send;

    /// Looks for codes that no gateway has accepted, of an account and purpose and made since `since`. A failed code
    /// counts if it was made by `failed_by`, and a code in progress if it was made by `slow_by`. An app's codes go
    /// through no gateway.
    fn unaccepted(
        &mut self,
        account: &Tag,
        purpose: &str,
        since: Time,
        failed_by: Time,
        slow_by: Time,
    ) -> impl Future<Output = Result<Unaccepted>> + Send;

    /// The routes (see [`Challenge::route_key`]) of the challenges of an account and purpose that were spent after
    /// `since`.
    fn spent_routes(
        &mut self,
        account: &Tag,
        purpose: &str,
        since: Time,
    ) -> impl Future<Output = Result<Vec<Vec<u8>>>> + Send;

    /// Stores a new challenge. Voids older ones of the same method with the same route or the same contact, and every
    /// older one of the method whose contact is not registered yet.
    ///
    /// An older challenge that was proved already can't be answered again, but its proof stays: a stranger who requests
    /// another code must not take it away. No screen depends on whether a challenge has a destination.
    fn add(&mut self, new: &NewChallenge<'_>) -> impl Future<Output = Result<()>> + Send;

    /// Takes one try from every challenge that can be answered, as `viewer` sees it: a guess is compared with all of
    /// them.
    fn take_tries(
        &mut self,
        account: &Tag,
        purpose: &str,
        method: Option<&str>,
        viewer: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;

    /// How many tries the challenge `id` has left.
    fn tries_left(&mut self, id: &str) -> impl Future<Output = Result<i64>> + Send;

    /// Notes that the challenge `id` was answered correctly in `dialogue`; the proof is valid only there. `false`: it
    /// was spent or voided before. No try is taken: a user whose connection drops now can prove the same again.
    fn prove(&mut self, id: &str, dialogue: &str, now: Time) -> impl Future<Output = Result<bool>> + Send;

    /// Voids all challenges of an account and purpose that have the cool-down `cooldown_key`.
    fn void_by_cooldown(
        &mut self,
        account: &Tag,
        purpose: &str,
        cooldown_key: &Tag,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Voids all open challenges of an account and purpose. If `closed_from` is a source, they still look open from all
    /// other sources until they expire.
    fn void_all(
        &mut self,
        account: &Tag,
        purpose: &str,
        closed_from: Option<&Tag>,
        now: Time,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// Codes that no gateway has accepted.
#[derive(Clone, Copy, Debug)]
pub struct Unaccepted {
    /// Whether there is one.
    pub at_all: bool,
    /// Whether there is one that failed, and no code of its method was accepted since it was made.
    pub by_a_gateway_that_is_down: bool,
}
