//! Whole conversations with a scripted person, mailbox, clock and helper.

mod app;
mod attacks;
mod codes;
mod contacts;
mod invitation;
mod reconfirm;
mod recovery;
mod world;
