//! A kind of directory, as it is typed.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use sspr_config::settings::DirectoryKind;

/// The kind with this name.
pub(crate) fn named(word: &str) -> Option<DirectoryKind> {
    DirectoryKind::ALL.into_iter().find(|kind| kind.as_str() == word)
}

/// Each kind, with its description in the help.
pub(crate) fn all() -> [PossibleValue; 4] {
    DirectoryKind::ALL.map(|kind| {
        PossibleValue::new(kind.as_str()).help(match kind {
            DirectoryKind::OpenLdap => "OpenLDAP",
            DirectoryKind::Ds389 => "389 Directory Server",
            DirectoryKind::FreeIpa => "FreeIPA",
            DirectoryKind::Ad => "Samba and Active Directory",
        })
    })
}

/// The parser for the value of an option.
pub(crate) fn parser() -> impl TypedValueParser<Value = DirectoryKind> {
    PossibleValuesParser::new(all()).try_map(|word| named(&word).ok_or("no such kind"))
}
