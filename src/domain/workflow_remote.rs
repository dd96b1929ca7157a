//! Which app of a Workflow controller a Git repository is pushed to.

use url::Url;

use crate::domain::workflow_id::is_workflow_id;

/// The host that a controller's apps are pushed to: that of the controller, with `-builder` behind its first label.
#[must_use]
pub fn builder_host(controller: &str) -> String {
    match controller.split_once('.') {
        Some((label, rest)) => format!("{label}-builder.{rest}"),
        None => format!("{controller}-builder"),
    }
}

/// The app that the first of these URLs at the builder of this controller is of: the last part of its path, up to its
/// first dot.
#[must_use]
pub fn app_pushed_to(controller: &str, push_urls: &[String]) -> Option<String> {
    let builder = builder_host(controller);
    let at_builder = push_urls.iter().find_map(|url| {
        let (host, path) = host_and_path(url)?;
        host.eq_ignore_ascii_case(&builder).then_some(path)
    })?;
    let last = at_builder.trim_end_matches('/').rsplit('/').next()?;
    let app = last.split('.').next()?;
    is_workflow_id(app).then(|| app.to_owned())
}

/// Of a URL, or of ssh's `user@host:path`.
fn host_and_path(remote: &str) -> Option<(String, String)> {
    if remote.contains("://") {
        let url = Url::parse(remote).ok()?;
        return Some((url.host_str()?.to_owned(), url.path().to_owned()));
    }
    let (place, path) = remote.split_once(':')?;
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
    Some((host.to_owned(), path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{app_pushed_to, builder_host};

    #[test]
    fn the_builder_stands_beside_the_controller() {
        for (controller, builder) in [
            ("deis.example.com", "deis-builder.example.com"),
            ("deis", "deis-builder"),
            ("127.0.0.1", "127-builder.0.0.1"),
        ] {
            assert_eq!(builder_host(controller), builder);
        }
    }

    #[test]
    fn an_app_is_told_by_the_first_url_at_the_builder() {
        let app = |urls: &[&str]| {
            let urls: Vec<String> = urls.iter().map(|url| (*url).to_owned()).collect();
            app_pushed_to("deis.example.com", &urls)
        };
        let cases: [(&[&str], Option<&str>); 9] = [
            (&["ssh://git@deis-builder.example.com:2222/shop.git"], Some("shop")),
            (&["git@github.com:acme/web.git", "ssh://git@deis-builder.example.com:2222/shop.git"], Some("shop")),
            (&["git@deis-builder.example.com:my-shop.git"], Some("my-shop")),
            (&["ssh://git@DEIS-Builder.example.com/shop/"], Some("shop")),
            (&["ssh://git@deis-builder.example.com/shop.old.git"], Some("shop")),
            (&["ssh://git@deis-builder.example.com/"], None),
            (&["ssh://git@deis-builder.example.com.evil.example/shop.git"], None),
            (&["https://github.com/deis-builder.example.com/shop.git"], None),
            (&["../shop", ""], None),
        ];
        for (urls, expected) in cases {
            assert_eq!(app(urls).as_deref(), expected, "{urls:?}");
        }
    }
}
