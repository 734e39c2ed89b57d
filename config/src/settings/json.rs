//! The content of a request's body: any TOML value that JSON has, too.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

/// A value; its texts are templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Another number, by its bits.
    Real(u64),
    /// `true` or `false`.
    Truth(bool),
    /// `[...]`
    List(Vec<Json>),
    /// `{...}`
    Table(BTreeMap<String, Json>),
}

impl Default for Json {
    fn default() -> Self {
        Self::Table(BTreeMap::new())
    }
}

impl Json {
    /// Whether it has no content.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Table(table) if table.is_empty())
    }

    /// Each value without values inside, with its key.
    pub fn leaves(&self) -> Vec<(&str, &Self)> {
        let mut all = Vec::new();
        self.collect("", &mut all);
        all
    }

    /// Each text, with its key.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.leaves().into_iter().filter_map(|(key, value)| match value {
            Self::Text(text) => Some((key, text.as_str())),
            _ => None,
        })
    }

    fn collect<'a>(&'a self, key: &'a str, all: &mut Vec<(&'a str, &'a Self)>) {
        match self {
            Self::List(values) => values.iter().for_each(|value| value.collect(key, all)),
            Self::Table(table) => table.iter().for_each(|(key, value)| value.collect(key, all)),
            leaf => all.push((key, leaf)),
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl FromIterator<(String, Json)> for Json {
    fn from_iter<T: IntoIterator<Item = (String, Json)>>(pairs: T) -> Self {
        Self::Table(pairs.into_iter().collect())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Real(bits) => serializer.serialize_f64(f64::from_bits(*bits)),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            Self::List(values) => values.serialize(serializer),
            Self::Table(table) => table.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

struct Read;

/// The marker of a date in TOML's reader, which returns dates as a table with one key.
const DATE: &str = "$__toml_private_datetime";

impl<'de> Visitor<'de> for Read {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true, false, a list or a table")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Json, E> {
        i64::try_from(number).map(Json::Whole).map_err(|_| E::custom("this number is too large"))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Json, E> {
        if number.is_finite() {
            Ok(Json::Real(number.to_bits()))
        } else {
            Err(E::custom("JSON has no such number; write it in quotes"))
        }
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Truth(truth))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut table = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == DATE {
                return Err(de::Error::custom("JSON has no dates; write it in quotes"));
            }
            table.insert(key, map.next_value()?);
        }
        Ok(Json::Table(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Json, String> {
        #[derive(Deserialize)]
        struct Has {
            body: Json,
        }
        toml::from_str::<Has>(text).map(|has| has.body).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn every_value_of_toml_that_json_has_is_taken_and_comes_back_the_same() {
        let text = "body = { a = [\"{number}\", { b = { c = \"{text}\" } }], n = 7, r = 0.5, t = true, e = [] }\n";
        let body = read(text).unwrap();
        let keys: Vec<&str> = body.leaves().iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["a", "c", "n", "r", "t"]);
        assert_eq!(body.texts().collect::<Vec<_>>(), [("a", "{number}"), ("c", "{text}")]);
        let again = toml::to_string(&BTreeMap::from([("body", &body)])).unwrap();
        assert_eq!(read(&again).unwrap(), body);
        assert_eq!(read("body = [\"{to}\"]\n").unwrap(), Json::List(vec!["{to}".into()]));
        assert!(Json::default().is_empty() && !body.is_empty());
    }

    #[test]
    fn what_json_lacks_is_refused_with_the_way_out() {
        for text in ["body = { a = 2026-11-29 }", "body = { a = nan }", "body = [inf]"] {
            assert!(read(text).unwrap_err().contains("write it in quotes"), "{text}");
        }
    }
}
