//! How this host builds for bare x86-64: the installed target, else rustup's, else Debian's packages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::shell::{Outcome, output, run, say};

/// The guests' target.
pub const TARGET: &str = "x86_64-unknown-none";

/// What builds the guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The toolchain in use has the target.
    Installed,
    /// Debian's compiler builds the library from its own source; `linker` links.
    Debian {
        /// The path of `rust-lld`.
        linker: PathBuf,
    },
}

/// What the decision asks of a host, and may do to it.
pub trait Host {
    /// Whether the toolchain in use has the target's library.
    fn has_target(&self) -> bool;
    /// Asks rustup for it; whether it is there then.
    fn add_target(&mut self) -> bool;
    /// Whether Debian's compiler and its source are installed, in one version.
    fn has_debian(&self) -> bool;
    /// Whether apt-get may be asked for them.
    fn may_install(&self) -> bool;
    /// Installs them; whether they are there then.
    fn install_debian(&mut self) -> bool;
    /// The linker that comes with the toolchain in use.
    fn linker(&self) -> Option<PathBuf>;
}

/// Packages with a compiler and its library's source.
const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];
/// Where the former puts the compiler.
pub const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// Finds a way to build for [`TARGET`], in the order of what changes the host least.
pub fn choose(host: &mut dyn Host) -> Outcome<Toolchain> {
    if host.has_target() {
        return Ok(Toolchain::Installed);
    }
    if host.has_debian() {
        return debian(host);
    }
    if host.add_target() {
        return Ok(Toolchain::Installed);
    }
    if host.may_install() && host.install_debian() {
        return debian(host);
    }
    Err(format!(
        "no library for {TARGET}; expected one of:\n  \
         `rustup target add {TARGET}`\n  \
         on Debian, as root: `apt-get install -y --no-install-recommends {}`",
        PACKAGES.join(" ")
    ))
}

fn debian(host: &dyn Host) -> Outcome<Toolchain> {
    let linker =
        host.linker().ok_or("no rust-lld in the toolchain; expected a toolchain installed by rustup")?;
    Ok(Toolchain::Debian { linker })
}

impl Toolchain {
    /// Makes `cargo` build for [`TARGET`]. The variables are this one process's: a native build
    /// never sees them.
    pub fn apply(&self, cargo: &mut Command) {
        cargo.args(["--target", TARGET]);
        for leak in ["RUSTC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_BOOTSTRAP"] {
            cargo.env_remove(leak);
        }
        if let Toolchain::Debian { linker } = self {
            cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            cargo.env("CARGO_TARGET_X86_64_UNKNOWN_NONE_LINKER", linker);
            cargo.arg("-Zbuild-std=core,alloc");
        }
    }
}

/// The host that this runs on.
pub struct ThisHost;

/// The library folder of the toolchain in use.
fn sysroot() -> Option<PathBuf> {
    output(Command::new("rustc").args(["--print", "sysroot"]).env_remove("RUSTC")).map(PathBuf::from)
}

fn version(package: &str) -> Option<String> {
    output(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status} ${Version}", package]))
        .and_then(|text| text.strip_prefix("installed ").map(str::to_string))
}

impl Host for ThisHost {
    fn has_target(&self) -> bool {
        let library = |root: PathBuf| root.join("lib/rustlib").join(TARGET).join("lib").is_dir();
        sysroot().is_some_and(library)
    }

    fn add_target(&mut self) -> bool {
        if output(Command::new("rustup").arg("--version")).is_none() {
            return false;
        }
        say(&format!("rustup target add {TARGET}"));
        run(Command::new("rustup").args(["target", "add", TARGET]).stdout(Stdio::null())).is_ok()
            && self.has_target()
    }

    fn has_debian(&self) -> bool {
        let [rustc, source] = PACKAGES.map(version);
        rustc.is_some() && rustc == source && Path::new(DEBIAN_RUSTC).is_file()
    }

    fn may_install(&self) -> bool {
        let root = output(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
        root && output(Command::new("apt-get").arg("--version")).is_some()
    }

    fn install_debian(&mut self) -> bool {
        say(&format!(
            "apt-get install {} (137 MB): a compiler with its library's source",
            PACKAGES.join(" ")
        ));
        let apt = |args: &[&str]| {
            let mut command = Command::new("apt-get");
            run(command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
        };
        let mut install = vec!["install", "-y", "--no-install-recommends"];
        install.extend(PACKAGES);
        let installed = apt(&install).is_ok() || (apt(&["update"]).is_ok() && apt(&install).is_ok());
        installed && self.has_debian()
    }

    fn linker(&self) -> Option<PathBuf> {
        let root = sysroot()?.join("lib/rustlib");
        let folders = std::fs::read_dir(root).ok()?.flatten();
        folders.map(|entry| entry.path().join("bin/rust-lld")).find(|path| path.is_file())
    }
}

#[cfg(test)]
#[path = "toolchain_tests.rs"]
mod tests;
