//! JSON of which only the wanted fields are kept, as they stand in the text.
//!
//! A body may be 25 MiB, and a tree of all its values ten times that. Hosts put a few fields among thousands, so the others are
//! passed over while reading; what is kept is bounded, and a text without escapes is not copied.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::domain::payload::Fault;

/// The names of the fields that any host's reader asks for.
const NAMES: &str = "absolute_url action actor after author before branch branches canon_url changes checkout_sha clone clone_url \
                      commits creator default_branch deleted deployment displayName display_name environment eventType forced fromHash \
                      full_name git_http_url git_ssh_url git_url hash head_commit homepage href html_url http_url id links \
                      login name new newObjectId nickname old oldObjectId path_with_namespace payload project push pushedBy pusher \
                      raw_node ref refId refUpdates remoteUrl repository resource sender sha ssh_url svn_url target task \
                      toHash type url user user_name user_username username web_url";

/// The same, to look them up: a push has hundreds of fields.
static WANTED: LazyLock<HashSet<&str>> = LazyLock::new(|| NAMES.split(' ').collect());

/// The most values that are kept; the largest push has about 2,048 commits.
const MOST: usize = 50_000;

/// A value, borrowed from the text where it stands there as it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    /// The fields in their order; of those with the same name the last counts.
    Object(Vec<(Cow<'a, str>, Self)>),
}

/// Reads JSON.
pub(super) fn read(text: &[u8]) -> Result<Json<'_>, Fault> {
    let text = std::str::from_utf8(text).map_err(|_| Fault::NotText)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let kept = Cell::new(0);
    let value = Keep { fields: Fields::Wanted, kept: &kept }.deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| Fault::NotJson(error.to_string()))
}

impl<'a> Json<'a> {
    /// The field of this name, if this is an object that has it.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What stands at `/a/b`: the field `b` of the object that is the field `a`.
    pub(super) fn at(&self, way: &str) -> Option<&Self> {
        way.split('/').skip(1).try_fold(self, |value, name| value.get(name))
    }

    /// The text that this is.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The list that this is.
    pub(super) fn as_list(&self) -> Option<&[Json<'a>]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The whole number, not below 0, that this is.
    pub(super) fn as_number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

impl From<&Json<'_>> for Value {
    fn from(value: &Json<'_>) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Number(number.clone()),
            Json::Text(text) => Self::String(text.to_string()),
            Json::List(list) => list.iter().map(Self::from).collect(),
            Json::Object(fields) => fields.iter().map(|(name, value)| (name.to_string(), Self::from(value))).collect(),
        }
    }
}

/// Which fields of objects are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fields {
    Wanted,
    /// Those of what somebody may get back as it came.
    All,
}

#[derive(Debug, Clone, Copy)]
struct Keep<'a> {
    fields: Fields,
    kept: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Keep<'_> {
    type Value = Json<'de>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json<'de>, D::Error> {
        self.kept.set(self.kept.get() + 1);
        if self.kept.get() > MOST {
            return Err(D::Error::custom("it holds too many values"));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keep<'_> {
    type Value = Json<'de>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }
    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json<'de>, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = fields.next_key_seed(self.fields)? {
            if let Some(name) = name {
                let inner = if name == "payload" { Fields::All } else { self.fields };
                let value = fields.next_value_seed(Self { fields: inner, ..self })?;
                object.push((name, value));
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Json::Object(object))
    }
}

/// Reads the name of a field; nothing if it is not kept.
impl<'de> DeserializeSeed<'de> for Fields {
    type Value = Option<Cow<'de, str>>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Fields {
    type Value = Option<Cow<'de, str>>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }
    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(self.keeps(name).then_some(Cow::Borrowed(name)))
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.keeps(name).then(|| Cow::Owned(name.to_owned())))
    }
}

impl Fields {
    fn keeps(self, name: &str) -> bool {
        self == Self::All || WANTED.contains(name)
    }
}
