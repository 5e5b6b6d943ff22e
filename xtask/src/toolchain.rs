//! How this host builds for another target: the installed library, else rustup's, else Debian's packages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::debian;
use crate::shell::{Outcome, output, patiently, root, run, say};

/// What is built for, besides the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Bare x86-64: the guests.
    Bare,
    /// WebAssembly: the machine in a page or in node.
    Wasm,
}

impl Target {
    /// Its name.
    pub const fn triple(self) -> &'static str {
        match self {
            Target::Bare => "x86_64-unknown-none",
            Target::Wasm => "wasm32-unknown-unknown",
        }
    }

    /// The crates of the standard library that it has.
    const fn library(self) -> &'static str {
        match self {
            Target::Bare => "core,alloc",
            Target::Wasm => "std,panic_abort",
        }
    }

    /// The variable that tells cargo its linker.
    fn linker_variable(self) -> String {
        format!("CARGO_TARGET_{}_LINKER", self.triple().to_uppercase().replace('-', "_"))
    }
}

/// What builds for a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// The target.
    pub target: Target,
    /// Where its library comes from.
    pub library: Library,
}

/// Where a target's library comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Library {
    /// The toolchain in use has the target.
    Installed,
    /// Debian's compiler builds the library from its own source; `linker` links.
    Debian {
        /// The path of `rust-lld`.
        linker: PathBuf,
    },
}

/// What the decision asks of a host, and may do to it.
trait Host {
    /// Whether the toolchain in use has the target's library.
    fn has_target(&self, target: Target) -> bool;
    /// Asks rustup for it; whether it is there then.
    fn add_target(&mut self, target: Target) -> bool;
    /// Whether Debian's compiler and its source are installed, in one version that is new enough.
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
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// What a compiler must at least be, as the manifest says.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Finds a library for `target`, in the order of what changes the host least.
fn choose(target: Target, host: &mut dyn Host) -> Outcome<Library> {
    if host.has_target(target) {
        return Ok(Library::Installed);
    }
    if host.has_debian() {
        return debian(host);
    }
    if host.add_target(target) {
        return Ok(Library::Installed);
    }
    if host.may_install() && host.install_debian() {
        return debian(host);
    }
    let triple = target.triple();
    Err(format!(
        "no library for {triple}; expected one of:\n  \
         `rustup target add {triple}`\n  \
         on Debian, as root: `apt-get update`, then `apt-get install -y --no-install-recommends {}`, \
         at least {OLDEST}",
        PACKAGES.join(" ")
    ))
}

fn debian(host: &dyn Host) -> Outcome<Library> {
    let linker =
        host.linker().ok_or("no rust-lld in the toolchain; expected a toolchain installed by rustup")?;
    Ok(Library::Debian { linker })
}

impl Toolchain {
    /// What builds for `target` on this host, which may have to install it.
    pub fn for_target(target: Target) -> Outcome<Toolchain> {
        Ok(Toolchain { target, library: choose(target, &mut ThisHost)? })
    }

    /// Makes `cargo` build for the target. The variables are this one process's: a native build
    /// never sees them.
    pub fn apply(&self, cargo: &mut Command) {
        cargo.args(["--target", self.target.triple()]);
        for leak in ["RUSTC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_BOOTSTRAP"] {
            cargo.env_remove(leak);
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", short_paths());
        if let Library::Debian { linker } = &self.library {
            cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            cargo.env(self.target.linker_variable(), linker);
            cargo.arg(format!("-Zbuild-std={}", self.target.library()));
        }
    }
}

/// Flags that cut this host's folders off the paths in what is built, so that one compiler makes the same bytes in any
/// folder, and a debugger started in the workspace finds the sources.
fn short_paths() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let crates = home.map(|home| (home.join("registry/src"), "crates"));
    let remaps = [Some((root().to_path_buf(), ".")), crates].into_iter().flatten();
    let flags = remaps.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// The host that this runs on.
struct ThisHost;

/// The library folder of the toolchain in use.
fn sysroot() -> Option<PathBuf> {
    output(Command::new("rustc").args(["--print", "sysroot"]).env_remove("RUSTC")).map(PathBuf::from)
}

fn version(package: &str) -> Option<String> {
    output(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status} ${Version}", package]))
        .and_then(|text| text.strip_prefix("installed ").map(str::to_string))
}

/// A version's first two numbers.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

impl Host for ThisHost {
    fn has_target(&self, target: Target) -> bool {
        let library = |root: PathBuf| root.join("lib/rustlib").join(target.triple()).join("lib").is_dir();
        sysroot().is_some_and(library)
    }

    fn add_target(&mut self, target: Target) -> bool {
        if output(Command::new("rustup").arg("--version")).is_none() {
            return false;
        }
        say(&format!("rustup target add {}", target.triple()));
        let mut add = Command::new("rustup");
        add.args(["target", "add", target.triple()]).stdout(Stdio::null());
        patiently(|| run(&mut add)).is_ok() && self.has_target(target)
    }

    fn has_debian(&self) -> bool {
        let [rustc, source] = PACKAGES.map(version);
        let current = rustc.as_deref().is_some_and(|version| numbers(version) >= numbers(OLDEST));
        current && rustc == source && Path::new(DEBIAN_RUSTC).is_file()
    }

    fn may_install(&self) -> bool {
        debian::may_install()
    }

    fn install_debian(&mut self) -> bool {
        say(&format!("a compiler with its library's source, at least {OLDEST}: 137 MB"));
        debian::install_newest(&PACKAGES);
        self.has_debian()
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
