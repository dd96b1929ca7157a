//! The release that a deploy hook tells of, as flags describe it.

use hookbelt_signature::deploy_hook::Announcement;

use crate::config::environment::Variables;
use crate::domain::release::ReleaseNumber;
use crate::error::{Error, Kind};

/// How many digits of a sha a summary has.
const SHORT_SHA: usize = 7;

/// What is told of a release, but for its app.
#[derive(Debug, clap::Args)]
pub struct ReleaseFlags {
    /// The release's number; v1 if left out
    #[arg(long, value_name = "vN")]
    pub release: Option<ReleaseNumber>,
    /// The release's summary; if left out, who deployed which sha
    #[arg(long, value_name = "TEXT")]
    pub summary: Option<String>,
    /// The full sha that was deployed; empty if left out, as for images
    #[arg(long)]
    pub sha: Option<String>,
    /// Who deployed; $USER if left out
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
}

impl ReleaseFlags {
    /// Whether any of them was given.
    pub fn are_given(&self) -> bool {
        self.release.is_some() || self.summary.is_some() || self.sha.is_some() || self.user.is_some()
    }

    /// The URL that a controller with this base would sign and post. The app is text: nothing is looked up.
    ///
    /// # Errors
    /// When no app is named.
    pub fn url(&self, app: Option<&str>, base: &str, variables: &Variables) -> Result<String, Error> {
        let app = app.filter(|app| !app.is_empty()).ok_or_else(no_app)?;
        let release = self.release.unwrap_or(ReleaseNumber(1));
        let sha = self.sha.as_deref().unwrap_or_default();
        let user = self.user.clone().or_else(|| variables.user_name()).unwrap_or_else(|| "unknown".to_owned());
        let summary = self.summary.clone().unwrap_or_else(|| summary(&user, sha));
        let announcement = Announcement {
            app,
            event: None,
            release: release.to_string(),
            release_summary: &summary,
            sha,
            user: &user,
        };
        Ok(announcement.url(base))
    }
}

fn summary(user: &str, sha: &str) -> String {
    let short: String = sha.chars().take(SHORT_SHA).collect();
    if short.is_empty() { format!("{user} deployed") } else { format!("{user} deployed {short}") }
}

fn no_app() -> Error {
    Error::new(Kind::Usage, "a deploy hook names an app").with_hint("say which with `-a APP`; nothing is looked up")
}
