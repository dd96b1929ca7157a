//! Addresses that a server must not be made to talk to: those of itself, of its own networks, and of the service by which
//! a cloud tells a machine its secrets.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is none of the public Internet's.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // This network, private use, loopback, multicast, reserved and broadcast.
        [0 | 10 | 127 | 224..=255, ..] => true,
        // Shared with a carrier.
        [100, second, ..] => (64..=127).contains(&second),
        // Link-local, with 169.254.169.254, which knows a machine's secrets.
        [169, second, ..] => second == 254,
        // Private use.
        [172, second, ..] => (16..=31).contains(&second),
        // Protocol assignments, documentation, relays to IPv6, private use.
        [192, second, third, _] => second == 168 || matches!((second, third), (0, 0 | 2) | (88, 99)),
        // Benchmarks, documentation.
        [198, second, third, _] => matches!((second, third), (18 | 19, _) | (51, 100)),
        [203, second, third, _] => (second, third) == (0, 113),
        _ => false,
    }
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_private_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // Those that stand for an IPv4 address lead where that does: mapped, translated, by 6to4, compatible.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..]
        | [0, 0, 0, 0, 0, 0, high @ 1..=0xffff, low] => v4(high, low),
        // A network's own translation to IPv4, Teredo, protocol assignments, documentation.
        [0x64, 0xff9b, 1, ..] | [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => true,
        // All that is public is in 2000::/3: neither the rest of ::/3 nor unique-local, link-local, site-local, multicast.
        [first, ..] => !(0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is(text: &str) -> bool {
        is_private(text.parse().unwrap_or_else(|error| panic!("{text}: {error}")))
    }

    #[test]
    fn addresses_of_a_machine_its_networks_and_its_cloud_are_private() {
        let private = "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.8.9.1 169.254.0.1 \
             169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 \
             198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::ffff:127.0.0.1 \
             ::ffff:169.254.169.254 ::ffff:0:10.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 2001::1 \
             2001:db8::1 3fff::1 fc00::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 ff02::1 100::1 5f00::1";
        for text in private.split_whitespace() {
            assert!(is(text), "{text} is private");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_not() {
        let public = "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 128.0.0.1 169.253.255.255 172.15.0.1 \
             172.32.0.0 192.0.1.1 192.167.0.1 198.17.0.1 198.20.0.1 198.51.101.1 203.0.114.1 223.255.255.255 2606:4700::1111 \
             2a00:1450::1 ::ffff:1.1.1.1 64:ff9b::1.1.1.1 2002:101:101::1 2001:4860::8888";
        for text in public.split_whitespace() {
            assert!(!is(text), "{text} is public");
        }
    }

    proptest! {
        #[test]
        fn an_ipv4_address_is_no_less_private_when_it_is_written_as_ipv6(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_private(address.to_ipv6_mapped().into()), is_private(address.into()));
        }
    }
}
