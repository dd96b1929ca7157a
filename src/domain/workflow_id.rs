//! What the Workflow API calls an app, and how it writes what we identify otherwise.

use sha2::{Digest, Sha256};

use crate::domain::app::AppIdentity;

/// How many hex digits stand for a text without any letter or digit that an id may have.
const DIGEST: usize = 8;

/// The id of an app: its name if that is legal as an id, else its slug, and `-<environment>` unless that is production. A
/// part without any letter or digit of ASCII is told by the first digits of its SHA-256.
#[must_use]
pub fn workflow_id(app: &AppIdentity) -> String {
    let name = legal(app.name.as_str());
    if app.environment.is_production() { name } else { format!("{name}-{}", legal(app.environment.as_str())) }
}

/// Whether a text may be an id: small letters, digits and `-`.
#[must_use]
pub fn is_workflow_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn legal(text: &str) -> String {
    if is_workflow_id(text) {
        return text.to_owned();
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { hex::encode(Sha256::digest(text.as_bytes()))[..DIGEST].to_owned() } else { words.join("-") }
}

/// The first two of these apps that have the same id, with the id.
#[must_use]
pub fn same_workflow_id<'a>(apps: &[&'a AppIdentity]) -> Option<(&'a AppIdentity, &'a AppIdentity, String)> {
    apps.iter().enumerate().find_map(|(at, app)| {
        let id = workflow_id(app);
        apps[..at].iter().find(|other| workflow_id(other) == id).map(|other| (*other, *app, id))
    })
}

/// A UUID (version 8) that stands for what these words name: the same for the same words, always.
#[must_use]
pub fn stable_uuid(words: &[&str]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(words.join(" ").as_bytes())[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex::encode(bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn app(name: &str, environment: &str) -> AppIdentity {
        AppIdentity { name: name.parse().unwrap(), environment: environment.parse().unwrap() }
    }

    #[test]
    fn an_id_is_the_name_where_it_may_be_and_says_the_environment_unless_it_is_production() {
        let cases = [
            ("shop", "production", "shop"),
            ("shop", "staging", "shop-staging"),
            ("my-shop-2", "production", "my-shop-2"),
            ("a--b-", "production", "a--b-"),
            ("My  Shop", "production", "my-shop"),
            ("Shop", "EU (west)", "shop-eu-west"),
            ("shop.example", "Production", "shop-example-production"),
            ("日本", "production", "cf2abf0c"),
            ("日本", "日本", "cf2abf0c-cf2abf0c"),
        ];
        for (name, environment, id) in cases {
            assert_eq!(workflow_id(&app(name, environment)), id, "{name} {environment}");
        }
    }

    #[test]
    fn apps_whose_ids_clash_are_found() {
        let apps = [app("blog", "production"), app("shop", "staging"), app("shop-staging", "production")];
        let all: Vec<&AppIdentity> = apps.iter().collect();
        assert_eq!(same_workflow_id(&all), Some((&apps[1], &apps[2], "shop-staging".to_owned())));
        assert_eq!(same_workflow_id(&all[..2]), None);
    }

    #[test]
    fn a_uuid_stays_the_same_and_says_its_version() {
        let uuid = stable_uuid(&["release", "00ff", "3"]);
        assert_eq!(uuid, stable_uuid(&["release", "00ff", "3"]));
        assert_ne!(uuid, stable_uuid(&["release", "00ff", "4"]));
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!((lengths.as_slice(), &uuid[14..15]), ([8, 4, 4, 4, 12].as_slice(), "8"));
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"), "{uuid}");
    }

    proptest! {
        #[test]
        fn every_app_has_a_legal_id(name in "[^/\\pC\\pZ-][^/\\pC\\pZ]{0,20}", place in "[^/\\pC\\pZ-][^/\\pC\\pZ]{0,20}") {
            let parsed = (name.parse(), place.parse());
            prop_assume!(parsed.0.is_ok() && parsed.1.is_ok());
            let (Ok(name), Ok(environment)) = parsed else { unreachable!() };
            let id = workflow_id(&AppIdentity { name, environment });
            prop_assert!(is_workflow_id(&id), "{}", id);
        }
    }
}
