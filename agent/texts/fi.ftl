# Suomi. How texts are written: see en.ftl. Spans of time stand before "kuluttua", in the genitive, which is the same after every
# number. Users are addressed as "sinä".

date-format = %d.%m.%Y
span-seconds = { $n } sekunnin
span-minutes = { $n } minuutin
span-hours = { $n } tunnin

# --- answers that can't be read
too-long = Se oli liian pitkä. Kirjoita se uudelleen.
not-plain = Sitä ei voi lukea. Kirjoita se uudelleen.
choose-again = Kirjoita jokin näytetyistä vastauksista.
choose-number = Kirjoita itse puhelinnumero.

# --- when nothing goes
unavailable = Palautus ei ole juuri nyt käytettävissä.
server-changed = Palvelin lakkasi vastaamasta. Vastaa uudelleen.
resting =
    Liian monta väärää koodia.
    Tämän tilin palautus on keskeytetty. Yritä uudelleen { $time } kuluttua.
too-many-starts = Liikaa yrityksiä. Yritä taas { $time } kuluttua.
go-on-prompt = Jatka painamalla Enter: {""}

# --- recovery
recover-menu = Miten haluat osoittaa, että se olet sinä?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     koodi rekisteröityyn sähköpostiosoitteeseesi
recover-menu-app = {"  "}app   koodi todennussovelluksestasi
recover-menu-codes = {"  "}code  palautuskoodi tai käyttötuen antama koodi
recover-menu-recovery-code = {"  "}code  palautuskoodi
recover-menu-helpdesk-code = {"  "}code  käyttötuen antama koodi
recover-menu-contact = {"  "}tai kirjoita puhelinnumerosi tai sähköpostiosoitteesi
recover-menu-number = {"  "}tai kirjoita rekisteröity puhelinnumerosi
recover-menu-address = {"  "}tai kirjoita toinen rekisteröity sähköpostiosoite
recover-menu-prompt = Valintasi (Enter: takaisin): {""}
recover-menu-prompt-mandatory = Valintasi: {""}
one-more-proof =
    Koodi oli oikein.
    Tilisi vaatii vielä yhden, toisella tavalla.
proof-gone = Siinä kesti liian kauan. Aloita alusta: Enter.
recover-left = Poistuit palautuksesta. Mitään ei muutettu.
recover-given-up =
    Liian moni vastaus ei ollut näytettyjen joukossa.
    Mitään ei muutettu.

# --- codes
code-sent-email =
    Jos tilillä on rekisteröity sähköpostiosoite,
    koodi on matkalla sinne. Se on voimassa { $minutes ->
        [one] { $minutes } minuutin
       *[other] { $minutes } minuuttia
    }.
code-sent-contact =
    Jos tieto on rekisteröity tälle tilille,
    koodi on matkalla sinne. Se on voimassa { $minutes ->
        [one] { $minutes } minuutin
       *[other] { $minutes } minuuttia
    }.
code-called =
    Jos tämä puhelin on rekisteröity tälle tilille,
    se soi hetken kuluttua, ja koodi luetaan kahdesti.
    Se on voimassa { $minutes ->
        [one] { $minutes } minuutin
       *[other] { $minutes } minuuttia
    }.
code-sent-to =
    Koodi on matkalla. Se on voimassa { $minutes ->
        [one] { $minutes } minuutin
       *[other] { $minutes } minuuttia
    }.
    Vastaanottaja: { $contact }.
code-sent-earlier =
    Aiemmin lähetetty koodi on yhä voimassa.
    Uuden voi lähettää { $time } kuluttua.
code-resumed-email = Aiemmin sähköpostitse lähetetty koodi on voimassa.
code-resumed-contact =
    Koodi, joka lähetettiin aiemmin antamaasi
    osoitteeseen tai numeroon, on yhä voimassa.
code-resumed-to =
    Viimeistele rekisteröinti kirjoittamalla koodi,
    jonka vastaanottaja on { $contact }.
code-not-yet = Uuden koodin voi lähettää { $time } kuluttua.
code-usage = Kirjoita koodi tai: new (uusi koodi), other (muu tapa), Enter (takaisin).
code-usage-call = Kirjoita koodi tai: new (uusi), call (luetaan ääneen), other (muu tapa).
code-usage-new = Kirjoita koodi tai: new (uusi koodi), other (muuta), Enter (takaisin).
code-usage-mandatory = Kirjoita koodi tai: new (uusi koodi), other (muu tapa).
code-usage-new-mandatory = Kirjoita koodi tai: new (uusi koodi), other (muuta).
code-usage-token = Jos sinulla on palautuskoodi tai käyttötuen koodi, kirjoita: code
code-prompt = Koodi: {""}
code-refused = Koodi ei ole oikein.
code-malformed = Koodissa on { $digits } numeroa.
code-wrong =
    Koodi ei ole oikein. { $left ->
        [one] Yksi yritys jäljellä.
       *[other] { $left } yritystä jäljellä.
    }
code-worn-out =
    Koodi ei ole oikein.
    Sitä ei voi enää käyttää. Saat uuden kirjoittamalla new.
code-expired =
    Koodi on vanhentunut.
    Saat uuden kirjoittamalla new.

# --- codes that the user has already
token-app = Kirjoita koodi, jonka todennussovellus näyttää.
token-app-wrong =
    Koodi ei ole oikein. { $left ->
        [one] Yksi yritys jäljellä.
       *[other] { $left } yritystä jäljellä.
    }
    Kukin koodi toimii kerran, puolen minuutin ajan.
token-code = Kirjoita palautuskoodi tai käyttötuen antama koodi.
token-helpdesk = Kirjoita käyttötuen antama koodi.
token-code-wrong =
    Koodi ei ole oikein. { $left ->
        [one] Yksi yritys jäljellä.
       *[other] { $left } yritystä jäljellä.
    }
    Kukin koodi toimii kerran.
token-usage = Kirjoita koodi tai: other (muu tapa), Enter (takaisin).

# --- the new password
password-rules =
    Valitse uusi salasana, vähintään { $length } merkkiä.
    Muutama toisiinsa liittymätön sana toimii hyvin.
password-rules-digits = { $n ->
    [one] Tämä kone vaatii numeron.
   *[other] Tämä kone vaatii { $n } numeroa.
}
password-rules-capitals = { $n ->
    [one] Tämä kone vaatii ison kirjaimen.
   *[other] Tämä kone vaatii { $n } isoa kirjainta.
}
password-rules-small = { $n ->
    [one] Tämä kone vaatii pienen kirjaimen.
   *[other] Tämä kone vaatii { $n } pientä kirjainta.
}
password-rules-others = { $n ->
    [one] Tämä kone vaatii erikoismerkin, kuten viivan.
   *[other] Tämä kone vaatii { $n } erikoismerkkiä, kuten -.
}
password-rules-kinds = Käytä { $n }: isot ja pienet, numerot, erikoismerkit.
password-rules-history = Aiemmin käyttämiäsi salasanoja ei hyväksytä.
password-rules-banned = Jotkin sanat on kielletty. Ne kerrotaan sinulle.
password-encrypts = Vanhalla salatut tiedot pysyvät lukittuina.
recovery-codes-left =
    { $left ->
        [0] Se oli viimeinen palautuskoodisi.
        [one] Sinulla on yksi palautuskoodi jäljellä.
       *[other] Sinulla on { $left } palautuskoodia jäljellä.
    }
password-prompt = Uusi salasana: {""}
password-takes = Vaihtaminen voi kestää minuutin verran.
password-again-prompt = Sama uudelleen: {""}
password-mismatch = Ne eivät täsmää. Valitse uudelleen.
password-empty = Mitään ei kirjoitettu. Valitse uusi salasana.
password-too-short =
    Se on liian lyhyt. { $more ->
        [one] Siitä puuttuu yksi merkki.
       *[other] Siitä puuttuu { $more } merkkiä.
    }
password-too-long = Se on liian pitkä. Enintään 511 tavua.
password-has-name =
    Siinä on nimesi tai tämän koneen nimi.
    Valitse toinen.
password-banned =
    Siinä on sana, joka on täällä kielletty:
    { $word }
    Valitse toinen.
password-blanks =
    Sen alussa tai lopussa on välilyönti.
    Ne katoavat siitä helposti. Valitse toinen.
password-keyboard =
    Se on näppäinrivi, joka on helppo arvata.
    Valitse toinen.
password-repeats =
    Se toistaa itseään ja on helppo arvata.
    Valitse toinen.
password-sequence =
    Se on sarja, kuten abc tai 1234.
    Se on helppo arvata. Valitse toinen.
password-date =
    Se on päivämäärä, joka on helppo arvata.
    Valitse toinen.
password-common =
    Se on hyvin yleinen tai lähellä sellaista.
    Valitse toinen.
password-word =
    Se on yksittäinen sana tai nimi.
    Se on helppo arvata. Yhdistä muutama sana.
password-weak =
    Se on helppo arvata.
    Tee siitä pidempi tai lisää sana.
password-same =
    Se on nykyinen salasanasi, joka on yhä voimassa.
    Valitse uusi.
password-refused =
    Tämä kone ei hyväksy sitä salasanaa:
    { $reason }
password-refused-there =
    Hakemisto ei hyväksy sitä salasanaa:
    { $reason }
password-short-there =
    Se on liian lyhyt hakemistolle.
    Valitse pidempi.
password-young =
    Se vaihdettiin hetki sitten.
    Hakemisto sallii seuraavan vaihdon myöhemmin.
not-changed =
    Mitään ei muutettu; entinen on yhä voimassa.
    Yritä myöhemmin uudelleen.
not-sure =
    Muutos ei ehkä mennyt läpi.
    Kokeile ensin uutta, sitten entistä.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Yksi avoin istunto päätettiin.
   *[other] { $n } avointa istuntoa päätettiin.
}
recover-ssh-keys = { $n ->
    [one] Yksi SSH-avain päästää yhä tilillesi; tarkista se.
   *[other] { $n } SSH-avainta päästää yhä tilillesi; tarkista.
}
recover-ssh-unseen = Joitakin SSH-avaimia ei voitu lukea; tarkista ne.
recover-refused-here =
    Muutos on tehty. Tämä kone ei näe sitä vielä:
    jos se torjuu sinut, yritä uudelleen muutaman minuutin kuluttua.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Liian monta väärää salasanaa on lukinnut tilin.
    Uusi salasana avaa lukituksen. Jos sittenkin muistat vanhan,
    kirjoita unlock ja kirjaudu sillä sisään.
unlock-prompt = Enter: uusi salasana, tai unlock: {""}
unlocked =
    Tilin lukitus on avattu. Kirjaudu sisään
    entisellä salasanallasi.
unlock-not-sure =
    Tili voi olla yhä lukittu.
    Kokeile entistä salasanaasi.
    Jos sitä ei hyväksytä, aloita alusta.

# --- registration
method-email = sähköposti
method-phone = puhelin, tekstiviestillä
method-app = todennussovellus puhelimessa
register-menu =
    Jos et joskus pääse kirjautumaan, koodi voi
    päästää sinut sisään. Minne se lähetetään?
register-menu-two =
    Jos et joskus pääse kirjautumaan, koodit voivat
    päästää sinut sisään. Tilisi vaatii näistä kaksi:
register-menu-more =
    Tilisi vaatii vielä yhden tavan siltä varalta,
    ettet joskus pääse kirjautumaan:
register-several = Tai useita, esimerkiksi: 1 2
register-helpdesk = Tai kirjoita code, jos käyttötuki antoi koodin.
register-menu-prompt = { $n ->
    [2] 1 tai 2
   *[other] 1, 2 tai 3
    } (Enter: ei nyt): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 tai 2
   *[other] 1, 2 tai 3
    }: {""}
register-email-only =
    Jos et joskus pääse kirjautumaan, sähköpostitse
    lähetetty koodi voi päästää sinut sisään. Rekisteröi siihen osoite.
register-phone-only =
    Jos et joskus pääse kirjautumaan, puhelimeen
    lähetetty koodi voi päästää sinut sisään. Rekisteröi siihen numero.
register-app-only =
    Jos et joskus pääse kirjautumaan, puhelimen
    todennussovellus voi päästää sinut sisään. Rekisteröi sellainen.
register-only-prompt = Rekisteröidäänkö nyt? Kirjoita y (Enter: ei nyt): {""}
register-only-prompt-mandatory = Rekisteröi nyt kirjoittamalla y: {""}
register-mandatory =
    Rekisteröintiä ei voi enää lykätä:
    ilman sitä kirjautuminen päättyy tähän.
register-denied = Kirjaudu uudelleen ja rekisteröidy.
register-not-now =
    Rekisteröinti ei toimi juuri nyt.
    Voit jatkaa, ja sinulta kysytään uudelleen.
register-by-hand = Rekisteröidy palautusta varten: sspr enroll
register-changed =
    Rekisteröintisi muuttui sillä välin.
    Mitään ei tallennettu. Aloita alusta.
register-email =
    Mikä sähköpostiosoite?
    Valitse sellainen, jota voit lukea kirjautumatta tänne.
register-phone = Mikä numero? Siihen lähetetään koodi tekstiviestinä.
email-prompt = Sähköpostiosoite (Enter: takaisin): {""}
number-prompt = Puhelinnumero (Enter: takaisin): {""}
registered =
    Valmis, olet rekisteröitynyt. Jos et joskus pääse
    kirjautumaan, paina kehotteessa vain Enter kirjoittamatta mitään.
app-scan = Skannaa tämä puhelimen todennussovelluksella.
app-beside = Ei kameraa? Kirjoita avain, aikapohjainen:
app-swap-beside = Ei lukukelpoinen? Kirjoita: swap
app-usage-picture = Kirjoita koodi tai: swap (värit), text (ei kuvaa), Enter (takaisin).
app-key = Lisää tili puhelimen todennussovellukseen.
app-key-lines =
    Tili: { $account } koneella { $host }
    Avaimen tyyppi: aikapohjainen, 6 numeroa

    {"    "}{ $key }
app-usage = Kirjoita koodi, jonka sovellus sitten näyttää, tai palaa painamalla Enter.
app-usage-key = Kirjoita sovelluksen koodi tai: picture (QR, { $lines } riviä), Enter (takaisin).
app-prompt = Koodi: {""}
app-wrong = Koodi ei ole oikein. { $left ->
        [one] Yksi yritys jäljellä.
       *[other] { $left } yritystä jäljellä.
    }
app-anew = Ei onnistunut. Poista sovelluksesta ja aloita alusta.
reconfirm = Tavoittaako sinut yhä näin?
reconfirm-prompt = y, jos kyllä, c, jos muutat (Enter: myöhemmin): {""}
too-quick = Se tuli liian nopeasti. Lue ensin tämä.
imported =
    Ylläpitäjäsi kirjasi tämän puolestasi, jotta koodi
    päästää sinut sisään, jos et joskus pääse kirjautumaan. Onko se sinun?
imported-prompt = y tai n (Enter: ei nyt): {""}
imported-prompt-mandatory = y, n tai later: {""}
codes-shown =
    Kymmenen palautuskoodia, kun muuta ei ole käsillä.
    Kukin päästää sinut sisään kerran, jos et pääse kirjautumaan.
codes-keep =
    Säilytä ne paperilla: niitä ei näytetä uudelleen.
    Uusia saat komennolla: sspr codes
codes-unseen =
    Sinulle tehtiin kymmenen palautuskoodia, joita et
    ehkä ole koskaan nähnyt. Haluatko uudet?
codes-off = Palautuskoodit eivät ole käytössä tällä koneella.
remove =
    Tämä poistaa kaiken, millä salasanasi voi palauttaa:
remove-prompt = Poista kirjoittamalla remove (Enter: säilytä): {""}
removed =
    Mitään ei ole enää rekisteröitynä.
    Voit rekisteröityä uudelleen komennolla: sspr enroll

# --- contacts that can't be taken
contact-empty = Mitään ei kirjoitettu.
contact-too-long = Se on liian pitkä.
email-no-at =
    Sähköpostiosoitteessa on @-merkki,
    kuten osoitteessa ann@example.org.
email-no-dot =
    @-merkin jälkeen on oltava täydellinen verkkotunnus,
    kuten osoitteessa ann@example.org.
email-several = Kirjoita vain yksi osoite.
email-display-name = Kirjoita pelkkä osoite ilman sulkeita.
email-bad-domain = @-merkin jälkeinen osa ei ole verkkotunnus.
email-bad-local = @-merkkiä edeltävä osa ei voi olla oikein.
email-not-ascii = Ennen @-merkkiä voi olla vain kirjaimia a-z.
number-not-one = Se ei ole puhelinnumero.
number-needs-country =
    Kirjoita se maatunnuksen kanssa,
    kuten +358 40 123 4567.
number-invalid =
    Sellaista numeroa ei ole.
    Tarkista numerot ja maatunnus.
email-refused-domain =
    Osoitetta palvelussa { $domain } ei voi käyttää:
    et ehkä pääse siihen, kun tarvitset sitä. Valitse toinen.
contact-known = Se on jo rekisteröity. Valitse toinen.
number-not-textable =
    Sellainen numero ei voi vastaanottaa tekstiviestejä.
    Valitse toinen.

# --- the command
enroll-password = Osoita ensin, että se olet sinä.
current-password-prompt = Nykyinen salasana: {""}
enroll-wrong-password =
    Se ei ole nykyinen salasanasi.
    Mitään ei muutettu.
enroll-not-served = Palvelu ei ole käytössä tällä tilillä.
enroll-unchanged = Mitään ei muutettu.
enroll-no-way =
    Mitään ei muutettu: siihen tarvitaan koodi.
    Jos et enää voi saada sellaista, ota yhteyttä käyttötukeen.
enroll-lost = Eikö mikään ole käsillä? Käyttötuki voi auttaa.
enroll-menu = Nämä päästävät sisään, jos et pääse kirjautumaan:
enroll-menu-nothing = Sisäänpääsyyn ei ole vielä rekisteröity mitään:
enroll-menu-missing =
    Nämä päästävät sisään, jos et pääse kirjautumaan.
    Tilisi vaatii vielä yhden, toisenlaisen:
enroll-menu-prompt = Numero (Enter, kun olet valmis): {""}
enroll-add-email = lisää sähköpostiosoite
enroll-add-phone = lisää puhelin
enroll-add-app = lisää todennussovellus
enroll-remove = poista
enroll-prefer = käytä ennen toista
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 tai 2
    } (Enter: takaisin): {""}
enroll-last =
    Se on ainoasi, eikä sitä voi poistaa.
    Lisää ensin toinen tai suorita: sspr remove
enroll-saved = Tallennettu.
line-email = sähköposti  { $contact }
line-phone = puhelin     { $contact }
line-app = todennussovellus
mark-preferred = (käytetään ensin)
mark-unconfirmed = (ei vielä vahvistettu)
status-nothing = Mitään ei ole rekisteröity. Suorita: sspr enroll
status-too-few =
    Tilisi vaatii vielä yhden, toisenlaisen.
    Suorita: sspr enroll
status-registered = Rekisteröity salasanan palautusta varten:
status-codes = Palautuskoodeja jäljellä: { $left }
status-confirmed = Viimeksi vahvistettu: { $date }
status-unconfirmed = Vahvistamattomista kysytään sinulta.
status-used = käytetty viimeksi: { $date }
status-unused = ei vielä käytetty
status-not-asked = Palautus ei kysy sitä nyt.
status-asks-one = Palautus kysyy yhtä näistä.
status-asks-two = Palautus kysyy näistä kahta, erilaista.

# --- the line in the shell of a user who is not registered
hint-enroll = Jos unohdat salasanasi: sspr enroll
hint-codes = Palautuskoodit odottavat sinua: sspr codes

# --- mail, text messages and calls
call-language = fi-FI
call-opening = Hei. Tässä on koodisi koneelle { $host }.
call-again = Vielä kerran, koodisi on:
call-closing = Näkemiin.
mail-code-subject = Koodisi koneelle { $host }
mail-code-recover =
    { $code } on koodi, jolla palautat tilin { $account } salasanan koneella { $host }.

    Se on voimassa klo { $until } asti. Kirjoita se sinne, missä pyysit sitä, äläkä anna sitä kenellekään.
    Jos et pyytänyt sitä, sinun ei tarvitse tehdä mitään: ilman koodia mitään ei tapahdu.
mail-code-register =
    { $code } on koodi, jolla rekisteröit tämän osoitteen tilille { $account } koneella { $host }.

    Se on voimassa klo { $until } asti. Kirjoita se sinne, missä pyysit sitä, äläkä anna sitä kenellekään.
    Jos et pyytänyt sitä, sinun ei tarvitse tehdä mitään.
mail-code-enroll =
    { $code } on koodi, jolla muutat tilin { $account } yhteystietoja koneella { $host }.

    Se on voimassa klo { $until } asti. Kirjoita se sinne, missä pyysit sitä, äläkä anna sitä kenellekään.
    Jos et pyytänyt sitä, joku tietää salasanasi. Vaihda se heti ja kerro asiasta ylläpitäjällesi.
mail-code-desk =
    { $code } on koodi, jota käyttötuki kysyy sinulta. Se koskee tiliä { $account } koneella { $host }.

    Se on voimassa klo { $until } asti. Lue se ääneen vain, jos soitit itse käyttötukeen: se osoittaa, kuka olet, eikä palauta mitään.
    Jos et soittanut, älä kerro koodia kenellekään ja ilmoita ylläpitäjälle.
text-code-desk = { $code } on koodi, jota käyttötuki kysyy tilistä { $account } koneella { $host }. Etkö soittanut itse? Älä anna sitä kenellekään.
text-code-enroll = { $code } on koodi, jolla muutat tilin { $account } yhteystietoja koneella { $host }. Et sinä? Vaihda salasanasi heti.
text-code-recover = { $code } on koodi, jolla palautat tilin { $account } salasanan koneella { $host }. Älä anna sitä kenellekään.
text-code-register = { $code } on koodi, jolla rekisteröit tämän numeron tilille { $account } koneella { $host }. Älä anna sitä kenellekään.
mail-recovered-subject = Tilin { $account } salasana koneella { $host } palautettiin
mail-recovered =
    Tilin { $account } salasana koneella { $host } palautettiin { $when }. Palvelu: { $service }, lähde: { $source }.

    Jos se olit sinä, sinun ei tarvitse tehdä mitään.
    Jos se et ollut sinä: palauta se heti uudelleen, jotta muut eivät pääse tilille, ja kerro asiasta ylläpitäjällesi.
text-recovered = Tilin { $account } salasana koneella { $host } palautettiin { $when }, lähde: { $source }. Et sinä? Palauta se heti ja kerro ylläpitäjälle.
mail-unlocked-subject = Tilin { $account } lukitus koneella { $host } avattiin
mail-unlocked =
    Liian monta väärää salasanaa oli lukinnut tilin { $account } koneella { $host }. Lukitus avattiin { $when }. Palvelu: { $service }, lähde: { $source }. Salasanaa ei vaihdettu.

    Jos se olit sinä, sinun ei tarvitse tehdä mitään.
    Jos se et ollut sinä: kerro asiasta ylläpitäjällesi.
text-unlocked = Tilin { $account } lukitus koneella { $host } avattiin { $when }, lähde: { $source }. Salasanaa ei vaihdettu. Et sinä? Kerro ylläpitäjälle.
mail-contact-changed-subject = Tilin { $account } yhteystietoja koneella { $host } muutettiin
mail-contact-changed =
    Tilin { $account } salasanan palautustapoja koneella { $host } muutettiin { $when }. Palvelu: { $service }, lähde: { $source }.

    { $change }

    Jos se olit sinä, sinun ei tarvitse tehdä mitään.
    Jos se et ollut sinä: vaihda salasanasi heti ja kerro asiasta ylläpitäjällesi.
text-contact-changed = Tilin { $account } salasanan palautus koneella { $host }: { $change } { $when }. Et sinä? Vaihda salasanasi ja kerro ylläpitäjälle.
text-about-email = sähköpostiosoite { $contact }
text-about-phone = puhelin { $contact }
text-about-app = todennussovellus
text-change-added = Lisätty: { $what }.
text-change-announced = Lisätään { $from } hakemistosta: { $what }.
text-change-removed = Poistettu: { $what }.
text-change-preferred = Käytetään tästä lähtien ensin: { $what }.
text-change-codes = On uudet palautuskoodit; vanhat eivät enää toimi.
text-change-everything = Poistettu: kaikki, mitä oli rekisteröity.
mail-test-subject = Testiviesti koneelta { $host }
mail-test =
    Tämä on testi sähköpostista, jota { $host } lähettää salasanan palautusta varten.
    Ylläpitäjä pyysi sitä. Siinä ei ole koodia, eikä sinun tarvitse tehdä mitään.
text-test = Testi koneelta { $host }: salasanan palautuksen tekstiviestit tulevat perille. Sinun ei tarvitse tehdä mitään.
text-source-shell = tämän koneen komentotulkki
mail-blocked-subject = Tilin { $account } palautus koneella { $host } on keskeytetty
mail-blocked =
    Tilille { $account } koneella { $host } annettiin liian monta väärää koodia. Viimeisin tuli { $when }. Palvelu: { $service }, lähde: { $source }.

    Tämän tilin salasanan palautus on keskeytetty joksikin aikaa. Salasanasi toimii kuten ennenkin.
    Jos se et ollut sinä, joku yritti päästä sisään. Mitään ei muutettu. Kerro asiasta ylläpitäjällesi.
text-blocked = Liian monta väärää koodia: { $account }, { $host }, viimeisin lähteestä { $source }. Palautus on keskeytetty joksikin aikaa. Salasanasi toimii kuten ennen. Et sinä? Kerro ylläpitäjälle.
mail-admin-recovered-subject = Ylläpitäjän { $account } salasana koneella { $host } palautettiin
mail-admin-recovered =
    Tilin { $account } salasana koneella { $host } palautettiin { $when }. Palvelu: { $service }, lähde: { $source }. Tili on ylläpitäjän.

    Jos { $account } ei tehnyt sitä: lukitse tili heti, esimerkiksi komennolla "usermod -L { $account }", ja tutki lokia.
mail-many-failures-subject = Paljon vääriä koodeja koneella { $host }
mail-many-failures =
    Tunnin aikana ennen hetkeä { $when } koneella { $host } annettiin enemmän vääriä koodeja kuin [limits] failed_proofs_per_hour sallii. Viimeisin: palvelu { $service }, lähde { $source }.

    Joku saattaa arvailla. Kullakin tilillä on oma rajansa, joten mitään ei tarvitse tehdä heti; "sspr admin audit" näyttää, mistä tileistä oli kyse ja mistä yritykset tulivat. Palautuksen vastaukset kestävät enintään sekunnin pidempään, kunnes se on ohi.
mail-failures-at-source-subject = Paljon vääriä koodeja yhdestä lähteestä koneella { $host }
mail-failures-at-source =
    Tunnin aikana ennen hetkeä { $when } yksi lähde antoi koneella { $host } enemmän vääriä koodeja kuin yksi lähde saa: enemmän kuin osuutensa arvosta [limits] failed_proofs_per_hour. Viimeisin: palvelu { $service }, lähde { $source }.

    Joku saattaa arvailla siellä. Kullakin tilillä on oma rajansa, joten mitään ei tarvitse tehdä heti; "sspr admin audit" näyttää, mistä tileistä oli kyse. Kunnes se on ohi, palautuksen vastaukset kestävät tälle lähteelle enintään sekunnin pidempään, muille eivät. Tällainen viesti tulee enintään kerran päivässä; muut lähteet ovat tapahtumalokissa.
