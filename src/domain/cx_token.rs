//! The token that Cloud 66's `cx` keeps: a JSON object, in its file or, as base64, in `CLOUD66_TOKEN`.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use crate::domain::profile::{ApiToken, InvalidToken};

/// Why there is no token in what `cx` keeps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCxToken {
    /// It is not base64.
    #[error("it is not base64")]
    NotBase64,
    /// It is not the JSON object that it should be.
    #[error("it is no JSON object with an `AccessToken`")]
    NotJson,
    /// The token in it is none.
    #[error("its `AccessToken` cannot be a token: {0}")]
    NoToken(InvalidToken),
}

#[derive(Deserialize)]
struct Kept {
    #[serde(rename = "AccessToken")]
    access_token: String,
}

/// The token in the file `cx.json`.
///
/// # Errors
/// When there is none in it.
pub fn of_file(text: &str) -> Result<ApiToken, NoCxToken> {
    let kept: Kept = serde_json::from_str(text).map_err(|_| NoCxToken::NotJson)?;
    kept.access_token.parse().map_err(NoCxToken::NoToken)
}

/// The token in `CLOUD66_TOKEN`: the file as base64, with or without padding and newlines.
///
/// # Errors
/// When there is none in it.
pub fn of_variable(text: &str) -> Result<ApiToken, NoCxToken> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text: String = text.split_whitespace().collect();
    let bytes = GeneralPurpose::new(&STANDARD, lenient).decode(text).map_err(|_| NoCxToken::NotBase64)?;
    of_file(&String::from_utf8(bytes).map_err(|_| NoCxToken::NotJson)?)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine};

    use super::{NoCxToken, of_file, of_variable};
    use crate::domain::profile::InvalidToken;

    const FILE: &str = r#"{"AccessToken":"hunter2","RefreshToken":"","Expiry":"0001-01-01T00:00:00Z","Extra":null}"#;

    #[test]
    fn the_token_is_found_in_the_file_and_in_the_variable() {
        assert_eq!(of_file(FILE).unwrap().expose(), "hunter2");
        let coded = BASE64_STANDARD.encode(FILE);
        for text in [coded.as_str(), coded.trim_end_matches('='), &format!("{}\n{}\n", &coded[..40], &coded[40..])] {
            assert_eq!(of_variable(text).unwrap().expose(), "hunter2", "{text}");
        }
    }

    #[test]
    fn what_is_no_token_says_why() {
        assert_eq!(of_variable("hunter2!").unwrap_err(), NoCxToken::NotBase64);
        assert_eq!(of_variable("aHVudGVyMg==").unwrap_err(), NoCxToken::NotJson);
        assert_eq!(of_file("{}").unwrap_err(), NoCxToken::NotJson);
        assert_eq!(of_file(r#"{"AccessToken":""}"#).unwrap_err(), NoCxToken::NoToken(InvalidToken::Empty));
    }
}
