//! Real people's software to boot: Debian's own kernels and busybox, and the initial RAM disk that joins them.
//!
//! Packages come through `apt-get download` and `dpkg-deb -x`, into `target/linux` of the workspace or the
//! folder that `EXITLESS_LINUX` names; nothing is installed. Standard library only. Whoever tests calls
//! [`kernel`] and [`Initramfs`], and says SKIPPED with the error's words where there is nothing to be had.

pub mod cpio;
mod ethtool;
mod fetch;
mod initramfs;
mod modules;

pub use ethtool::ethtool;
pub use fetch::{Flavour, Kernel, busybox, folder, kernel};
pub use initramfs::Initramfs;
