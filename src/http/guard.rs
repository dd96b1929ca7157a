//! Keeps a client from addresses that are not the Internet's: of a name only public addresses are handed to the connection, so
//! that what was checked is what is connected to.

use std::error::Error as StdError;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use url::{Host, Url};

use crate::domain::private_address::is_private;
use crate::http::HttpError;
use crate::http::no_answer::with_port;

/// Where a client may connect to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere.
    #[default]
    Anywhere,
    /// To addresses of the Internet alone, and through no proxy, which would look names up itself.
    PublicOnly,
}

/// Every address of a host is private.
#[derive(Debug, thiserror::Error)]
#[error("it has no public address")]
struct PrivateOnly;

/// Refuses an address that is written in the URL itself: nobody looks that up.
pub(super) fn check(url: &Url) -> Result<(), HttpError> {
    let address: IpAddr = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    if is_private(address) { Err(HttpError::Private { host: with_port(url) }) } else { Ok(()) }
}

/// Whether that is why there is no connection.
pub(super) fn is_why(error: &(dyn StdError + 'static)) -> bool {
    error.is::<PrivateOnly>() || error.source().is_some_and(is_why)
}

/// Looks names up, and forgets their private addresses.
#[derive(Debug)]
pub(super) struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.iter().copied().filter(|address| !is_private(address.ip())).collect();
            if public.is_empty() && !found.is_empty() {
                return Err(PrivateOnly.into());
            }
            let public: Addrs = Box::new(public.into_iter());
            Ok(public)
        })
    }
}
