//! An app, its identity, and how a name typed by a person finds one among several.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::delivery::HookEvent;
use crate::domain::delivery::receiver::Receiver;
use crate::domain::git_host::KnownHost;
use crate::domain::nearest::nearest;
use crate::domain::printable::{Colours, printable};
use crate::domain::queue::Mode;
use crate::domain::service::{Service, ServiceName};

/// The most characters an app name or an environment may have.
const MAX_NAME: usize = 100;

/// Why a text cannot name an app or an environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot be an {what}: {reason}")]
pub struct InvalidName {
    what: &'static str,
    name: String,
    reason: &'static str,
}

fn checked(what: &'static str, name: &str) -> Result<String, InvalidName> {
    let refused = |reason| InvalidName { what, name: name.chars().take(MAX_NAME).collect(), reason };
    if name.trim().is_empty() {
        return Err(refused("it is empty"));
    }
    if name.trim() != name {
        return Err(refused("it begins or ends with a blank"));
    }
    if name.contains('\t') || printable(name, Colours::Remove) != name {
        return Err(refused("it holds a character that cannot be printed"));
    }
    if name.contains('/') {
        return Err(refused("it holds a `/`"));
    }
    if name.starts_with('-') {
        return Err(refused("it begins with `-`"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(refused("it is longer than 100 characters"));
    }
    Ok(name.to_owned())
}

/// The name of an app: printable, no `/`, no leading `-`, at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppName(String);

/// Where an app runs: free text by the rules of [`AppName`], `production` unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Environment(String);

text_newtype!(AppName, InvalidName, |text| checked("app name", text));
text_newtype!(Environment, InvalidName, |text| checked("environment", text));

impl Default for Environment {
    fn default() -> Self {
        Self("production".to_owned())
    }
}

impl Environment {
    /// Whether acting here asks for confirmation: exactly `production`.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.0 == "production"
    }
}

/// What tells one app from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AppIdentity {
    /// Its name.
    pub name: AppName,
    /// Where it runs.
    pub environment: Environment,
}

impl AppIdentity {
    /// Lower case letters and digits of name and environment, other runs as one `-`: the default
    /// `COMPOSE_PROJECT_NAME`, so that environments on one machine do not share containers. Empty where there are no
    /// such letters or digits.
    #[must_use]
    pub fn slug(&self) -> String {
        let joined = format!("{}-{}", self.name, self.environment).to_lowercase();
        let words = joined.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-")
    }
}

impl fmt::Display for AppIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.environment)
    }
}

/// A named set of services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentProfile {
    /// Its name.
    pub name: String,
    /// The services it deploys, at least one.
    pub services: Vec<ServiceName>,
}

/// Where a secret is kept; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A file; a relative path is relative to the manifest.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

/// A receiver that is told of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployHook {
    /// Who is told, and how.
    pub receiver: Receiver,
    /// The key of the signature; without one there is none.
    pub secret: Option<SecretSource>,
    /// What is told.
    pub events: Vec<HookEvent>,
}

/// How an app's redeployment hook is received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedeploymentHook {
    /// The keys of signatures, any of which will do. With one, every request must be signed, the empty one too.
    pub secrets: Vec<SecretSource>,
    /// Whether newer pushes take the place of older ones that wait.
    pub mode: Mode,
}

/// What a manifest describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Name and environment.
    pub identity: AppIdentity,
    /// Its services in manifest order, at least one.
    pub services: Vec<Service>,
    /// Its named sets of services.
    pub deployment_profiles: Vec<DeploymentProfile>,
    /// How its redeployment hook is received.
    pub redeployment_hook: RedeploymentHook,
    /// Who is told of its releases.
    pub deploy_hooks: Vec<DeployHook>,
    /// The Git hosts that are asked for it, and where their tokens are.
    pub git_hosts: Vec<KnownHost>,
}

impl App {
    /// Whether a receiver is told of its releases.
    #[must_use]
    pub fn tells(&self, receiver: &Receiver) -> bool {
        self.deploy_hooks.iter().any(|hook| hook.receiver == *receiver)
    }
}

/// Why a typed name stands for no app, or for more than one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOneApp {
    /// Nothing has that name.
    #[error("there is no app `{wanted}`")]
    Unknown {
        /// What was typed.
        wanted: String,
        /// The app whose name is most like it.
        nearest: Option<AppIdentity>,
    },
    /// Several apps have that name.
    #[error("`{wanted}` is more than one app")]
    Ambiguous {
        /// What was typed.
        wanted: String,
        /// The apps that it could be.
        candidates: Vec<AppIdentity>,
    },
}

/// Finds the app that a person means: an equal name first, else the only name that begins so, ignoring
/// case; `environment` narrows in the same two steps (the rule of `cx`).
///
/// # Errors
/// When no app or more than one fits.
pub fn find_app<'a>(
    apps: &'a [AppIdentity],
    wanted: &str,
    environment: Option<&str>,
) -> Result<&'a AppIdentity, NotOneApp> {
    let Some(environment) = environment else {
        return by_name(&apps.iter().collect::<Vec<_>>(), wanted);
    };
    let environment = environment.to_lowercase();
    let of = |app: &&AppIdentity| app.environment.as_str().to_lowercase();
    let exact: Vec<_> = apps.iter().filter(|app| of(app) == environment).collect();
    let begins: Vec<_> = apps.iter().filter(|app| of(app).starts_with(&environment)).collect();
    by_name(&exact, wanted).or_else(|_| by_name(&begins, wanted))
}

fn by_name<'a>(apps: &[&'a AppIdentity], wanted: &str) -> Result<&'a AppIdentity, NotOneApp> {
    let folded = wanted.to_lowercase();
    let of = |app: &AppIdentity| app.name.as_str().to_lowercase();
    let mut fits: Vec<_> = apps.iter().copied().filter(|app| of(app) == folded).collect();
    if fits.is_empty() && !folded.is_empty() {
        fits = apps.iter().copied().filter(|app| of(app).starts_with(&folded)).collect();
    }
    match fits.as_slice() {
        [one] => Ok(one),
        [] => Err(NotOneApp::Unknown {
            wanted: wanted.to_owned(),
            nearest: nearest(&folded, apps, |app| of(app)).map(|app| (*app).clone()),
        }),
        several => Err(NotOneApp::Ambiguous {
            wanted: wanted.to_owned(),
            candidates: several.iter().map(|app| (*app).clone()).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn app(name: &str, environment: &str) -> AppIdentity {
        AppIdentity { name: name.parse().unwrap(), environment: environment.parse().unwrap() }
    }

    /// `shop` in two environments, and apps whose names begin alike.
    fn apps() -> Vec<AppIdentity> {
        let apps = "shop production, shop staging, shopping production, Shopkeeper prod, blog prod, blog production, \
                    web Production-EU, web production-us";
        apps.split(", ").map(|one| one.split_once(' ').unwrap()).map(|(name, place)| app(name, place)).collect()
    }

    /// The app found, or why none was.
    fn found(wanted: &str, environment: Option<&str>) -> String {
        let listed = |apps: &[AppIdentity]| apps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match find_app(&apps(), wanted, environment) {
            Ok(app) => app.to_string(),
            Err(NotOneApp::Unknown { nearest, .. }) => format!("none, perhaps {}", listed(nearest.as_slice())),
            Err(NotOneApp::Ambiguous { candidates, .. }) => format!("one of {}", listed(&candidates)),
        }
    }

    #[test]
    fn an_equal_name_comes_before_one_that_only_begins_so_whatever_its_case() {
        let cases = [
            ("shopping", "shopping (production)"),
            ("SHOPPING", "shopping (production)"),
            ("shoppi", "shopping (production)"),
            ("shopK", "Shopkeeper (prod)"),
            ("shop", "one of shop (production), shop (staging)"),
            ("Shop", "one of shop (production), shop (staging)"),
            ("sho", "one of shop (production), shop (staging), shopping (production), Shopkeeper (prod)"),
            ("bl", "one of blog (prod), blog (production)"),
            ("hopping", "none, perhaps shopping (production)"),
            ("shopping cart", "none, perhaps "),
            ("", "none, perhaps "),
        ];
        for (wanted, expected) in cases {
            assert_eq!(found(wanted, None), expected, "{wanted:?}");
        }
    }

    #[test]
    fn an_environment_narrows_first_to_its_equals_then_to_those_that_begin_so() {
        let cases = [
            ("shop", "staging", "shop (staging)"),
            ("shop", "Staging", "shop (staging)"),
            ("shop", "stag", "shop (staging)"),
            ("shop", "p", "shop (production)"),
            ("blog", "prod", "blog (prod)"),
            ("blog", "pro", "one of blog (prod), blog (production)"),
            // Nothing in `prod` itself is named so, but in `production`.
            ("shopping", "prod", "shopping (production)"),
            ("web", "production", "one of web (Production-EU), web (production-us)"),
            ("web", "production-e", "web (Production-EU)"),
            ("shop", "test", "none, perhaps "),
            ("shp", "staging", "none, perhaps shop (staging)"),
            ("blog", "staging", "none, perhaps "),
        ];
        for (wanted, environment, expected) in cases {
            assert_eq!(found(wanted, Some(environment)), expected, "{wanted} in {environment}");
        }
    }

    #[test]
    fn what_is_not_one_app_says_what_was_typed() {
        let unknown = find_app(&apps(), "Nope", None).unwrap_err();
        assert_eq!(unknown.to_string(), "there is no app `Nope`");
        let ambiguous = find_app(&apps(), "Shop", None).unwrap_err();
        assert_eq!(ambiguous.to_string(), "`Shop` is more than one app");
        assert_eq!(find_app(&[], "shop", None).unwrap_err().to_string(), "there is no app `shop`");
    }

    #[test]
    fn a_printable_name_is_accepted_as_it_is() {
        let longest = "é".repeat(100);
        for name in ["shop", "My App", "a", "x-y", "büro 2.0", "日本", "_", ".", "..", "a\\b", "a:b", &longest] {
            assert_eq!(name.parse::<AppName>().unwrap().as_str(), name);
            assert_eq!(name.parse::<Environment>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_name_that_could_mislead_is_refused_with_the_reason() {
        let (longest, unprintable) = ("é".repeat(101), "it holds a character that cannot be printed");
        let cases = [
            ("", "it is empty"),
            (" ", "it is empty"),
            (" shop", "it begins or ends with a blank"),
            ("shop\n", "it begins or ends with a blank"),
            ("sh\nop", unprintable),
            ("sh\top", unprintable),
            ("sh\u{1b}[31mop", unprintable),
            ("sh\u{7f}op", unprintable),
            ("sh\u{202e}op", unprintable),
            ("sh\u{2028}op", unprintable),
            ("acme/shop", "it holds a `/`"),
            ("-s", "it begins with `-`"),
            (&longest, "it is longer than 100 characters"),
        ];
        for (name, reason) in cases {
            let error = name.parse::<AppName>().unwrap_err();
            assert_eq!(error.reason, reason, "{name:?}");
            assert_eq!(name.parse::<Environment>().unwrap_err().reason, reason, "{name:?}");
        }
        let error = |text: &str| text.parse::<Environment>().unwrap_err().to_string();
        assert_eq!(error("a/b"), "\"a/b\" cannot be an environment: it holds a `/`");
        assert!(error(&"x".repeat(10_000)).len() < 200);
    }

    #[test]
    fn only_production_itself_asks() {
        assert!(Environment::default().is_production());
        assert_eq!(Environment::default().as_str(), "production");
        for other in ["Production", "production-eu", "prod"] {
            assert!(!other.parse::<Environment>().unwrap().is_production(), "{other}");
        }
    }

    #[test]
    fn a_slug_is_lower_case_with_one_dash_for_every_other_run() {
        let cases = [
            ("shop", "production", "shop-production"),
            ("My  App", "Prod (EU)", "my-app-prod-eu"),
            ("_shop_", "v1.2", "shop-v1-2"),
            ("Büro", "x", "b-ro-x"),
            ("日本", "production", "production"),
        ];
        for (name, environment, slug) in cases {
            assert_eq!(app(name, environment).slug(), slug);
        }
    }

    proptest! {
        #[test]
        fn a_slug_holds_words_of_letters_and_digits_alone(
            name in "[a-zA-Z0-9é_.]([a-zA-Z0-9é _.-]{0,18}[a-zA-Z0-9é_.-])?",
            place in "[!-,.0-~]([ -.0-~]{0,18}[!-.0-~])?",
        ) {
            let slug = app(&name, &place).slug();
            let is_word = |word: &str| word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
            prop_assert!(slug.is_empty() || slug.split('-').all(|word| !word.is_empty() && is_word(word)), "{}", slug);
        }

        #[test]
        fn a_whole_name_with_its_environment_finds_that_app(index: prop::sample::Index, upper: bool) {
            let apps = apps();
            let app = index.get(&apps);
            let typed = |text: &str| if upper { text.to_uppercase() } else { text.to_owned() };
            let (name, environment) = (typed(app.name.as_str()), typed(app.environment.as_str()));
            prop_assert_eq!(find_app(&apps, &name, Some(&environment)), Ok(app));
        }
    }
}
