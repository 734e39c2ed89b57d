//! Whole conversations with a scripted person, mailbox, clock and helper.

mod attacks;
mod recovery;
mod registration;
mod world;
