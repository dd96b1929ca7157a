//! JSON of which only the wanted fields are kept, and their values by name.
//!
//! A body may be 25 MB, and a tree of all its values ten times that. Hosts put a few fields among thousands, so the others are
//! passed over while reading; what is kept is bounded.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

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

/// Reads JSON.
pub(super) fn read(text: &[u8]) -> Result<Value, Fault> {
    let text = std::str::from_utf8(text).map_err(|_| Fault::NotText)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let kept = Cell::new(0);
    let value = Keep { fields: Fields::Wanted, kept: &kept }.deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| Fault::NotJson(error.to_string()))
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
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.kept.set(self.kept.get() + 1);
        if self.kept.get() > MOST {
            return Err(D::Error::custom("it holds too many values"));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keep<'_> {
    type Value = Value;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key_seed(self.fields)? {
            if let Some(name) = name {
                let inner = if name == "payload" { Fields::All } else { self.fields };
                let value = fields.next_value_seed(Self { fields: inner, ..self })?;
                object.insert(name, value);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Value::Object(object))
    }
}

/// Reads the name of a field; nothing if it is not kept.
impl<'de> DeserializeSeed<'de> for Fields {
    type Value = Option<String>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Fields {
    type Value = Option<String>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((self == Self::All || WANTED.contains(name)).then(|| name.to_owned()))
    }
}

/// An object in a body, with the way to it for messages.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Part<'a> {
    /// The whole body.
    pub(super) fn whole(value: &'a Value) -> Result<Self, Fault> {
        if value.is_object() { Ok(Self { value, path: String::new() }) } else { Err(Fault::NotAnObject) }
    }

    /// The way to a field of it.
    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// That a field is of another type.
    pub(super) fn wrong(&self, name: &str, wanted: &'static str) -> Fault {
        Fault::Wrong { path: self.path_of(name), wanted }
    }

    fn needed(&self, name: &str) -> Result<&'a Value, Fault> {
        self.value.get(name).ok_or_else(|| Fault::Missing(self.path_of(name)))
    }

    /// An object that is needed.
    pub(super) fn object(&self, name: &str) -> Result<Self, Fault> {
        let value = self.needed(name)?;
        if value.is_object() {
            Ok(Self { value, path: self.path_of(name) })
        } else {
            Err(self.wrong(name, "an object"))
        }
    }

    /// An object that may be missing or null.
    pub(super) fn object_if_any(&self, name: &str) -> Result<Option<Self>, Fault> {
        if self.has(name) { self.object(name).map(Some) } else { Ok(None) }
    }

    /// The objects of a list that is needed.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, Fault> {
        let list = self.needed(name)?.as_array().ok_or_else(|| self.wrong(name, "a list"))?;
        let parts = list.iter().enumerate().map(|(at, value)| {
            let path = format!("{}[{at}]", self.path_of(name));
            if value.is_object() { Ok(Self { value, path }) } else { Err(Fault::Wrong { path, wanted: "an object" }) }
        });
        parts.collect()
    }

    /// A text that is needed.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, Fault> {
        self.needed(name)?.as_str().ok_or_else(|| self.wrong(name, "a text"))
    }

    /// A text that may be missing or null.
    pub(super) fn text_if_any(&self, name: &str) -> Result<Option<&'a str>, Fault> {
        if self.has(name) { self.text(name).map(Some) } else { Ok(None) }
    }

    /// A number that is needed.
    pub(super) fn number(&self, name: &str) -> Result<u64, Fault> {
        self.needed(name)?.as_u64().ok_or_else(|| self.wrong(name, "a whole number"))
    }

    /// Any value; null if it is missing.
    pub(super) fn any(&self, name: &str) -> Value {
        self.value.get(name).cloned().unwrap_or_default()
    }

    /// Whether a field is there and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether a field is `true`; whatever else it may be does not matter.
    pub(super) fn says(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether a field is an empty list; whatever else it may be does not matter.
    pub(super) fn is_empty_list(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_array).is_some_and(Vec::is_empty)
    }

    /// A text at `/a/b` that is good to have; whatever else stands there does not matter.
    pub(super) fn hint(&self, pointer: &str) -> Option<&'a str> {
        self.value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The first of several such texts.
    pub(super) fn first_hint(&self, pointers: &[&str]) -> Option<String> {
        pointers.iter().find_map(|pointer| self.hint(pointer)).map(str::to_owned)
    }

    /// All of several such texts, each once.
    pub(super) fn hints(&self, pointers: &[&str]) -> Vec<String> {
        let texts = pointers.iter().filter_map(|pointer| self.hint(pointer)).map(str::to_owned);
        texts.collect::<indexmap::IndexSet<_>>().into_iter().collect()
    }

    /// The texts of a list that is good to have.
    pub(super) fn listed(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.value.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}
