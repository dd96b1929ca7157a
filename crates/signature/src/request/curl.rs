//! A `curl` command line, as people paste it and as browsers copy it.

use std::fmt::Write as _;

use crate::request::ansi_c::without_ansi_c_quotes;
use crate::request::{NotARequest, Request, cut};

/// The options of curl that take a word after them, among those that people use for a request.
const WITH_WORD: &str = "-X --request -H --header -d --data --data-raw --data-binary --data-ascii --data-urlencode --json -u --user -A \
                         --user-agent -e --referer -b --cookie -o --output --url -m --max-time --connect-timeout -w --write-out \
                         --resolve --cacert -E --cert --key -x --proxy --retry -T --upload-file -F --form";

/// What follows `curl`, with or without its folder; a shell's prompt may come before it.
pub(super) fn words_of(text: &str) -> Option<&str> {
    let command = text.strip_prefix("$ ").unwrap_or(text).trim_start();
    let (program, words) = command.split_once([' ', '\t'])?;
    (program.rsplit('/').next() == Some("curl")).then_some(words)
}

/// What is known of the request so far.
#[derive(Default)]
struct Parsed {
    request: Request,
    url: Option<String>,
    /// Whether the data goes into the query.
    is_get: bool,
}

pub(super) fn parse(words: &str) -> Result<Request, NotARequest> {
    let words = words.replace("\\\r\n", " ").replace("\\\n", " ");
    let words = without_ansi_c_quotes(&words).and_then(|words| shlex::split(&words)).ok_or(NotARequest::OpenQuote)?;
    let mut words = words.into_iter();
    let mut parsed = Parsed::default();
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (option, value) = match long.split_once('=') {
                Some((option, value)) => (option, Some(value.to_owned())),
                None => (long, None),
            };
            let option = format!("--{option}");
            let value = if takes_word(&option) { value.or_else(|| words.next()) } else { None };
            parsed.take(&option, value)?;
        } else if word.len() > 1 && word.starts_with('-') {
            // `-sXPOST` is `-s -X POST`.
            for (at, letter) in word.char_indices().skip(1) {
                let option = format!("-{letter}");
                let after = &word[at + letter.len_utf8()..];
                if takes_word(&option) {
                    let value = if after.is_empty() { words.next() } else { Some(after.to_owned()) };
                    parsed.take(&option, value)?;
                    break;
                }
                parsed.take(&option, None)?;
            }
        } else {
            parsed.url = parsed.url.or(Some(word));
        }
    }
    parsed.request()
}

fn takes_word(option: &str) -> bool {
    WITH_WORD.split_whitespace().any(|known| known == option)
}

impl Parsed {
    fn take(&mut self, option: &str, value: Option<String>) -> Result<(), NotARequest> {
        match (option, value) {
            ("-G" | "--get", None) => self.is_get = true,
            ("--url", Some(value)) => self.url = Some(value),
            ("-H" | "--header", Some(value)) => {
                let (name, value) = value.split_once(':').unwrap_or_default();
                let (header, name) = match name.trim().to_ascii_lowercase().as_str() {
                    "authorization" => (&mut self.request.authorization, "Authorization"),
                    "host" => (&mut self.request.host, "Host"),
                    _ => return Ok(()),
                };
                if header.replace(value.trim().to_owned()).is_some() {
                    return Err(NotARequest::TwoHeaders(name));
                }
            }
            ("-u" | "--user", Some(_)) => self.request.authorization = Some("Basic (of --user)".to_owned()),
            ("--data-urlencode", Some(value)) => {
                if let Some(data) = url_encoded(&value) {
                    self.add_data(&data, "&");
                }
            }
            ("--data-raw", Some(value)) => self.add_data(&value, "&"),
            ("-d" | "--data" | "--data-binary" | "--data-ascii", Some(value)) if !value.starts_with('@') => {
                self.add_data(&value, "&");
            }
            ("--json", Some(value)) if !value.starts_with('@') => self.add_data(&value, ""),
            _ => {}
        }
        Ok(())
    }

    fn add_data(&mut self, data: &str, between: &str) {
        let separator = if self.request.body.is_some() { between } else { "" };
        let body = self.request.body.get_or_insert_default();
        body.extend_from_slice(separator.as_bytes());
        body.extend_from_slice(data.as_bytes());
    }

    fn request(self) -> Result<Request, NotARequest> {
        let Self { mut request, url, is_get } = self;
        let url = url.ok_or(NotARequest::NoUrl)?;
        let (scheme, host, target) = cut(&url).ok_or(NotARequest::NoUrl)?;
        without_fragment(target).clone_into(&mut request.target);
        request.scheme = Some(scheme.to_owned());
        request.host = request.host.or_else(|| Some(host.to_owned()));
        if let Some(data) = request.body.take_if(|_| is_get).filter(|data| !data.is_empty()) {
            request.target.push(if request.target.contains('?') { '&' } else { '?' });
            request.target += without_fragment(&String::from_utf8_lossy(&data));
        }
        Ok(request)
    }
}

/// What follows a `#` never leaves curl, in data neither once `-G` has put it into the URL.
fn without_fragment(text: &str) -> &str {
    text.split('#').next().unwrap_or_default()
}

/// What curl makes of `content`, `=content` and `name=content`; files are not known.
fn url_encoded(text: &str) -> Option<String> {
    let (name, content) = match text.find(['=', '@']) {
        Some(at) if text[at..].starts_with('@') => return None,
        Some(at) => (&text[..at], &text[at + 1..]),
        None => ("", text),
    };
    let mut encoded = if name.is_empty() { String::new() } else { format!("{name}=") };
    for byte in content.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => write!(encoded, "%{byte:02X}").ok()?,
        }
    }
    Some(encoded)
}
