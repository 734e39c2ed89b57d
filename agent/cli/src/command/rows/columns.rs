//! The meaning of a file's columns. The known names are those of spreadsheets, of directories (Get-ADUser, csvde,
//! Entra) and of HR software. An unknown column is reported, and has to be mapped or ignored.

use super::names::{KNOWN, PASSED_OVER};
use sspr_core::typed;

/// The meaning of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The account.
    Name,
    /// The account as a principal of a directory: the part before the `@`.
    Principal,
    /// A mail address.
    Email,
    /// A telephone number.
    Phone,
}

impl Role {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "name" => Some(Self::Name),
            "email" => Some(Self::Email),
            "phone" => Some(Self::Phone),
            _ => None,
        }
    }

    /// The role that it counts as.
    pub(super) const fn plain(self) -> Self {
        match self {
            Self::Principal => Self::Name,
            role => role,
        }
    }

    /// Its word.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Name | Self::Principal => "name",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// The options of the command line about columns.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The meaning of columns.
    pub map: Vec<(String, Role)>,
    /// The columns to leave out; `*` for all unknown ones.
    pub ignore: Vec<String>,
}

impl Choice {
    /// `COLUMN=name`, `COLUMN=email` or `COLUMN=phone`.
    pub fn mapping(text: &str) -> Result<(String, Role), String> {
        let (column, field) = text.rsplit_once('=').ok_or("write it as COLUMN=name, COLUMN=email or COLUMN=phone")?;
        let role = Role::from_word(typed::word(field).as_str());
        let role = role.ok_or_else(|| format!("{field:?} is not one of: name, email, phone"))?;
        Ok((typed::argument(column), role))
    }

    /// Whether `heading` is to be left out, by its name.
    pub(super) fn ignores(&self, heading: &str) -> bool {
        self.ignore.iter().any(|name| same(name, heading))
    }

    fn ignores_all(&self) -> bool {
        self.ignore.iter().any(|name| name == "*")
    }
}

/// The use of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is read.
    As(Role, u8),
    /// It is left out.
    Out,
    /// Its meaning is unknown.
    Unknown,
}

/// The use of a column with this `heading`.
pub(super) fn meaning(heading: &str, choice: &Choice) -> Use {
    if let Some((_, role)) = choice.map.iter().find(|(name, _)| same(name, heading)) {
        return Use::As(*role, 0);
    }
    if choice.ignores(heading) {
        return Use::Out;
    }
    let key = key(heading);
    let mapped = |role: Role| choice.map.iter().any(|(_, mapped)| mapped.plain() == role.plain());
    match KNOWN.iter().find(|(name, ..)| *name == key) {
        // The administrator mapped another column.
        Some((_, role, _)) if mapped(*role) => Use::Out,
        Some((_, role, rank)) => Use::As(*role, *rank),
        None if key.is_empty() || PASSED_OVER.contains(&key.as_str()) || choice.ignores_all() => Use::Out,
        None => Use::Unknown,
    }
}

/// The roles of the columns of a table, `None` for those that are left out.
pub(super) fn assigned(headings: &[String], choice: &Choice) -> Result<Vec<Option<Role>>, String> {
    for (name, _) in &choice.map {
        let place = place(name, headings);
        let twice = headings.iter().filter(|heading| same(name, heading)).count() > 1;
        if twice || place.is_none() {
            let why = if twice { "occurs twice" } else { "does not exist" };
            return Err(format!("--map: a column {} {why}; there are {}", shown(name), listed(headings)));
        }
    }
    let mut uses: Vec<Use> = headings.iter().map(|heading| meaning(heading, choice)).collect();
    // A column can also be named by its number, for example if it has no heading.
    for (name, role) in &choice.map {
        if let Some(used) = place(name, headings).and_then(|place| uses.get_mut(place)) {
            *used = Use::As(*role, 0);
        }
    }
    let mut chosen = vec![None; headings.len()];
    for role in [Role::Name, Role::Email, Role::Phone] {
        let of_role = |used: &Use| match used {
            Use::As(found, rank) if found.plain() == role => Some((*found, *rank)),
            _ => None,
        };
        let Some(first) = uses.iter().filter_map(of_role).map(|(_, rank)| rank).min() else { continue };
        let best: Vec<usize> = (0..uses.len())
            .filter(|at| uses.get(*at).and_then(of_role).is_some_and(|(_, rank)| rank == first))
            .collect();
        if let [one, another, ..] = best.as_slice() {
            let called = |at: &usize| headings.get(*at).map(|heading| shown(heading)).unwrap_or_default();
            let (one, another) = (called(one), called(another));
            return Err(if one.eq_ignore_ascii_case(&another) {
                format!("there are two columns called {one}")
            } else {
                format!(
                    "the columns {one} and {another} can both be the {}; say which: --map {one}={}",
                    role.word(),
                    role.word()
                )
            });
        }
        for at in best {
            if let (Some(place), Some((found, _))) = (chosen.get_mut(at), uses.get(at).and_then(of_role)) {
                *place = Some(found);
            }
        }
    }
    let has = |role: Role| chosen.iter().flatten().any(|found: &Role| found.plain() == role);
    if !has(Role::Name) || !(has(Role::Email) || has(Role::Phone)) {
        let missing = if has(Role::Name) {
            "there is neither an address nor a number: no column \"email\" or \"phone\""
        } else {
            "there is no column \"name\" for the accounts"
        };
        return Err(format!(
            "{missing}. The first line has to name the columns; it has {}. Say which is which, such as: --map COLUMN=email",
            listed(headings)
        ));
    }
    let unknown: Vec<&String> =
        headings.iter().zip(&uses).filter(|(_, used)| **used == Use::Unknown).map(|(h, _)| h).collect();
    if let [first, ..] = unknown.as_slice() {
        let names: Vec<String> = unknown.iter().map(|heading| shown(heading)).collect();
        let out: Vec<String> = names.iter().map(|name| format!("--ignore {name}")).collect();
        let hint = near(first).map(|near| format!(" Is {} meant to be {near:?}?", shown(first))).unwrap_or_default();
        let (what, is) = if names.len() == 1 { ("the column", "is") } else { ("the columns", "are") };
        return Err(format!(
            "{what} {} {is} not known.{hint} To leave {} out: {}. To use one: --map COLUMN=email",
            names.join(", "),
            if names.len() == 1 { "it" } else { "them" },
            out.join(" ")
        ));
    }
    Ok(chosen)
}

/// `Err` if a mapped key is none of the `keys`: all its values would be lost.
pub(super) fn all_mapped(keys: &[String], choice: &Choice) -> Result<(), String> {
    let lacking = choice.map.iter().find(|(name, _)| !keys.iter().any(|key| same(name, key)));
    lacking.map_or(Ok(()), |(name, _)| {
        Err(if name.bytes().all(|b| b.is_ascii_digit()) {
            format!("--map: {name} is not a key; JSON has no columns to count, so name the key: {}", listed(keys))
        } else {
            format!("--map: a key {} does not exist; there are {}", shown(name), listed(keys))
        })
    })
}

/// The position of the column with this `name` or number.
fn place(name: &str, headings: &[String]) -> Option<usize> {
    if let Some(place) = headings.iter().position(|heading| same(name, heading)) {
        return Some(place);
    }
    let number = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    number.filter(|place| *place < headings.len())
}

/// A known name of which `heading` may be a typo.
pub(super) fn near(heading: &str) -> Option<&'static str> {
    let key = key(heading);
    let words = ["name", "username", "email", "mail", "phone", "mobile"];
    words.into_iter().find(|word| strsim::damerau_levenshtein(word, &key) == 1)
}

/// `heading` without case, blanks and signs. In Entra's template, `User name [userPrincipalName] Required`, the part in
/// brackets is the name.
fn key(heading: &str) -> String {
    let inner = heading.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or(heading, |(inner, _)| inner);
    typed::seen(inner).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn same(name: &str, heading: &str) -> bool {
    typed::word(name) == typed::word(heading) || (!key(name).is_empty() && key(name) == key(heading))
}

/// A heading in quotes. A wrong file may contain secrets, so only the beginning is shown.
pub(super) fn shown(heading: &str) -> String {
    let plain = |c: &char| c.is_alphanumeric() || " ;,_-@.()/[]".contains(*c);
    format!("\"{}\"", heading.chars().take_while(plain).take(32).collect::<String>())
}

fn listed(headings: &[String]) -> String {
    let first: Vec<String> = headings.iter().take(12).map(|heading| shown(heading)).collect();
    let more = if headings.len() > first.len() { ", ..." } else { "" };
    format!("{}{more}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assign(headings: &str, choice: &Choice) -> Result<Vec<Option<Role>>, String> {
        assigned(&headings.split(',').map(str::to_owned).collect::<Vec<_>>(), choice)
    }

    #[test]
    fn names_of_columns_are_known_as_programs_write_them_and_the_surest_of_several_counts() {
        use Role::{Email, Name, Phone, Principal};
        for (headings, want) in [
            ("Name,E-Mail,Phone", vec![Some(Name), Some(Email), Some(Phone)]),
            ("E-mail address,User Name", vec![Some(Email), Some(Name)]),
            ("Benutzername,E-Mail-Adresse,Handy", vec![Some(Name), Some(Email), Some(Phone)]),
            // Get-ADUser: Name is the display name in Outlook.
            (
                "DistinguishedName,Enabled,GivenName,Name,SamAccountName,Surname,UserPrincipalName,mail,mobile,telephoneNumber",
                vec![None, None, None, None, Some(Name), None, None, Some(Email), Some(Phone), None],
            ),
            // Entra's template for many users.
            (
                "Name [displayName] Required,User name [userPrincipalName] Required,Mobile phone [mobile]",
                vec![None, Some(Principal), Some(Phone)],
            ),
            ("ユーザー名,メールアドレス", vec![Some(Name), Some(Email)]),
            ("name,email,", vec![Some(Name), Some(Email), None]),
        ] {
            assert_eq!(assign(headings, &Choice::default()), Ok(want), "{headings}");
        }
    }

    #[test]
    fn what_is_not_clear_is_named_and_can_be_said() {
        let map = |words: &[&str]| words.iter().map(|word| Choice::mapping(word).unwrap()).collect::<Vec<_>>();
        for (headings, said) in [
            (
                "name,mail,email",
                "the columns \"mail\" and \"email\" can both be the email; say which: --map \"mail\"=email",
            ),
            ("name,email,Email", "two columns called \"email\""),
            (
                "name,email,cost centre,Kst.",
                "\"cost centre\", \"Kst.\" are not known. To leave them out: --ignore \"cost centre\"",
            ),
            ("name,phone,emial", "\"emial\" is not known. Is \"emial\" meant to be \"email\"?"),
            ("mail,phone", "no column \"name\""),
            ("name,cost centre", "neither an address nor a number"),
            ("alice,alice@example.org", "it has \"alice\", \"alice@example.org\""),
        ] {
            let why = assign(headings, &Choice::default()).unwrap_err();
            assert!(why.contains(said), "{why}");
        }
        let choice = Choice { map: map(&["mail=email"]), ignore: vec!["Cost Centre".into()] };
        assert_eq!(
            assign("name,mail,email,cost-centre", &choice),
            Ok(vec![Some(Role::Name), Some(Role::Email), None, None])
        );
        let choice = Choice { map: map(&["2=phone", "Kürzel=name"]), ignore: vec!["*".into()] };
        assert_eq!(assign("kürzel,??,what", &choice), Ok(vec![Some(Role::Name), Some(Role::Phone), None]));
        let choice = Choice { map: map(&["post=email"]), ..Choice::default() };
        assert!(
            assign("name,mail", &choice)
                .unwrap_err()
                .contains("--map: a column \"post\" does not exist; there are \"name\", \"mail\"")
        );
        for word in ["mail", "mail=post", "="] {
            Choice::mapping(word).unwrap_err();
        }
    }
}
