//! Messages to servers that behave, and to servers that do not: each speaks its part from a script over real sockets.

mod http;
mod local;
mod smtp;
mod support;
