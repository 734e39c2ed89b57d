//! Whole conversations with a scripted person, mailbox, clock and helper.

mod alike;
mod app;
mod attacks;
mod callers;
mod choosing;
mod clock;
mod codes;
mod contacts;
mod hint;
mod invitation;
mod method_attacks;
mod methods;
mod outage;
mod races;
mod reconfirm;
mod recovery;
mod walks;
mod world;
