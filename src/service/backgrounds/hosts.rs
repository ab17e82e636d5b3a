//! Which hosts may be asked.

use std::net::IpAddr;

/// A list of hosts: `tiles.example.org` is that one, `.example.org` all below
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostList(Vec<String>);

impl HostList {
    /// Reads a list with commas between; blanks do not count.
    pub fn read(text: &str) -> HostList {
        let hosts = text.split(',').map(|host| host.trim().to_ascii_lowercase());
        HostList(hosts.filter(|host| !host.is_empty()).collect())
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a host, in small letters, is on the list.
    pub fn has(&self, host: &str) -> bool {
        self.0.iter().any(|known| match known.strip_prefix('.') {
            Some(_) => host.len() > known.len() && host.ends_with(known.as_str()),
            None => host == known,
        })
    }
}

/// Addresses that are never asked: link-local ones, where machines of a cloud
/// tell secrets to whoever asks from within, and those that are no single
/// host.
pub(super) fn is_forbidden(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            v4.is_link_local() || v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast()
        }
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_stands_for_all_below() {
        let list = HostList::read(" t0.tianditu.gov.cn, .MAP.gov.cn ,,10.0.0.8,");
        for yes in [
            "t0.tianditu.gov.cn",
            "a.map.gov.cn",
            "b.a.map.gov.cn",
            "10.0.0.8",
        ] {
            assert!(list.has(yes), "{yes}");
        }
        for no in [
            "t1.tianditu.gov.cn",
            "map.gov.cn",
            "xmap.gov.cn",
            "t0.tianditu.gov.cn.evil.invalid",
            "110.0.0.8",
            "",
            ".map.gov.cn",
        ] {
            assert!(!list.has(no), "{no}");
        }
        assert!(HostList::read(" , ").is_empty());
        assert!(!HostList::read(".").has("a.b"));
    }

    #[test]
    fn link_local_in_every_form() {
        for no in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "febf::1",
            "0.0.0.0",
            "::",
            "224.0.0.1",
        ] {
            assert!(is_forbidden(no.parse().unwrap()), "{no}");
        }
        for yes in ["10.0.0.8", "127.0.0.1", "192.168.1.1", "fd00::1", "::1"] {
            assert!(!is_forbidden(yes.parse().unwrap()), "{yes}");
        }
    }
}
