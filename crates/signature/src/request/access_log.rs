//! A line of an access log in the combined format, with the value of `Authorization` appended as its last field.

use crate::request::{Request, cut};

pub(super) fn parse(line: &str) -> Option<Request> {
    if line.contains('\n') {
        return None;
    }
    let (before, rest) = line.split_once("] \"")?;
    let (request_line, after) = rest.split_once('"')?;
    let (_, rest) = request_line.split_once(' ')?;
    let (target, version) = rest.rsplit_once(' ')?;
    if !version.starts_with("HTTP/") {
        return None;
    }
    let (scheme, host, target) = match cut(target) {
        Some((scheme, host, target)) => (Some(scheme.to_owned()), Some(host.to_owned()), target),
        // Apache's vhost_combined begins with the host.
        None => (None, host(before), target),
    };
    let authorization = last_field(after).filter(|field| *field != "-").map(str::to_owned);
    Some(Request { scheme, host, target: target.to_owned(), authorization, body: None })
}

fn host(before: &str) -> Option<String> {
    let mut words = before.split(' ');
    let (first, second) = (words.next()?, words.next()?);
    let (name, port) = first.rsplit_once(':')?;
    // In the plain format the second field is the identity, mostly `-`, and the first an address without a port.
    let is_host = port.bytes().all(|byte| byte.is_ascii_digit()) && !name.contains(':') && second != "-";
    is_host.then(|| first.to_owned())
}

/// The last field: what stands in the last quotes, or the last word. The line ends with it.
fn last_field(after: &str) -> Option<&str> {
    let after = after.trim_end();
    match after.strip_suffix('"') {
        Some(quoted) => {
            // The user agent is the second of the quoted fields; the third is ours.
            let is_third = after.matches('"').count() >= 6;
            quoted.rsplit_once('"').map(|(_, field)| field).filter(|_| is_third)
        }
        None => after.rsplit_once(' ').map(|(_, word)| word),
    }
}
