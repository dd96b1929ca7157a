//! The values of a body by name, with the way to each for messages.

use serde_json::Value;

use crate::domain::payload::Fault;
use crate::domain::payload::json::Json;

/// An object in a body, with the way to it for messages.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    value: &'a Json<'a>,
    path: String,
}

impl<'a> Part<'a> {
    /// The whole body.
    pub(super) fn whole(value: &'a Json<'a>) -> Result<Self, Fault> {
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

    fn needed(&self, name: &str) -> Result<&'a Json<'a>, Fault> {
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
        let list = self.needed(name)?.as_list().ok_or_else(|| self.wrong(name, "a list"))?;
        let parts = list.iter().enumerate().map(|(at, value)| {
            let path = format!("{}[{at}]", self.path_of(name));
            if value.is_object() { Ok(Self { value, path }) } else { Err(Fault::Wrong { path, wanted: "an object" }) }
        });
        parts.collect()
    }

    /// A text that is needed.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, Fault> {
        self.needed(name)?.as_text().ok_or_else(|| self.wrong(name, "a text"))
    }

    /// A text that may be missing or null.
    pub(super) fn text_if_any(&self, name: &str) -> Result<Option<&'a str>, Fault> {
        if self.has(name) { self.text(name).map(Some) } else { Ok(None) }
    }

    /// A number that is needed.
    pub(super) fn number(&self, name: &str) -> Result<u64, Fault> {
        self.needed(name)?.as_number().ok_or_else(|| self.wrong(name, "a whole number"))
    }

    /// Any value; null if it is missing.
    pub(super) fn any(&self, name: &str) -> Value {
        self.value.get(name).map(Value::from).unwrap_or_default()
    }

    /// Whether a field is there and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some_and(|value| *value != Json::Null)
    }

    /// Whether a field is `true`; whatever else it may be does not matter.
    pub(super) fn says(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Json::Bool(true))
    }

    /// Whether a field is an empty list; whatever else it may be does not matter.
    pub(super) fn is_empty_list(&self, name: &str) -> bool {
        self.value.get(name).and_then(Json::as_list).is_some_and(<[Json<'_>]>::is_empty)
    }

    /// A text at `/a/b` that is good to have; whatever else stands there does not matter.
    pub(super) fn hint(&self, pointer: &str) -> Option<&'a str> {
        self.value.at(pointer).and_then(Json::as_text).filter(|text| !text.is_empty())
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
        self.value.get(name).and_then(Json::as_list).into_iter().flatten().filter_map(Json::as_text)
    }
}
