//! `[phone.webhook]`: any HTTP API, described by a template.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, Serialize};

use super::json::Json;

/// `[phone.webhook]`. Names in braces in `url`, `headers`, `user` and the texts of `body` are replaced and escaped for
/// their place: `{to}`, `{number}` and secrets everywhere; `{text}`, `{code}` and `{coding}` only in `url` and `body`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// `"POST"` (the default), `"PUT"` or `"GET"`.
    #[serde(default = "Webhook::default_method")]
    pub method: String,
    /// https, or http to this machine only.
    pub url: String,
    /// Header names and values.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// `"json"` (the default) or `"form"`.
    #[serde(default)]
    pub encoding: BodyEncoding,
    /// The content of the body.
    #[serde(default)]
    pub body: Json,
    /// A file whose first line replaces `{token}`.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// More such files: `{name}` is replaced by the first line of the file with that name.
    #[serde(default)]
    pub secret_files: BTreeMap<String, PathBuf>,
    /// The user name of basic authentication.
    #[serde(default)]
    pub user: Option<String>,
    /// A file with its password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The HTTP statuses that mean success; if empty, any 2xx.
    #[serde(default)]
    pub success: Vec<u16>,
    /// If set, the answer's body must also contain this text.
    #[serde(default)]
    pub success_contains: Option<String>,
    /// If set, the answer must be JSON with one of `success_values` at this path, such as `messages.0.status`.
    #[serde(default)]
    pub success_field: Option<String>,
    /// What means success there; [`Webhook::ANY`]: that there is something.
    #[serde(default)]
    pub success_values: Vec<String>,
    /// The values there, or at `error_field`, that mean that the same message can be sent later.
    #[serde(default)]
    pub retry_values: Vec<String>,
    /// Where the answer has the message's id.
    #[serde(default)]
    pub id_field: Option<String>,
    /// Where the answer of a failure has the number or the name of the error, and what it is about; one path or several.
    #[serde(default, deserialize_with = "one_or_more")]
    pub error_field: Vec<String>,
}

/// Names in braces that are not secrets. Only providers' templates have `account` and `from`.
pub const SLOTS: [&str; 7] = ["to", "number", "text", "code", "coding", "account", "from"];

impl Webhook {
    /// Their section.
    pub const SECTION: &str = "phone.webhook";

    /// The word of `success_values` for any value.
    pub const ANY: &str = "*";

    fn default_method() -> String {
        "POST".into()
    }

    /// The files with secrets: section, key and file.
    pub(super) fn secret_files(&self) -> impl Iterator<Item = (&'static str, &'static str, &Path)> {
        let token = self.token_file.iter().map(|file| (Self::SECTION, "token_file", file.as_path()));
        let more = self.secret_files.values().map(|file| (Self::SECTION, "secret_files", file.as_path()));
        let password = self.password_file.iter().map(|file| (Self::SECTION, "password_file", file.as_path()));
        token.chain(more).chain(password)
    }

    /// The secrets that can be in braces, by name, and whether there is a file for each.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, Option<&Path>)> {
        let more = self.secret_files.iter().map(|(name, file)| (name.as_str(), Some(file.as_path())));
        std::iter::once(("token", self.token_file.as_deref())).chain(more)
    }
}

/// A text, or a list of them.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text or a list of texts")]
    enum Said {
        One(String),
        More(Vec<String>),
    }
    Ok(match Said::deserialize(deserializer)? {
        Said::One(text) => vec![text],
        Said::More(texts) => texts,
    })
}

/// `[phone.webhook] encoding`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyEncoding {
    /// `application/json`
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}
