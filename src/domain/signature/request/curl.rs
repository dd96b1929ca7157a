//! A `curl` command line, as people paste it and as browsers copy it.

use crate::domain::signature::request::{NotARequest, Request, cut};

/// The options of curl that take a word after them, among those that people use for a request.
const WITH_WORD: &str = "-X --request -H --header -d --data --data-raw --data-binary --data-ascii --data-urlencode --json -u --user -A \
                         --user-agent -e --referer -b --cookie -o --output --url -m --max-time --connect-timeout -w --write-out \
                         --resolve --cacert -E --cert --key -x --proxy --retry -T --upload-file -F --form";

pub(super) fn parse(text: &str) -> Result<Request, NotARequest> {
    let text = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let words = shlex::split(&text).ok_or(NotARequest::OpenQuote)?;
    let mut words = words.into_iter().skip(1);
    let mut request = Request::default();
    let mut url = None;
    while let Some(word) = words.next() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
            _ => (word.clone(), None),
        };
        let is_short = option.starts_with('-') && !option.starts_with("--") && option.len() > 2;
        let (option, value) = match (is_short, option.split_at_checked(2)) {
            // `-XPOST`, `-HAuthorization:…`
            (true, Some((short, rest))) if WITH_WORD.split_whitespace().any(|known| known == short) => {
                (short.to_owned(), Some(rest.to_owned()))
            }
            _ => (option, value),
        };
        if !option.starts_with('-') || option == "-" {
            url = url.or(Some(word));
            continue;
        }
        if !WITH_WORD.split_whitespace().any(|known| known == option) {
            continue;
        }
        let Some(value) = value.or_else(|| words.next()) else {
            continue;
        };
        take(&mut request, &mut url, &option, &value)?;
    }
    let url = url.ok_or(NotARequest::NoUrl)?;
    let (scheme, host, target) = cut(&url).ok_or(NotARequest::NoUrl)?;
    // What follows a `#` never leaves curl.
    let target = target.split('#').next().unwrap_or_default();
    Ok(Request { scheme: Some(scheme.to_owned()), host: Some(host.to_owned()), target: target.to_owned(), ..request })
}

fn take(request: &mut Request, url: &mut Option<String>, option: &str, value: &str) -> Result<(), NotARequest> {
    match option {
        "--url" => *url = Some(value.to_owned()),
        "-H" | "--header" => {
            if let Some((name, value)) = value.split_once(':')
                && name.trim().eq_ignore_ascii_case("authorization")
                && request.authorization.replace(value.trim().to_owned()).is_some()
            {
                return Err(NotARequest::TwoHeaders("Authorization"));
            }
        }
        "-u" | "--user" => request.authorization = Some("Basic (of --user)".to_owned()),
        "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--json" if !value.starts_with('@') => {
            request.body.get_or_insert_default().extend_from_slice(value.as_bytes());
        }
        _ => {}
    }
    Ok(())
}
