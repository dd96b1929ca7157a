//! Fields of an answer, taken as they come: what is missing or of another type is as good as absent. APIs differ from
//! their documentation, and one odd field is no reason to show nothing.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// A text, or a number or boolean as one; else the empty text.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A text that is not empty.
pub(super) fn some_text(value: &Value) -> Option<String> {
    Some(text(value)).filter(|text| !text.is_empty())
}

/// A whole number, or a text of digits.
pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Whether it is true; some APIs write it as a text.
pub(super) fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str().is_some_and(|word| word.eq_ignore_ascii_case("true")))
}

/// A time, as ISO 8601 or as `2014-08-14 00:38:14 UTC`.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?.trim();
    let plain = || {
        let civil: DateTime = text.strip_suffix(" UTC")?.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_true, number, text, time};

    #[test]
    fn a_time_comes_in_two_spellings_and_anything_else_is_none() {
        let at = Some("2014-08-14T00:38:14Z".parse().unwrap());
        for spelling in ["2014-08-14T00:38:14Z", "2014-08-14T02:38:14+02:00", "2014-08-14 00:38:14 UTC"] {
            assert_eq!(time(&json!(spelling)), at, "{spelling}");
        }
        for other in [json!(null), json!(""), json!("soon"), json!(14), json!("2014-08-14"), json!({})] {
            assert_eq!(time(&other), None, "{other}");
        }
    }

    #[test]
    fn what_is_of_another_type_is_taken_as_far_as_it_goes() {
        for (value, expected) in [(json!(5), "5"), (json!(true), "true"), (json!(null), ""), (json!(["x"]), "")] {
            assert_eq!(text(&value), expected);
        }
        assert_eq!((number(&json!("12")), number(&json!(12)), number(&json!(-1))), (Some(12), Some(12), None));
        for (value, expected) in
            [(json!(true), true), (json!("true"), true), (json!("false"), false), (json!(null), false)]
        {
            assert_eq!(is_true(&value), expected);
        }
    }
}
