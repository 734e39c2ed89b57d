//! Files as programs write them.

use super::*;

fn read(bytes: &[u8], choice: &Choice) -> Vec<(u64, String, String, String)> {
    let read = parse(bytes, choice).unwrap();
    assert_eq!(read.faults, []);
    read.rows.into_iter().map(|row| (row.line, row.name, row.email, row.phone)).collect()
}

fn rows(text: &[u8]) -> Vec<(u64, String, String, String)> {
    read(text, &Choice::default())
}

fn faults(text: &[u8]) -> (usize, Vec<(u64, String, String)>) {
    let read = parse(text, &Choice::default()).unwrap();
    let faults = read.faults.into_iter().map(|fault| (fault.line, fault.column, fault.reason)).collect();
    (read.rows.len(), faults)
}

fn row(line: u64, name: &str, email: &str, phone: &str) -> (u64, String, String, String) {
    (line, name.into(), email.into(), phone.into())
}

#[test]
fn csv_is_read_with_any_order_of_columns_quotes_crlf_bom_blanks_and_lines_between() {
    for text in [
        "name,email,phone\nalice,alice@example.org,\nbob,,090-1234-5678\n",
        "\u{feff}Phone,NAME,Email\r\n,alice,alice@example.org\r\n090-1234-5678,bob,\r\n",
        "name , email , phone\n alice ,alice@example.org ,\nbob,,\"090-1234-5678\"",
    ] {
        assert_eq!(
            rows(text.as_bytes()),
            [row(2, "alice", "alice@example.org", ""), row(3, "bob", "", "090-1234-5678")],
            "{text}"
        );
    }
    let text = "name,phone\n\n\"al\nice\",\"+81 \"\"90\"\"\"\nbob,1\n";
    assert_eq!(rows(text.as_bytes()), [row(3, "al\nice", "", "+81 \"90\""), row(5, "bob", "", "1")]);
}

#[test]
fn a_line_may_end_in_any_way() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("name,email{end}alice,a{end}{end}bob,b{end}");
        assert_eq!(rows(text.as_bytes()), [row(2, "alice", "a", ""), row(4, "bob", "b", "")], "{end:?}");
    }
}

/// Excel's files in five of its languages: as CSV, as CSV UTF-8, as Unicode text, and for programs that know `sep=`.
#[test]
fn what_excel_saves_is_read_in_every_language() {
    let utf_16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    let windows_1252 = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    let (english, german) = ("User name,E-mail,Mobile", "Benutzername;E-Mail-Adresse;Handy");
    let (french, spanish) = ("Identifiant;Courriel;Téléphone", "Usuario;Correo electrónico;Móvil");
    let japanese = "ユーザー名,メールアドレス,携帯電話";
    for (header, between) in [(english, ","), (german, ";"), (french, ";"), (spanish, ";"), (japanese, ",")] {
        let body = ["alice", "alice@example.org", "+81 90 1234 5678"].join(between);
        let text = format!("{header}\r\n{body}\r\n{between}{between}\r\nbob{between}bob@example.org\r\n");
        let tabs = text.replace(between, "\t");
        let mut files = vec![text.clone().into_bytes(), format!("\u{feff}{text}").into_bytes(), utf_16(&tabs)];
        if header != japanese {
            files.push(windows_1252(&text));
        }
        for file in files {
            let want = [row(2, "alice", "alice@example.org", "+81 90 1234 5678"), row(4, "bob", "bob@example.org", "")];
            assert_eq!(rows(&file), want, "{header}");
        }
        let sep = format!("sep={between}\r\n{text}");
        assert_eq!(rows(sep.as_bytes())[0], row(3, "alice", "alice@example.org", "+81 90 1234 5678"), "{header}");
    }
    assert_eq!(rows(b"sep=\t\nname\temail\na\tb@c.org\n"), [row(3, "a", "b@c.org", "")]);
}

#[test]
fn what_powershell_and_directories_export_is_read() {
    // Windows PowerShell 5: Get-ADUser -Properties mail, mobile | Export-Csv
    let five = "#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser\r\n\
                \"DistinguishedName\",\"Enabled\",\"GivenName\",\"mail\",\"mobile\",\"Name\",\"ObjectClass\",\"ObjectGUID\",\
                \"SamAccountName\",\"SID\",\"Surname\",\"UserPrincipalName\"\r\n\
                \"CN=Alice Doe,OU=People,DC=example,DC=org\",\"True\",\"Alice\",\"alice@example.org\",\"+81 90 1234 5678\",\
                \"Alice Doe\",\"user\",\"6f1c\",\"alice\",\"S-1-5-21-1\",\"Doe\",\"alice@example.org\"\r\n";
    assert_eq!(rows(five.as_bytes()), [row(3, "alice", "alice@example.org", "+81 90 1234 5678")]);
    // PowerShell 7 writes no type line; with -NoTypeInformation, neither does 5.
    let seven = five.split_once("\r\n").unwrap().1;
    assert_eq!(rows(seven.as_bytes()), [row(2, "alice", "alice@example.org", "+81 90 1234 5678")]);
    // csvde -f people.csv -l sAMAccountName,mail,mobile
    let csvde =
        "DN,sAMAccountName,mail,mobile\n\"CN=Alice,DC=example,DC=org\",alice,X'616c696365406578616d706c652e6f7267',\n";
    assert_eq!(rows(csvde.as_bytes()), [row(2, "alice", "alice@example.org", "")]);
    // Entra: the template for many users at once, with its example.
    let entra = "version:v1.0\r\nName [displayName] Required,User name [userPrincipalName] Required,\
                 Initial password [passwordProfile] Required,Block sign in (Yes/No) [accountEnabled] Required,\
                 First name [givenName],Usage location [usageLocation],Office phone [telephoneNumber],Mobile phone [mobile]\r\n\
                 Example: Chris Green,chris@contoso.com,myPassword1234,No,Chris,US,+1 650 253 0000,+1 650 253 0000\r\n\
                 Alice Doe,alice@example.org,a secret,No,Alice,JP,,+81 90 1234 5678\r\n";
    assert_eq!(rows(entra.as_bytes()), [row(4, "alice", "", "+81 90 1234 5678")]);
    // Get-ADUser | ConvertTo-Json, in 5 and in 7; az ad user list.
    let json = "[\r\n    {\r\n        \"SamAccountName\":  \"alice\",\r\n        \"mail\":  \"alice@example.org\",\r\n\
                \"mobile\":  819012345678,\r\n        \"PropertyCount\":  3\r\n    },\r\n    {\r\n        \
                \"SamAccountName\": \"bob\", \"mail\": null,\r\n  \"mobile\": \"+81 90 8765 4321\", \"Enabled\": true }\r\n]";
    assert_eq!(
        rows(json.as_bytes()),
        [row(2, "alice", "alice@example.org", "819012345678"), row(8, "bob", "", "+81 90 8765 4321")]
    );
    let az = "[{\"userPrincipalName\":\"alice@example.org\",\"mail\":\"a@example.org\",\"businessPhones\":[\"+81 3 1234 5678\"]},\
              {\"userPrincipalName\":\"bob@example.org\",\"mail\":\"b@example.org\",\"businessPhones\":[]}]";
    assert_eq!(
        rows(az.as_bytes()),
        [row(1, "alice", "a@example.org", "+81 3 1234 5678"), row(1, "bob", "b@example.org", "")]
    );
    // Which names are only parts of principal names is passed on.
    for (text, principal) in [(five, false), (entra, true), (json, false), (az, true)] {
        let read = parse(text.as_bytes(), &Choice::default()).unwrap().rows;
        assert!(read.iter().all(|row| row.principal == principal), "{text}");
    }
    let one = "{\n  \"Name\": \"alice\",\n  \"EmailAddress\": \"alice@example.org\"\n}\n";
    assert_eq!(rows(one.as_bytes()), [row(1, "alice", "alice@example.org", "")]);
}

#[test]
fn what_a_program_for_personnel_exports_is_read_once_its_columns_are_said() {
    let text = "Employee ID,First name,Last name,Login name,Work email,Mobile phone,Cost centre\n\
                17,Alice,Doe,alice,alice@example.org,+81 90 1234 5678,R&D\n";
    let why = parse(text.as_bytes(), &Choice::default()).unwrap_err();
    assert!(why.contains("\"Cost centre\" is not known") && why.contains("--ignore \"Cost centre\""), "{why}");
    let choice = Choice { ignore: vec!["cost centre".into()], ..Choice::default() };
    assert_eq!(read(text.as_bytes(), &choice), [row(2, "alice", "alice@example.org", "+81 90 1234 5678")]);
    let parsed = parse(text.as_bytes(), &choice).unwrap();
    assert_eq!(parsed.left_out, ["Employee ID", "First name", "Last name", "Cost centre"]);
    assert_eq!(
        parsed.headings.described().unwrap(),
        "name from \"Login name\", email from \"Work email\", phone from \"Mobile phone\""
    );
}

#[test]
fn json_lines_are_read_with_missing_and_null_fields_and_keys_in_any_case() {
    let text = "\u{feff}\n{\"name\":\"alice\",\"email\":\"alice@example.org\"}\r\n\n\
                {\"Phone\":\"1\",\"NAME\":\"bob\",\"email\":null}";
    assert_eq!(rows(text.as_bytes()), [row(2, "alice", "alice@example.org", ""), row(4, "bob", "", "1")]);
}

#[test]
fn a_row_that_can_not_be_read_is_named_by_line_and_column_and_the_others_are_read() {
    let long = "x".repeat(FIELD_MAX + 1);
    let text = format!("name,e-mail\nalice\nbob,b@example.org,1\ndave,{long}\nerin,e@example.org\n");
    let (read, found) = faults(text.as_bytes());
    assert_eq!(read, 2, "a last field may be missing");
    assert_eq!(found[0].0, 3);
    assert!(found[0].2.contains("field 3 has no column") && found[0].2.contains("a comma in it"), "{found:?}");
    assert_eq!(found[1], (4, "e-mail".into(), "email: too long".into()));
    let (_, found) = faults("name;Mobil\nalice;4,47911E+11\n".as_bytes());
    assert!(found[0].1 == "Mobil" && found[0].2.contains("rounded the number to 4,47911E+11"), "{found:?}");

    let (read, found) = faults(
        b"{\"name\":\"alice\"}\n{\"name\":\"bob\",\"post\":\"x\"}\n{\"name\":{}}\n[1]\n{\"name\":\n{\"name\":\"c\",\"phone\":7}",
    );
    assert_eq!(read, 2);
    let found: Vec<_> = found.iter().map(|(line, column, why)| (*line, column.as_str(), why.as_str())).collect();
    assert_eq!(found[0], (2, "post", "the key \"post\" is not known. To leave it out: --ignore \"post\""));
    assert_eq!(found[1], (3, "name", "name: neither text nor a number"));
    assert_eq!(found[2], (4, "", "not a JSON object"));
    assert!(found[3].0 == 5 && found[3].2.contains("closed"), "{found:?}");
    let (read, found) = faults(b"[{\"name\":\"alice\"},\n 7,\n{\"name\":\"bob\"},\n{\"name\":");
    assert_eq!((read, found.iter().map(|f| f.0).collect::<Vec<_>>()), (2, vec![2, 4]));
}

#[test]
fn what_is_no_such_file_at_all_is_said() {
    for (text, said) in [
        (b"".as_slice(), "is empty"),
        (b"\n \n", "is empty"),
        (b"PK\x03\x04", "is a workbook"),
        (b"name\0\0\0\0", "CSV UTF-8"),
        (b"name,email\n", "no rows"),
        (b"name,post\na,b\n", "no column \"email\" or \"phone\""),
        (b"alice,alice@example.org\n", "no column \"name\""),
        (b"name,email,Email\n", "two columns called \"email\""),
        (b"email,phone\n", "no column \"name\""),
        (b"name\nalice\n", "neither an address nor a number"),
        (b"dn: CN=Alice,DC=example,DC=org\nmail: a@example.org\n", "none has a uid or a sAMAccountName"),
        (b"{\"value\":[{\"mail\":\"a\"}]}", "the rows are in \"value\""),
        (b"{\"@odata.context\":\"x\",\"value\":[{\"mail\":\"a\"}]}", "the rows are in \"value\""),
        (b"name,email,\"phone\na,b,1\n", "a quote is not closed"),
        // Japanese, as Excel's "CSV" there.
        (b"\x83\x86\x81[\x83U\x81[\x96\xbc,\x83\x81\x81[\x83\x8b\r\na,b@example.org\r\n", "save it as \"CSV UTF-8\""),
    ] {
        let error = parse(text, &Choice::default()).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_field_of_a_file_that_is_not_utf_8_is_said_with_the_way_out() {
    let (_, found) = faults(b"name,phone\nb\xe4rbel,1E+11\n");
    assert!(found[0].2.contains("read as Windows-1252; save it as \"CSV UTF-8\""), "{found:?}");
}

/// As Excel writes "CSV" in Japan, China and Russia.
#[test]
fn of_a_file_in_an_encoding_of_another_script_what_is_ascii_is_read_and_the_rest_is_a_fault_that_names_it() {
    // 鈴木, 田中 in a column that is left out; then full-width digits, and a name in Han.
    let japanese =
        b"name,full name,mobile\nsuzuki,\x97\xe9\x96\xd8,+81 90 1234 5678\ntanaka,\x93c\x92\x86,\x82O\x82X\x82O\n\
                     \x91\xe5\x90\xec,\x91\xe5\x90\xec,+81 90 1234 5679\n";
    let (read, found) = faults(japanese);
    assert_eq!(read, 1);
    let places: Vec<_> = found.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
    assert_eq!(places, [(3, "mobile"), (4, "name")]);
    assert!(found.iter().all(|(.., why)| why.contains("Shift-JIS (CP932); save it as \"CSV UTF-8\"")), "{found:?}");
    let (_, found) = faults(b"name,phone\nivan,\xf2\xe5\xeb. 12\npetr,+79161234567\n");
    assert!(found.len() == 1 && found[0].2.contains("neither UTF-8 nor Windows-1252"), "{found:?}");
    let header = b"\x83\x86\x81[\x83U\x81[\x96\xbc,mail\r\na,b@example.org\r\n";
    let why = parse(header, &Choice::default()).unwrap_err();
    assert!(why.contains("Shift-JIS (CP932)"), "{why}");
    let mut reader = Reader::of(Box::new(japanese.as_slice()), &Choice::default()).unwrap();
    assert_eq!(reader.next(9).unwrap().unwrap().rows.len(), 1);
    assert!(reader.doubt().unwrap().contains("Shift-JIS"));
}

#[test]
fn a_number_in_letters_that_were_guessed_is_taken_and_it_is_said_how_the_file_was_read() {
    let file = b"name,full name,phone\nandre,Andr\xe9,+33\xa06 12 34 56 78\n";
    assert_eq!(rows(file), [row(2, "andre", "", "+33\u{a0}6 12 34 56 78")]);
    let mut reader = Reader::of(Box::new(file.as_slice()), &Choice::default()).unwrap();
    reader.next(9).unwrap();
    assert_eq!(reader.doubt(), Some("the file is not UTF-8; it was read as Windows-1252"));
    let mut reader = Reader::of(Box::new("name,phone\né,1\n".as_bytes()), &Choice::default()).unwrap();
    reader.next(9).unwrap();
    assert_eq!(reader.doubt(), None);
}

/// A UTF-8 file into which a program has put bytes in another encoding, far from the beginning.
#[test]
fn a_letter_that_is_lost_is_a_fault_of_its_own_line_where_it_matters() {
    let rows: Vec<String> = (0..20_000).map(|n| format!("user{n},Zoë,user{n}@example.org\n")).collect();
    let file = [
        b"name,full name,email\n".as_slice(),
        rows.concat().as_bytes(),
        b"joerg,J\xf6rg,j@example.org\nanna,Anna,\xe4@example.org\n",
    ]
    .concat();
    let (read, found) = faults(&file);
    assert_eq!((read, found.len()), (20_001, 1));
    assert!(found[0].0 == 20_003 && found[0].1 == "email" && found[0].2.contains("is lost"), "{found:?}");
}

#[test]
fn an_address_whose_letters_are_guessed_is_not_taken() {
    let (read, found) = faults(b"name,E-Mail\nbob,b@example.org\nalice,\xe4@example.org\n");
    assert_eq!((read, found.len(), found[0].0, found[0].1.as_str()), (1, 1, 3, "E-Mail"));
    assert!(found[0].2.contains("not certain") && found[0].2.contains("save it as \"CSV UTF-8\""), "{found:?}");
    assert_eq!(rows("name,email\nalice,ä@example.org\n".as_bytes()), [row(2, "alice", "ä@example.org", "")]);
}

/// As pandas and R write a column of numbers that has gaps, in CSV and in JSON.
#[test]
fn a_number_that_a_program_took_for_a_quantity_is_a_fault() {
    let (read, found) = faults(b"name,phone\nalice,491711234567.0\nbob,\ncarol,+81 90 1234 5678\n");
    assert_eq!((read, found.len(), found[0].0), (2, 1, 2));
    let (read, found) = faults(
        b"{\"name\":\"a\",\"phone\":8.19e11}\n{\"name\":\"b\",\"phone\":1711234567.0}\n{\"name\":\"c\",\"phone\":null}",
    );
    assert_eq!((read, found.len()), (1, 2));
    assert!(found.iter().all(|fault| fault.2.contains("write it as text")), "{found:?}");
}

#[test]
fn a_quote_that_is_not_closed_is_said_and_not_a_field_with_breaks_or_quotes_in_it() {
    let fine = "name,email,description\nalice,a@b.c,\"12 Street, Floor 2\nTown, Land\"\nbob,b@b.c,\"says \"\"hi, you\"\"\" \n\n\
                carol,c@b.c,5\"\ndave,d@b.c,\"5\"\"\"\n";
    let names: Vec<_> = rows(fine.as_bytes()).into_iter().map(|row| row.1).collect();
    assert_eq!(names, ["alice", "bob", "carol", "dave"]);
    for text in [
        // To the end of the file.
        "alice,a@b.c,\"x\nbob,b@b.c,y\n",
        // To the quote that opens another field.
        "alice,a@b.c,\"x\nbob,b@b.c,\"y\"\n",
        "\"alice\",\"a@b.c\",\"x\n\"bob\",\"b@b.c\",\"y\"\n",
        // To one that closes another.
        "alice,a@b.c,\"x\nbob,b@b.c,y\"\ncarol,c@b.c,z\n",
        "alice,\"a@b.c,x\nbob,b@b.c\",y\n",
    ] {
        let (_, found) = faults(format!("name,email,description\ndave,d@b.c,\n{text}").as_bytes());
        assert!(found.len() == 1 && found[0].0 == 3 && found[0].2.contains("not to be closed"), "{text}: {found:?}");
    }
    let long = format!("name,email,description\nalice,a@b.c,\"{}\n\"\n", "x".repeat(FIELD_MAX));
    assert_eq!(faults(long.as_bytes()).1.len(), 1);
}

#[test]
fn a_long_field_that_has_swallowed_others_of_its_line_is_a_fault_and_one_that_lacks_none_is_fine() {
    let words = "on the left, behind the door, ".repeat(30);
    let torn = format!("name,description,email\nbob,x,b@b.c\nalice,\"{words},a@b.c\"\n");
    let (read, found) = faults(torn.as_bytes());
    assert!(read == 1 && found[0].0 == 3 && found[0].1 == "description", "{found:?}");
    assert!(
        found[0].2.contains("a quote seems not to be closed") && found[0].2.contains("fields may be lost"),
        "{found:?}"
    );
    let fine = format!("name,description,email\nalice,\"{words}\",a@b.c\n");
    assert_eq!(rows(fine.as_bytes()), [row(2, "alice", "a@b.c", "")]);
    let last = format!("name,email,description,phone\nalice,a@b.c,\"Floor 2, left\"\n{}", "bob,b@b.c,x,\n");
    assert_eq!(rows(last.as_bytes()).len(), 2);
}

#[test]
fn a_quote_that_no_other_closes_ends_the_reading_before_the_memory_does() {
    let rest = "bob,b@b.c,x\n".repeat(300_000);
    let text = format!("name,email,description\ndave,d@b.c,\nalice,a@b.c,\"x\n{rest}");
    let (read, found) = faults(text.as_bytes());
    assert!(read == 1 && found.len() == 1 && found[0].0 == 3 && found[0].1 == "description", "{found:?}");
    assert!(found[0].2.contains("not to be closed") && found[0].2.contains("the file was not read"), "{found:?}");
    let text = format!("[{{\"name\":\"a\"}},\n{{\"name\":\"b\",\n{}", "\"x\":1,\n".repeat(300_000));
    let (read, found) = faults(text.as_bytes());
    assert!(read == 1 && found.len() == 1 && found[0].0 == 2 && found[0].2.contains("closed"), "{found:?}");
    assert!(found[0].2.contains("the file was not read"), "{found:?}");
}

/// `ldapsearch -LLL`, `ldapsearch`, and `ldifde -f people.ldf`.
#[test]
fn ldif_is_read_as_directories_write_it() {
    let openldap = "dn: ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: people\n\n\
                    dn: uid=alice,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\n\
                    uid: alice\ncn:: w4RsaWNl\nmail: alice@exam\n ple.org\nmobile: +81 90 1234 5678\nuidNumber: 1000\n\
                    userPassword:: e1NTSEF9eA==\njpegPhoto:: /9j/4AAQ\n SkZJRg==\n\n\
                    # bob\ndn:: dWlkPWJvYg==\nuid: bob\nmail:: w6RAZXhhbXBsZS5vcmc=\n";
    let want = [row(5, "alice", "alice@example.org", "+81 90 1234 5678"), row(19, "bob", "ä@example.org", "")];
    assert_eq!(rows(openldap.as_bytes()), want);
    let crlf = openldap.replace('\n', "\r\n");
    assert_eq!(rows(crlf.as_bytes()), want);
    let parsed = parse(openldap.as_bytes(), &Choice::default()).unwrap();
    assert_eq!(parsed.headings.described().unwrap(), "name from \"uid\", email from \"mail\", phone from \"mobile\"");
    assert!(parsed.left_out.contains(&"userPassword".to_owned()), "{:?}", parsed.left_out);
    let search = "# extended LDIF\n#\n# LDAPv3\n#\n\n# alice, example.org\ndn: uid=alice\nuid: alice\nmail: a@b.c\n\n\
                  # search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 2\n# numEntries: 1\n";
    assert_eq!(rows(search.as_bytes()), [row(7, "alice", "a@b.c", "")]);
    // Active Directory: computers and groups have a sAMAccountName too.
    let ad = "dn: CN=Alice Doe,OU=People,DC=example,DC=org\r\nchangetype: add\r\nobjectClass: top\r\nobjectClass: user\r\n\
              cn: Alice Doe\r\nsAMAccountName: alice\r\nuserPrincipalName: a.doe@example.org\r\nmail: alice@example.org\r\n\
              telephoneNumber: +81 3 1234 5678\r\nmobile: +81 90 1234 5678\r\n\r\n\
              dn: CN=PC1,DC=example,DC=org\r\nchangetype: add\r\nobjectClass: user\r\nobjectClass: computer\r\nsAMAccountName: PC1$\r\n\r\n\
              dn: CN=Staff,DC=example,DC=org\r\nchangetype: add\r\nobjectClass: group\r\nsAMAccountName: Staff\r\nmail: s@example.org\r\n";
    assert_eq!(rows(ad.as_bytes()), [row(1, "alice", "alice@example.org", "+81 90 1234 5678")]);
    let unicode = [0xff, 0xfe].into_iter().chain(ad.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>();
    assert_eq!(rows(&unicode).len(), 1);
}

#[test]
fn what_is_wrong_in_ldif_is_named_by_the_line_of_its_entry_and_its_attribute() {
    let text = b"dn: uid=a\nuid: a\nmail: a@b.c\nmail: d@b.c\n\ndn: uid=b\nuid: b\nmobile:< file:///b\n\n\
                 dn: uid=c\nchangetype: modify\nreplace: mail\nmail: c@b.c\n-\n\ndn: uid=d\nuid: d\nmail:: %%%\n\ndn: uid=e\nuid: e\nmail: e@b.c\n";
    let (good, found) = faults(text);
    let found: Vec<_> = found.iter().map(|(line, column, why)| (*line, column.as_str(), why.as_str())).collect();
    assert_eq!(good, 1);
    assert_eq!(
        found.iter().map(|f| (f.0, f.1)).collect::<Vec<_>>(),
        [(1, "mail"), (6, "mobile"), (10, ""), (16, "mail")]
    );
    assert!(found[0].2.contains("a list of several") && found[2].2.contains("changes an entry"), "{found:?}");
    let other = b"dn: cn=a\nlogin-id: a\nmail: a@b.c\n";
    let choice = Choice { map: vec![Choice::mapping("login-id=name").unwrap()], ignore: Vec::new() };
    assert_eq!(read(other, &choice), [row(1, "a", "a@b.c", "")]);
}

#[test]
fn what_is_said_of_keys_that_json_does_not_have_is_no_slip_to_pass_over() {
    let text = b"{\"name\":\"alice\",\"mail\":\"a@example.org\"}\n{\"name\":\"bob\",\"Post\":\"b@example.org\"}";
    let parsed =
        |map: &str| parse(text, &Choice { map: vec![Choice::mapping(map).unwrap()], ignore: vec!["post".into()] });
    let why = parsed("e-post=email").unwrap_err();
    assert!(why.contains("a key \"e-post\" does not exist; there are \"mail\", \"name\", \"Post\""), "{why}");
    assert!(parsed("2=email").unwrap_err().contains("no columns to count"));
    // It is enough that some rows have it.
    let some = parsed("post=email").unwrap();
    assert_eq!(
        (some.rows.len(), some.rows[1].email.as_str(), some.left_out),
        (2, "b@example.org", vec!["mail".into()])
    );
}

#[test]
fn of_several_keys_of_json_the_surest_counts_be_it_empty_and_the_others_are_left_out() {
    let text = b"[{\"Name\":{},\"SamAccountName\":\"alice\",\"businessPhones\":[\"1\",\"2\"],\"mobile\":\"+81 90 1234 5678\"},\
                 {\"SamAccountName\":\"bob\",\"mobile\":null,\"telephoneNumber\":\"+81 3 1234 5678\"}]";
    let parsed = parse(text, &Choice::default()).unwrap();
    assert_eq!(parsed.faults, []);
    let read: Vec<_> = parsed.rows.iter().map(|row| (row.name.as_str(), row.phone.as_str())).collect();
    assert_eq!(read, [("alice", "+81 90 1234 5678"), ("bob", "")]);
    assert_eq!(parsed.headings.described().unwrap(), "name from \"SamAccountName\", phone from \"mobile\"");
    assert_eq!(parsed.left_out, ["Name", "businessPhones", "telephoneNumber"]);
    // The same rule, in a table.
    assert_eq!(rows(b"name,mobile,telephone\nbob,,+81 3 1234 5678\n"), [row(2, "bob", "", "")]);
    let (_, found) = faults(b"{\"name\":\"a\",\"mail\":\"a@b.c\",\"Email\":\"d@b.c\"}");
    assert!(found[0].2.contains("email occurs twice"), "{found:?}");
}

#[test]
fn a_row_of_json_may_have_lists_of_objects() {
    let graph =
        b"[{\"userPrincipalName\":\"alice@example.org\",\"mail\":\"a@b.c\",\"identities\":[{\"issuer\":\"x\"}],\
                  \"assignedLicenses\":[{\"skuId\":\"y\"}]}]";
    assert_eq!(rows(graph), [row(1, "alice", "a@b.c", "")]);
    let (_, found) = faults(b"{\"name\":\"a\",\"mail\":\"a@b.c\",\"groups\":[{\"x\":1}]}");
    assert!(found[0].2.contains("--ignore \"groups\""), "{found:?}");
    let choice = Choice { ignore: vec!["groups".into()], ..Choice::default() };
    assert_eq!(faults(b"{\"mail\":\"a@b.c\",\"identities\":[{\"x\":1}]}").0, 1);
    assert!(parse(b"{\"mail\":\"a@b.c\",\"groups\":[{\"x\":1}]}", &choice).unwrap().rows.len() == 1);
}

#[test]
fn a_hundred_thousand_rows_are_read_in_a_moment() {
    let lines = (0..100_000).map(|n| format!("user{n},user{n}@example.org"));
    let text = std::iter::once("name,email".to_owned()).chain(lines).collect::<Vec<_>>().join("\n");
    let parsed = parse(text.as_bytes(), &Choice::default()).unwrap();
    assert_eq!((parsed.rows.len(), parsed.faults.len(), parsed.rows[99_999].line), (100_000, 0, 100_001));
}
