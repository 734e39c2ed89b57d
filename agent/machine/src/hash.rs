//! What the password field of shadow(5) says before any password is tried, and how long a try would take.

/// Whether `field` is a hash that some password could match.
///
/// shadow(5): a string that is not a valid result of crypt(3), such as `!` or `*`, means that no password signs in. An
/// empty field lets everyone in: there is nothing to forget, and nothing that a password could prove.
pub fn usable(field: &str) -> bool {
    let salt_alphabet = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/'));
    match field.as_bytes() {
        // `$id$...`, modern hashes. The shortest, MD5 without salt, has 26 bytes.
        [b'$', ..] => field.len() >= 26 && field.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'!' | b'*')),
        // BSDi extended DES.
        [b'_', ..] => field.len() == 20 && field.get(1..).is_some_and(salt_alphabet),
        // Traditional DES.
        _ => field.len() == 13 && salt_alphabet(field),
    }
}

/// The largest cost that can be computed within the second that a sign-in may be held up, and within the helper's
/// memory limit. For yescrypt as in `rounds=`, and as in a hash.
pub const YESCRYPT_COST_MAX: u32 = 7;
const YESCRYPT_MAX: u8 = b'B';
/// The same for bcrypt.
pub const BCRYPT_MAX: u32 = 11;
/// The same for SHA-256 and SHA-512.
pub const SHA_ROUNDS_MAX: u32 = 100_000;

/// Whether a hash is computed in a fraction of a second, by its cost as crypt(5) writes it.
pub fn is_quick(hash: &str) -> bool {
    let mut parts = hash.split('$').skip(1);
    let (kind, cost) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match kind {
        // The second character is the memory, doubled with each step of the alphabet ./0-9A-Za-z, whose order is that
        // of ASCII.
        "y" | "gy" => cost.as_bytes().get(1).is_some_and(|n| *n <= YESCRYPT_MAX),
        "2a" | "2b" | "2x" | "2y" => cost.parse().is_ok_and(|cost: u32| cost <= BCRYPT_MAX),
        "5" | "6" => match cost.strip_prefix("rounds=") {
            Some(rounds) => rounds.parse().is_ok_and(|rounds: u32| rounds <= SHA_ROUNDS_MAX),
            None => true,
        },
        // MD5, and DES, which has no dollar sign. BSDi's DES begins with an underscore, and has as many rounds as it
        // says.
        "1" => true,
        "" => !hash.starts_with('_'),
        // scrypt and future hashes.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_crypt_could_have_made_is_usable() {
        for (field, want) in [
            ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", true),
            (
                "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/",
                true,
            ),
            ("$1$$qRPK7m23GJusamGpoGLby/", true),
            ("ab01FAX.bQRSU", true),
            ("_J9..rasmBYk8r9AiWNc", true),
            ("", false),
            ("!", false),
            ("!!", false),
            ("*", false),
            ("x", false),
            ("NP", false),
            ("*LK*", false),
            ("!*", false),
            ("!$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", false),
            ("*$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2", false),
            ("$", false),
            ("$6$short", false),
            ("ab01FAX.bQRS!", false),
        ] {
            assert_eq!(usable(field), want, "{field:?}");
        }
    }

    #[test]
    fn what_takes_seconds_is_not_computed_at_a_sign_in() {
        for (hash, quick) in [
            ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", true),
            ("$y$jBT$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", true),
            ("$y$jCT$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", false),
            ("$y$jFT$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", false),
            ("$y$j", false),
            ("$2b$10$abcdefghijklmnopqrstuu", true),
            ("$2b$14$abcdefghijklmnopqrstuu", false),
            ("$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2", true),
            ("$6$rounds=65536$saltsalt$x", true),
            ("$6$rounds=999999999$saltsalt$x", false),
            ("$1$$qRPK7m23GJusamGpoGLby/", true),
            ("$7$C6..../....SodiumChloride$x", false),
            ("ab01FAX.bQRSU", true),
        ] {
            assert_eq!(is_quick(hash), quick, "{hash}");
        }
    }
}
