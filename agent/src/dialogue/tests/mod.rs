//! Whole conversations with a scripted person, mailbox, clock and helper.

mod attacks;
mod choosing;
mod hint;
mod method_attacks;
mod methods;
mod recovery;
mod registration;
mod world;
