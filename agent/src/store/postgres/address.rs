//! The address of a database, and how to connect to it.

use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// The address of a database.
pub struct Address {
    pub(super) options: PgConnectOptions,
    /// Whether statements stay prepared.
    pub(super) prepares: bool,
    pub(super) directory: Option<PathBuf>,
    #[cfg(test)]
    pub(super) test: Option<super::tests::cluster::Own>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").finish_non_exhaustive()
    }
}

impl Address {
    /// The database at a URL (`postgres://user@host/name`), with a password that is not part of the URL.
    ///
    /// Unless `sslmode` says otherwise, the connection uses TLS, and the certificate must be valid for the host. A
    /// database at a socket of this host needs no TLS. The accepted modes are `verify-full`, `verify-ca` and `disable`;
    /// the other modes would silently accept any certificate, or no TLS. With `statement-cache-capacity=0`, no
    /// statement stays prepared, for a pooler that does not support it.
    ///
    /// The error is a sentence about the URL that does not contain the password.
    pub fn of(url: &str, password: Option<&str>) -> Result<Self, String> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.ok_or("it does not begin with postgres://")?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let login = place.split('/').next().and_then(|host| host.rsplit_once('@')).map_or("", |(login, _)| login);
        let keys = || query.split('&').filter_map(|pair| pair.split('=').next());
        let prepares = query.split('&').all(|pair| pair != "statement-cache-capacity=0");
        if login.contains(':') || keys().any(|key| key == "password") {
            return Err("it has a password, which belongs in a file of its own".into());
        }
        let mut options = PgConnectOptions::from_str(url).map_err(|error| error.to_string())?;
        if !keys().any(|key| matches!(key, "sslmode" | "ssl-mode")) {
            let here = options.get_socket().is_some();
            options = options.ssl_mode(if here { PgSslMode::Disable } else { PgSslMode::VerifyFull });
        }
        if !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull | PgSslMode::VerifyCa | PgSslMode::Disable) {
            return Err(
                "its sslmode does not check the certificate; it may be verify-full, verify-ca or disable".into()
            );
        }
        if !keys().any(|key| key == "statement-cache-capacity") {
            options = options.statement_cache_capacity(super::STATEMENTS);
        }
        // A pooler refuses parameters that it does not know.
        options = options.application_name("sspr-agent").extra_float_digits(None);
        if let Some(password) = password {
            options = options.password(password);
        }
        Ok(Self {
            options,
            prepares,
            directory: None,
            #[cfg(test)]
            test: None,
        })
    }

    /// Sets the directory in which this host keeps data that does not fit in its memory.
    #[must_use]
    pub fn keeping_files_in(self, directory: &Path) -> Self {
        Self { directory: Some(directory.to_owned()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> String {
        format!("{:?}", Address::of(url, None).unwrap().options.get_ssl_mode())
    }

    #[test]
    fn a_database_at_a_host_is_spoken_to_by_tls_unless_it_is_said_otherwise() {
        assert_eq!(mode("postgres://sspr@db.example.org/sspr"), "VerifyFull");
        assert_eq!(mode("postgres://sspr@db.example.org/sspr?sslmode=disable"), "Disable");
        assert_eq!(mode("postgres://sspr@db.example.org/sspr?sslmode=verify-ca"), "VerifyCa");
    }

    #[test]
    fn a_mode_that_takes_any_certificate_or_none_is_refused() {
        for key in ["sslmode", "ssl-mode"] {
            for mode in ["allow", "prefer", "require"] {
                let error =
                    Address::of(&format!("postgres://sspr@db.example.org/sspr?{key}={mode}"), None).unwrap_err();
                assert!(error.contains("verify-full"), "{error}");
            }
        }
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_so_is_what_is_no_url_of_a_database() {
        for (url, why) in [
            ("postgres://sspr:secret@db.example.org/sspr", "password"),
            ("postgres://sspr@db.example.org/sspr?password=secret", "password"),
            ("mysql://sspr@db.example.org/sspr", "postgres://"),
            ("sspr.db", "postgres://"),
        ] {
            let error = Address::of(url, None).unwrap_err();
            assert!(error.contains(why) && !error.contains("secret"), "{error}");
        }
        assert!(Address::of("postgres://sspr@localhost/sspr?host=/run/postgresql", Some("secret")).is_ok());
    }
}
