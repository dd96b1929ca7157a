//! Why no answer came, as far as the library says it.

use std::error::Error as StdError;
use std::io;

use url::Url;

use crate::http::{HttpError, guard};

/// The host and port of a URL.
pub(super) fn with_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Tells a host that could not be reached, or not trusted, from one that broke off, and from one that says something else than HTTP.
pub(super) fn no_answer(host: String, is_unconnected: bool, error: &(dyn StdError + 'static)) -> HttpError {
    if guard::is_why(error) {
        return HttpError::Private { host };
    }
    let source = innermost(error).to_string().into();
    if is_of_tls(error) {
        return HttpError::Tls { host, source };
    }
    match of_hyper(error) {
        Some(error) if error.is_parse() => HttpError::NotHttp { host, source },
        Some(_) if !is_unconnected => HttpError::BrokeOff { host, source },
        _ => HttpError::Unreachable { host, source },
    }
}

/// What everything else is because of; between it and us each layer of the library only says that it failed.
fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    error.source().map_or(error, innermost)
}

/// What hyper said, wherever it stands among the causes.
fn of_hyper<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a hyper::Error> {
    error.downcast_ref().or_else(|| error.source().and_then(of_hyper))
}

/// Whether TLS said it, wherever that stands among the causes.
fn is_of_tls(error: &(dyn StdError + 'static)) -> bool {
    let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || within.is_some_and(|error| is_of_tls(error)) || error.source().is_some_and(is_of_tls)
}
