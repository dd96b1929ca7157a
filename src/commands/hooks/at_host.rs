//! What the commands about webhooks at Git hosts have in common.

use crate::context::Context;
use crate::context::git_hosts::{AtHost, HookedApp, Services, UrlFlags};
use crate::domain::git_host::change::main;
use crate::domain::git_host::hook::HostHook;
use crate::error::{Error, Kind};

/// One webhook of a repository.
#[derive(Debug, Clone, clap::Args)]
pub struct OneHook {
    /// The webhook's id, as `hookbelt hooks list` shows it; else the app's is meant
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
}

/// The app that is meant, if one is: what is asked of a repository alone needs none.
pub(super) async fn app_if_any(context: &Context, flags: &UrlFlags) -> Result<Option<HookedApp>, Error> {
    let settings = context.settings();
    let is_named = flags.url_file.is_some()
        || settings.app.is_some()
        || settings.manifest.is_some()
        || settings.profile.is_some()
        || context.located_manifest().is_some();
    match context.hooked_app(flags, Services::NotAsked).await {
        Ok(app) => Ok(Some(app)),
        Err(error) if is_named => Err(error),
        Err(error) => {
            context.output().detail(&format!("no app is meant: {}", error.in_one_line()));
            Ok(None)
        }
    }
}

/// The webhook that is meant, among those of a repository.
pub(super) fn chosen<'a>(
    hooks: &'a [HostHook],
    one: &OneHook,
    app: Option<&HookedApp>,
    at: &AtHost,
) -> Result<&'a HostHook, Error> {
    let found = match (&one.id, app) {
        (Some(id), _) => hooks.iter().find(|hook| hook.id == *id),
        (None, Some(app)) => main(hooks, &app.side.url),
        (None, None) => return Err(nothing_named()),
    };
    found.ok_or_else(|| no_hook(one, at))
}

/// Neither a webhook nor an app is meant.
pub(super) fn nothing_named() -> Error {
    Error::new(Kind::Usage, "nothing says which webhook is meant: no app is named, and no id")
        .with_hint("name it with `--id ID`, or its app with `-s APP`; `hookbelt hooks list` shows all")
}

/// There is no such webhook.
pub(super) fn no_hook(one: &OneHook, at: &AtHost) -> Error {
    let place = &at.host.place().host;
    let text = match &one.id {
        Some(id) => format!("{} at {place} has no webhook {id:?}", at.repository),
        None => format!("{} at {place} has no webhook of this app", at.repository),
    };
    let hint = "`hookbelt hooks list` shows those there are; `hookbelt hooks add` makes the app's";
    Error::new(Kind::NotFound, text).with_hint(hint)
}
