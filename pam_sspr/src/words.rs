//! The module's own texts, in every language. The agent says everything else.
//!
//! No text here may contain "assword": sshpass counts its occurrences, and the prompt below has the one that it waits
//! for.

use sspr_config::language::{Language, Locale, Place};

use crate::host::Host;

/// The last line of the module's own prompt, in every language, always and exactly: scripts wait for it.
pub(crate) const PASSWORD: &str = "Password: ";

/// The texts in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// What Enter does.
    pub(crate) hint: &'static str,
    /// The agent could not be reached.
    pub(crate) unavailable: &'static str,
    /// The connection to the agent was lost.
    pub(crate) lost: &'static str,
    /// The user broke off a required registration, or answered as a program does.
    pub(crate) broken_off: &'static str,
}

impl Words {
    /// For the user at `host`, by the same rule as the agent's.
    ///
    /// At sshd, under any service name, the texts are ASCII. OpenSSH's client gives up on a prompt with characters that
    /// its locale lacks ("asmprintf failed"), and then even the correct password does not sign in. The texts after
    /// Enter are in the user's language.
    pub(crate) fn for_host<H: Host>(host: &H) -> Self {
        let service = String::from_utf8_lossy(host.service().unwrap_or_default());
        let (tty, rhost) = (host.tty(), host.rhost());
        let place = Place { service: &service, tty: &tty, rhost: &rhost };
        let language = place.shows(Locale::parse(&host.locale())).language;
        let words = Self::in_language(language);
        if place.is_remote() { words.for_any_client(language) } else { *words }
    }

    /// The same for a client that may support only ASCII: each of these texts stands above the password prompt.
    fn for_any_client(&self, language: Language) -> Self {
        let english = Self::in_language(Language::English);
        let or_english = |own: &'static str, english| if own.is_ascii() { own } else { english };
        Self {
            hint: ascii_hint(language),
            unavailable: or_english(self.unavailable, english.unavailable),
            lost: or_english(self.lost, english.lost),
            broken_off: or_english(self.broken_off, english.broken_off),
        }
    }

    #[allow(clippy::too_many_lines, reason = "a table")]
    pub(crate) const fn in_language(language: Language) -> &'static Self {
        match language {
            Language::English => &Self {
                hint: "Forgotten? Press Enter to reset it.",
                unavailable: "Reset isn't available right now. Try again later.",
                lost: "The connection to the reset service was lost.\nPress Enter to go on with the same code.",
                broken_off: "You are not signed in: registration was not finished.\nSign in again and answer its questions.",
            },
            Language::Japanese => &Self {
                hint: "お忘れの場合は Enter を押すと再設定できます。",
                unavailable: "現在、再設定は利用できません。後でお試しください。",
                lost: "再設定サービスとの接続が切れました。\nEnter を押すと同じコードで続行できます。",
                broken_off: "登録が完了していないため、サインインできません。\nもう一度サインインして、質問に答えてください。",
            },
            Language::German => &Self {
                hint: "Vergessen? Enter drücken zum Zurücksetzen.",
                unavailable: "Zurücksetzen ist gerade nicht möglich.",
                lost: "Die Verbindung zum Dienst ging verloren.\nEnter drücken, um mit demselben Code weiterzumachen.",
                broken_off: "Nicht angemeldet: Die Registrierung ist nicht fertig.\nMelden Sie sich neu an und beantworten Sie die Fragen.",
            },
            Language::French => &Self {
                hint: "Oublié ? Appuyez sur Entrée pour réinitialiser.",
                unavailable: "La réinitialisation est indisponible.",
                lost: "La connexion au service a été perdue.\nAppuyez sur Entrée pour continuer avec le même code.",
                broken_off: "Connexion refusée : enregistrement non terminé.\nReconnectez-vous et répondez aux questions.",
            },
            Language::Spanish => &Self {
                hint: "¿La olvidó? Pulse Intro para restablecerla.",
                unavailable: "El restablecimiento no está disponible ahora.",
                lost: "Se perdió la conexión con el servicio.\nPulse Intro para continuar con el mismo código.",
                broken_off: "No ha iniciado sesión: el registro no se completó.\nInicie sesión de nuevo y responda a las preguntas.",
            },
            Language::Italian => &Self {
                hint: "Dimenticata? Premere Invio per reimpostarla.",
                unavailable: "Reimpostazione al momento non disponibile.",
                lost: "La connessione al servizio è andata persa.\nPremere Invio per continuare con lo stesso codice.",
                broken_off: "Accesso negato: la registrazione non è completa.\nAcceda di nuovo e risponda alle domande.",
            },
            Language::BrazilianPortuguese => &Self {
                hint: "Esqueceu? Pressione Enter para redefinir.",
                unavailable: "A redefinição não está disponível agora.",
                lost: "A conexão com o serviço foi perdida.\nPressione Enter para continuar com o mesmo código.",
                broken_off: "Acesso negado: o cadastro não foi concluído.\nEntre novamente e responda às perguntas.",
            },
            Language::Dutch => &Self {
                hint: "Vergeten? Druk op Enter om opnieuw in te stellen.",
                unavailable: "Opnieuw instellen is nu niet mogelijk.",
                lost: "De verbinding met de dienst is verbroken.\nDruk op Enter om door te gaan met dezelfde code.",
                broken_off: "Niet aangemeld: de registratie is niet voltooid.\nMeld u opnieuw aan en beantwoord de vragen.",
            },
            Language::Polish => &Self {
                hint: "Nie pamiętasz? Naciśnij Enter, aby zresetować.",
                unavailable: "Resetowanie jest teraz niedostępne.",
                lost: "Utracono połączenie z usługą.\nNaciśnij Enter, aby kontynuować z tym samym kodem.",
                broken_off: "Nie zalogowano: rejestracja nie została ukończona.\nZaloguj się ponownie i odpowiedz na pytania.",
            },
            Language::Turkish => &Self {
                hint: "Unuttunuz mu? Sıfırlamak için Enter'a basın.",
                unavailable: "Sıfırlama şu anda kullanılamıyor.",
                lost: "Hizmetle bağlantı kesildi.\nAynı kodla devam etmek için Enter'a basın.",
                broken_off: "Oturum açılmadı: kayıt tamamlanmadı.\nYeniden oturum açın ve soruları yanıtlayın.",
            },
            Language::Ukrainian => &Self {
                hint: "Забули? Натисніть Enter, щоб скинути.",
                unavailable: "Скидання зараз недоступне. Спробуйте пізніше.",
                lost: "З'єднання зі службою втрачено.\nНатисніть Enter, щоб продовжити з тим самим кодом.",
                broken_off: "Вхід не виконано: реєстрацію не завершено.\nУвійдіть ще раз і дайте відповіді на запитання.",
            },
            Language::SimplifiedChinese => &Self {
                hint: "忘记了？按 Enter 即可重置。",
                unavailable: "目前无法重置，请稍后再试。",
                lost: "与重置服务的连接已断开。\n按 Enter 可使用同一验证码继续。",
                broken_off: "未登录：登记尚未完成。\n请重新登录并回答问题。",
            },
            Language::TraditionalChinese => &Self {
                hint: "忘記了？按 Enter 即可重設。",
                unavailable: "目前無法重設，請稍後再試。",
                lost: "與重設服務的連線已中斷。\n按 Enter 可使用同一驗證碼繼續。",
                broken_off: "未登入：登記尚未完成。\n請重新登入並回答問題。",
            },
            Language::Korean => &Self {
                hint: "잊으셨나요? Enter를 누르면 재설정합니다.",
                unavailable: "지금은 재설정할 수 없습니다.",
                lost: "재설정 서비스와의 연결이 끊어졌습니다.\nEnter를 누르면 같은 코드로 계속합니다.",
                broken_off: "로그인되지 않음: 등록이 완료되지 않았습니다.\n다시 로그인하여 질문에 답하십시오.",
            },
            Language::Czech => &Self {
                hint: "Zapomenuté heslo? Obnovíte je klávesou Enter.",
                unavailable: "Obnovení teď není k dispozici. Zkuste to později.",
                lost: "Spojení se službou obnovení bylo přerušeno.\nStisknutím Enter pokračujte se stejným kódem.",
                broken_off: "Nejste přihlášeni: registrace nebyla dokončena.\nPřihlaste se znovu a odpovězte na otázky.",
            },
            Language::Swedish => &Self {
                hint: "Glömt det? Tryck på Enter för att återställa.",
                unavailable: "Återställning är inte tillgänglig just nu.",
                lost: "Anslutningen till tjänsten bröts.\nTryck på Enter för att fortsätta med samma kod.",
                broken_off: "Du är inte inloggad: registreringen blev inte klar.\nLogga in igen och svara på frågorna.",
            },
            Language::Danish => &Self {
                hint: "Glemt? Tryk på Enter for at nulstille.",
                unavailable: "Nulstilling er ikke tilgængelig lige nu.",
                lost: "Forbindelsen til tjenesten blev afbrudt.\nTryk på Enter for at fortsætte med den samme kode.",
                broken_off: "Du er ikke logget ind: registreringen mangler.\nLog ind igen, og svar på spørgsmålene.",
            },
            Language::Finnish => &Self {
                hint: "Unohtuiko? Palauta painamalla Enter.",
                unavailable: "Palautus ei ole nyt käytettävissä. Yritä myöhemmin.",
                lost: "Yhteys palautuspalveluun katkesi.\nJatka samalla koodilla painamalla Enter.",
                broken_off: "Et ole kirjautunut: rekisteröinti jäi kesken.\nKirjaudu uudelleen ja vastaa kysymyksiin.",
            },
            Language::Russian => &Self {
                hint: "Забыли? Нажмите Enter, чтобы сбросить.",
                unavailable: "Сброс сейчас недоступен. Повторите попытку позже.",
                lost: "Связь со службой сброса потеряна.\nНажмите Enter, чтобы продолжить с тем же кодом.",
                broken_off: "Вход не выполнен: регистрация не завершена.\nВойдите ещё раз и ответьте на вопросы.",
            },
            Language::EuropeanPortuguese => &Self {
                hint: "Esqueceu-se? Prima Enter para repor.",
                unavailable: "A reposição não está disponível neste momento.",
                lost: "Perdeu-se a ligação ao serviço.\nPrima Enter para continuar com o mesmo código.",
                broken_off: "Sessão não iniciada: o registo não foi concluído.\nInicie sessão novamente e responda às perguntas.",
            },
            Language::Norwegian => &Self {
                hint: "Glemt? Trykk Enter for å tilbakestille.",
                unavailable: "Tilbakestilling er ikke tilgjengelig nå.",
                lost: "Forbindelsen til tjenesten ble brutt.\nTrykk Enter for å fortsette med den samme koden.",
                broken_off: "Du er ikke logget inn: registreringen mangler.\nLogg inn igjen og svar på spørsmålene.",
            },
            Language::Hungarian => &Self {
                hint: "Elfelejtette? Nyomjon Entert a visszaállításhoz.",
                unavailable: "A visszaállítás most nem érhető el.",
                lost: "Megszakadt a kapcsolat a szolgáltatással.\nNyomjon Entert, és ugyanazzal a kóddal folytathatja.",
                broken_off: "Nincs bejelentkezve: a regisztráció félbemaradt.\nJelentkezzen be újra, és válaszoljon a kérdésekre.",
            },
            Language::Romanian => &Self {
                hint: "Ați uitat-o? Apăsați Enter pentru resetare.",
                unavailable: "Resetarea nu este disponibilă acum.",
                lost: "Conexiunea cu serviciul s-a întrerupt.\nApăsați Enter pentru a continua cu același cod.",
                broken_off: "Nu sunteți conectat: înregistrarea nu s-a încheiat.\nConectați-vă din nou și răspundeți la întrebări.",
            },
            Language::Greek => &Self {
                hint: "Το ξεχάσατε; Πατήστε Enter για επαναφορά.",
                unavailable: "Η επαναφορά δεν είναι διαθέσιμη τώρα.",
                lost: "Η σύνδεση με την υπηρεσία χάθηκε.\nΠατήστε Enter για να συνεχίσετε με τον ίδιο κωδικό.",
                broken_off: "Δεν συνδεθήκατε: η εγγραφή δεν ολοκληρώθηκε.\nΣυνδεθείτε ξανά και απαντήστε στις ερωτήσεις.",
            },
            Language::Indonesian => &Self {
                hint: "Lupa? Tekan Enter untuk mengatur ulang.",
                unavailable: "Pengaturan ulang belum tersedia saat ini.",
                lost: "Sambungan ke layanan terputus.\nTekan Enter untuk melanjutkan dengan kode yang sama.",
                broken_off: "Anda belum masuk: pendaftaran belum selesai.\nMasuk lagi dan jawab pertanyaannya.",
            },
            Language::Vietnamese => &Self {
                hint: "Bạn quên? Nhấn Enter để đặt lại.",
                unavailable: "Hiện không thể đặt lại. Hãy thử lại sau.",
                lost: "Mất kết nối với dịch vụ đặt lại.\nNhấn Enter để tiếp tục với cùng mã đó.",
                broken_off: "Bạn chưa đăng nhập: đăng ký chưa hoàn tất.\nHãy đăng nhập lại và trả lời các câu hỏi.",
            },
        }
    }
}

/// [`Words::hint`] in ASCII; in English where a language can't be written so.
const fn ascii_hint(language: Language) -> &'static str {
    match language {
        Language::German => "Vergessen? Mit Enter neu festlegen.",
        Language::French => "Un oubli ? Appuyez sur Enter pour le remplacer.",
        Language::Spanish => "Pulse Intro si no la recuerda.",
        Language::Polish => "Nie znasz go? Enter je zresetuje.",
        Language::Turkish => "Unuttunuz mu? Enter'a basarak yenileyin.",
        Language::Czech => "Zapomenuto? Enter pro obnovu.",
        Language::Swedish => "Minns du det inte? Tryck Enter.",
        Language::Danish => "Glemt? Tryk Enter for at nulstille.",
        Language::Norwegian => "Glemt? Trykk Enter og velg et nytt.",
        Language::Hungarian => "Elfelejtette? Nyomjon Entert.",
        Language::Romanian => "O uitare? Enter permite resetarea.",
        Language::Italian
        | Language::BrazilianPortuguese
        | Language::Dutch
        | Language::Finnish
        | Language::EuropeanPortuguese
        | Language::Indonesian => Words::in_language(language).hint,
        Language::English
        | Language::Japanese
        | Language::Ukrainian
        | Language::SimplifiedChinese
        | Language::TraditionalChinese
        | Language::Korean
        | Language::Russian
        | Language::Greek
        | Language::Vietnamese => Words::in_language(Language::English).hint,
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::text::{clean, prompt};

    #[test]
    fn the_prompt_ends_in_the_line_that_scripts_wait_for_and_nothing_above_looks_like_it() {
        for language in Language::ALL {
            let words = Words::in_language(language);
            for above in [words.hint, words.unavailable, words.lost, words.broken_off] {
                let prompt = prompt(above, PASSWORD);
                assert_eq!(prompt.lines().last(), Some("Password: "));
                assert_eq!(prompt.to_lowercase().matches("assword").count(), 1, "{prompt}");
            }
        }
        assert_eq!(prompt("", PASSWORD), "Password: ");
    }

    #[test]
    fn at_sshd_the_hint_is_ascii_in_every_language_as_a_client_may_give_up_on_anything_else() {
        for language in Language::ALL {
            let hint = ascii_hint(language);
            assert!(hint.bytes().all(|b| (b' '..=b'~').contains(&b)), "{hint}");
            assert!(hint.len() <= 53 && ["nter", "nvio", "ntro"].iter().any(|key| hint.contains(key)), "{hint}");
            assert!(!hint.to_lowercase().contains("assword"), "{hint}");
            let words = Words::in_language(language).for_any_client(language);
            let texts = [words.hint, words.unavailable, words.lost, words.broken_off];
            assert!(texts.iter().all(|text| text.is_ascii()), "{words:?}");
        }
    }

    #[test]
    fn every_language_fits_a_terminal_and_has_nothing_that_moves_a_cursor_or_turns_text() {
        for language in Language::ALL {
            let words = Words::in_language(language);
            assert_eq!((words.lost.lines().count(), words.broken_off.lines().count()), (2, 2));
            for text in [words.hint, words.unavailable, words.lost, words.broken_off] {
                assert_eq!(clean(text), text);
                assert!(!text.contains(['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}']), "{text:?}");
                // ssh puts "(user@host) " before the first line.
                let mut widths = text.lines().map(str::width);
                assert!(widths.next().unwrap() <= 53 && widths.all(|w| w <= 78), "{text}");
            }
            let others = Language::ALL.into_iter().filter(|other| *other != language);
            assert!(others.map(Words::in_language).all(|other| other.hint != words.hint), "{language:?}");
        }
    }
}
