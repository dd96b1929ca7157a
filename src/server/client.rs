//! Who is at the other end: the peer, or behind proxies that are trusted the one they name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;

use crate::server::site::Site;

/// Addresses with a common beginning, such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no network: write an address, or one with the number of its first bits, such as 10.0.0.0/8")]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| NoNetwork))?;
        if bits > most { Err(NoNetwork) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let differing = (Ipv4Addr::to_bits(ours) ^ Ipv4Addr::to_bits(theirs)).leading_zeros();
                differing >= self.bits
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let differing = (Ipv6Addr::to_bits(ours) ^ Ipv6Addr::to_bits(theirs)).leading_zeros();
                differing >= self.bits
            }
            _ => false,
        }
    }
}

impl Site {
    /// The address of who sent a request. A proxy that is not trusted counts as nobody in particular, since it may stand on
    /// this machine and speak for anybody.
    pub(super) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        client(&self.trusted_proxies, peer.ip().to_canonical(), headers)
    }

    /// The same for a log: of a proxy that is not trusted its own address.
    pub(super) fn sender(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let client = self.client(peer, headers);
        if client.is_unspecified() { peer.ip().to_canonical() } else { client }
    }
}

fn client(trusted: &[Network], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address| trusted.iter().any(|network| network.contains(address));
    let mut named: Vec<&str> = Vec::new();
    for value in headers.get_all("x-forwarded-for") {
        named.extend(value.to_str().unwrap_or("unknown").split(',').map(str::trim));
    }
    let is_forwarded = !named.is_empty() || headers.contains_key("forwarded");
    if !is_trusted(peer) {
        return if is_forwarded { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { peer };
    }
    // Each proxy appends who it got the request from: the last that is no proxy of ours is whom we believe.
    let mut client = peer;
    for name in named.into_iter().rev() {
        let Ok(address) = name.parse::<IpAddr>() else {
            return IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_what_begins_like_it() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false),
            ("::1", "::1", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ];
        for (network, address, contains) in cases {
            assert_eq!(network.parse::<Network>().unwrap().contains(address.parse().unwrap()), contains, "{network}");
        }
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0/8", "host/8", "10.0.0.0/-1"] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork), "{text}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let nobody = "0.0.0.0";
        let cases = [
            ("127.0.0.1", "", "127.0.0.1"),
            // A proxy on this machine that is not trusted does not make the world local.
            ("127.0.0.1", "203.0.113.9", nobody),
            ("203.0.113.9", "127.0.0.1", nobody),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
            // What the client itself has written stands first and does not count.
            ("10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("10.0.0.1", "nonsense", nobody),
        ];
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        for (peer, forwarded, expected) in cases {
            let mut headers = HeaderMap::new();
            if !forwarded.is_empty() {
                headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            }
            assert_eq!(client(&trusted, peer.parse().unwrap(), &headers).to_string(), expected, "{peer} {forwarded}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("forwarded", "for=127.0.0.1".parse().unwrap());
        assert_eq!(client(&[], "127.0.0.1".parse().unwrap(), &headers).to_string(), nobody);
    }
}
