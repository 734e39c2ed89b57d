//! Whole conversations with a scripted person, mailbox, clock and helper.

mod attacks;
mod choosing;
mod recovery;
mod registration;
mod world;
