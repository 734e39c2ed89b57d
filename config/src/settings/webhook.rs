//! `[phone.webhook]`: any HTTP API, by template.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::json::Json;

/// `[phone.webhook]`. What stands in braces in `url`, `headers`, `user` and the texts of `body` is replaced, each as its place needs
/// it: `{to}`, `{number}` and secrets everywhere, `{text}`, `{code}` and `{coding}` in `url` and `body` alone.
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
    /// What the body says.
    #[serde(default)]
    pub body: Json,
    /// A file whose first line replaces `{token}`.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// More such files: `{name}` is replaced by the first line of the file under that name.
    #[serde(default)]
    pub secret_files: BTreeMap<String, PathBuf>,
    /// The user name of basic authentication.
    #[serde(default)]
    pub user: Option<String>,
    /// A file with its password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The HTTP statuses that mean success; any 2xx where empty.
    #[serde(default)]
    pub success: Vec<u16>,
    /// Where set, the answer's body must have this text as well.
    #[serde(default)]
    pub success_contains: Option<String>,
    /// Where set, the answer must be JSON with one of `success_values` at this path, such as `messages.0.status`.
    #[serde(default)]
    pub success_field: Option<String>,
    /// What means success there.
    #[serde(default)]
    pub success_values: Vec<String>,
    /// What means there, or at `error_field`, that the same message can go later.
    #[serde(default)]
    pub retry_values: Vec<String>,
    /// Where the answer has what the message is called.
    #[serde(default)]
    pub id_field: Option<String>,
    /// Where the answer of a failure has the number or the name of the error.
    #[serde(default)]
    pub error_field: Option<String>,
}

/// What can stand in braces that is no secret. `account` and `from` are in the templates of providers alone.
pub const SLOTS: [&str; 7] = ["to", "number", "text", "code", "coding", "account", "from"];

impl Webhook {
    /// Where they stand.
    pub const SECTION: &str = "phone.webhook";

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

    /// The secrets that can stand in braces, by name, and whether there is a file for each.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, Option<&Path>)> {
        let more = self.secret_files.iter().map(|(name, file)| (name.as_str(), Some(file.as_path())));
        std::iter::once(("token", self.token_file.as_deref())).chain(more)
    }
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
