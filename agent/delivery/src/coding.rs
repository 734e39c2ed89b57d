//! The letters that a text message can have at half the price: those of the alphabet of GSM 03.38 (3GPP TS 23.038,
//! 6.2.1).

/// The alphabet, and the characters that take two places in it.
const LETTERS: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                       abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€";

/// `text` if the alphabet has every letter of the text, otherwise `unicode`. Some APIs require one of these words.
pub(super) fn of(text: &str) -> &'static str {
    if text.chars().all(|letter| LETTERS.contains(letter)) { "text" } else { "unicode" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_gsm_lacks_makes_the_message_unicode() {
        for text in ["Your code is 042042.", "Código: 5 € [ñ]\n", "Grüße"] {
            let want = if text.contains('ó') { "unicode" } else { "text" };
            assert_eq!(of(text), want, "{text}");
        }
        for text in ["コード", "код", "’", "ő", "ç"] {
            assert_eq!(of(text), "unicode", "{text}");
        }
    }
}
