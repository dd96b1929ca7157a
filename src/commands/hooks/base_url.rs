//! The URL that a sender has configured, as somebody names it with `--base-url`.

use crate::error::{Error, Kind};

/// Which URL the sender has configured.
#[derive(Debug, clap::Args)]
pub struct BaseUrlFlag {
    /// The URL that the sender has configured, byte for byte
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
}

impl BaseUrlFlag {
    /// The URL, byte for byte. Senders take many that no parser would; but a scheme and a host all of them have.
    ///
    /// # Errors
    /// When it has none. The text is not shown: there may be a password in it.
    pub fn read(&self) -> Result<Option<&str>, Error> {
        let url = self.base_url.as_deref();
        if url.is_none_or(has_scheme_and_host) {
            return Ok(url);
        }
        let error = Error::new(Kind::Usage, "--base-url is no URL that begins with http:// or https:// and a host");
        Err(error.with_hint("it is signed byte for byte: write it as the sender has it configured"))
    }
}

/// Blanks before it do not count: senders leave them out, and sign them.
fn has_scheme_and_host(url: &str) -> bool {
    let Some((scheme, rest)) = url.trim_start().split_once("://") else {
        return false;
    };
    let is_of_the_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    is_of_the_web && !host.trim().is_empty() && !host.starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::has_scheme_and_host;

    #[test]
    fn a_base_url_that_is_no_url_of_the_web_is_noticed() {
        for url in [
            "http://h",
            " HTTPS://Deis.Rocks",
            "http://[::1]:8066/é?token=abc",
            "http://u:p@h/hook s#f",
            "http://h:1?a",
        ] {
            assert!(has_scheme_and_host(url), "{url}");
        }
        for url in
            ["", " ", "deis.rocks", "/hook", "ftp://h", "http:/h", "http://", "http:///x", "http://:80/x", "http://u@"]
        {
            assert!(!has_scheme_and_host(url), "{url}");
        }
    }
}
