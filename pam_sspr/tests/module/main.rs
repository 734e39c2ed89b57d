//! `pam_sspr.so` in real libpam, on a real bus, with a scripted agent and a scripted person.

mod bus;
mod fake_agent;
mod libpam;
mod login;
mod module_file;

mod behaviour;
mod deadlines;
mod footprint;
