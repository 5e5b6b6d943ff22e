//! Debian's ethtool, and the libraries that it is linked with.

use std::path::PathBuf;

use crate::fetch::unpacked;

/// The package, the file in it, and where it goes in the guest.
const FILES: [(&str, &str, &str); 5] = [
    ("ethtool", "sbin/ethtool", "sbin/ethtool"),
    ("libmnl0", "usr/lib/x86_64-linux-gnu/libmnl.so.0", "lib/x86_64-linux-gnu/libmnl.so.0"),
    ("libc6", "lib/x86_64-linux-gnu/libc.so.6", "lib/x86_64-linux-gnu/libc.so.6"),
    ("libc6", "lib/x86_64-linux-gnu/libm.so.6", "lib/x86_64-linux-gnu/libm.so.6"),
    ("libc6", "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2"),
];

/// Each file's path in the guest, and where it is here; downloaded if it is not there.
pub fn ethtool() -> Result<Vec<(&'static str, PathBuf)>, String> {
    let find = |(package, file, path): &(&str, &str, &'static str)| {
        let found = unpacked(package, || Ok(package.to_string()))?.join(file);
        if found.is_file() {
            Ok((*path, found))
        } else {
            Err(format!("{}: not in {package}", found.display()))
        }
    };
    FILES.iter().map(find).collect()
}
