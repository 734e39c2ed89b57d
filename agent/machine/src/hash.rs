//! What the password field of shadow(5) says before anybody tries a password.

/// Whether `field` is a hash that some password could match.
///
/// shadow(5): any string that is not a valid result of crypt(3), `!` or `*` for instance, means that no password signs
/// in. An empty field lets everybody in: nothing there to be forgotten, and nothing that a password could prove.
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
}
