//! Actions: what was asked for, to be polled until it has ended.

use jiff::Timestamp;
use serde_json::Value;

use crate::backends::api_v3::lenient::{is_true, number, some_text, text, time};

/// Something that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) id: u64,
    /// Who asked.
    pub(super) user: String,
    /// The words by which who asked knows it.
    pub(super) user_reference: Option<String>,
    /// The deployment that it is (ours).
    pub(super) deployment: Option<u64>,
    /// How it ended, if it has.
    pub(super) end: Option<End>,
}

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// When, if that can be understood.
    pub(super) at: Option<Timestamp>,
    /// Whether it was done. Where nobody says, it was not.
    pub(super) success: bool,
    /// What there is to say of it.
    pub(super) message: Option<String>,
}

impl Action {
    /// An action of an answer; one without a number cannot be asked about.
    pub(super) fn of(action: &Value) -> Option<Self> {
        let ended = &action["finished_at"];
        let end = (!ended.is_null()).then(|| End {
            at: time(ended),
            success: is_true(&action["finished_success"]),
            message: some_text(&action["finished_message"]),
        });
        Some(Self {
            id: number(&action["id"])?,
            user: text(&action["user"]),
            user_reference: some_text(&action["metadata"]["user_reference"]),
            deployment: number(&action["deployment_id"]),
            end,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Action;

    #[test]
    fn an_action_has_ended_when_it_says_when_and_well_only_when_it_says_so() {
        for (finished, success, expected) in [
            (json!(null), json!(null), None),
            (json!(null), json!(true), None),
            (json!("2026-01-02T03:04:05Z"), json!(true), Some(true)),
            (json!("2026-01-02T03:04:05Z"), json!("true"), Some(true)),
            (json!("2026-01-02T03:04:05Z"), json!(null), Some(false)),
            (json!("2026-01-02T03:04:05Z"), json!("false"), Some(false)),
            (json!("at some time"), json!(true), Some(true)),
        ] {
            let action = json!({"id": 7, "finished_at": finished, "finished_success": success, "metadata": null});
            assert_eq!(Action::of(&action).unwrap().end.map(|end| end.success), expected, "{action}");
        }
        assert_eq!(Action::of(&json!({"finished_at": null})), None);
    }
}
