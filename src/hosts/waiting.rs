//! How long a host wants to be left alone.

use std::time::Duration;

use jiff::Timestamp;

use crate::http::Reply;

/// How long to wait before the same is asked again, if the host says that it was asked too often: GitHub with 403 or 429, others
/// with 429; as a pause, or as the second at which the next hour begins.
pub(super) fn told_to_wait(reply: &Reply, now: Timestamp) -> Option<Duration> {
    if !matches!(reply.status, 403 | 429) {
        return None;
    }
    let number = |name: &str| reply.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let pause = number("retry-after").map(Duration::from_secs);
    let is_used_up = reply.status == 429 || number("x-ratelimit-remaining") == Some(0);
    let until_reset = || {
        let reset = i64::try_from(number("x-ratelimit-reset").filter(|_| is_used_up)?).ok()?;
        let seconds = Timestamp::from_second(reset).ok()?.duration_since(now);
        // A clock that runs ahead of the host's is no reason to ask at once.
        Some(Duration::try_from(seconds).unwrap_or_default() + Duration::from_secs(1))
    };
    pause.or_else(until_reset)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::told_to_wait;
    use crate::http::Reply;
    use crate::http::header::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn a_host_says_how_long_it_wants_to_be_left_alone() {
        for (status, headers, wait) in [
            (429, "retry-after: 7", Some(7)),
            (403, "retry-after: 7", Some(7)),
            (403, "x-ratelimit-remaining: 0, x-ratelimit-reset: 1060", Some(61)),
            (403, "x-ratelimit-remaining: 0, x-ratelimit-reset: 900", Some(1)),
            (429, "x-ratelimit-reset: 1060", Some(61)),
            (403, "x-ratelimit-remaining: 12, x-ratelimit-reset: 1060", None),
            (403, "x-ratelimit-remaining: 0", None),
            (403, "", None),
            (429, "retry-after: soon", None),
            (200, "x-ratelimit-remaining: 0, x-ratelimit-reset: 1060", None),
            (503, "retry-after: 7", None),
        ] {
            let pairs = headers.split(", ").filter_map(|line| line.split_once(": "));
            let headers: HeaderMap = pairs
                .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
                .collect();
            let reply = Reply { status, headers: headers.clone(), body: Vec::new() };
            let now = Timestamp::from_second(1000).unwrap();
            assert_eq!(told_to_wait(&reply, now), wait.map(Duration::from_secs), "{status} {headers:?}");
        }
    }
}
