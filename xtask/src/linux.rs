//! Debian's kernels and busybox, for the tests that boot them.

use std::fs;

use linux_kit::{Flavour, Initramfs};

use crate::shell::{Outcome, nothing_may_be_left_out, say};

/// `cargo xtask fetch-linux`: downloads what is missing, and writes an initial RAM disk to try it with.
pub fn fetch() -> Outcome<()> {
    for flavour in [Flavour::Cloud, Flavour::Full] {
        let kernel = linux_kit::kernel(flavour)?;
        println!("{}: {}", flavour.name(), kernel.image.display());
    }
    for (path, file) in linux_kit::ethtool()? {
        println!("{path}: {}", file.display());
    }
    let disk = linux_kit::folder().join("initramfs.cpio");
    fs::write(&disk, Initramfs::new()?.build()).map_err(|e| format!("{}: {e}", disk.display()))?;
    println!("initramfs: {}", disk.display());
    Ok(())
}

/// As [`fetch`]; where nothing can be downloaded and something may be left out, says so.
pub fn fetch_for_tests() -> Outcome<()> {
    match fetch() {
        Err(error) if !nothing_may_be_left_out() => {
            say(&format!("the tests that boot Linux are left out: {error}"));
            Ok(())
        }
        outcome => outcome,
    }
}
