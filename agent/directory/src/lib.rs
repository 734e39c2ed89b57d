//! Passwords of users in a directory: `OpenLDAP`, 389 Directory Server, `FreeIPA`, Active Directory and Samba.
//!
//! | file | what |
//! |---|---|
//!  `kind/` | what each kind writes, what its answers mean and what it refuses; asks no server |
//! | `rule`, `names`, `groups`, `nested`, `direct` | who may be served |
//! | `directory/check`, `kind/rights` | the rows that `sspr doctor` shows; changes nothing |
//!  `directory` | the steps of a reset, from the entry to the check of the result |
//! | `kerberos` | passwords that are in a KDC, by kadmin and kinit |
//!  `ber`, `filter`, `message`, `received`, `connection`, `tls`, `certificate` | LDAP, as much as is needed |
//! | `service`, `turns` | the verbs on the bus, and how many at once |
//! | `order` | which server is asked first |

pub mod ber;
mod certificate;
pub mod connection;
pub mod direct;
pub mod directory;
pub mod filter;
pub mod groups;
pub mod kerberos;
pub mod kind;
pub mod message;
pub mod names;
pub mod nested;
pub mod order;
pub mod received;
pub mod rule;
pub mod secret;
pub mod service;
pub mod times;
pub mod tls;
pub mod turns;
