//! Whole conversations with a scripted person, mailbox, clock and helper.

mod attacks;
mod choosing;
mod hint;
mod recovery;
mod registration;
mod world;
