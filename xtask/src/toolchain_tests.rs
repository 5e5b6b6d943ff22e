//! The decision, on hosts that never were.

use super::*;

/// A host by what it has and what would succeed; `done` is what was done to it.
#[derive(Default)]
struct Fake {
    target: bool,
    debian: bool,
    rustup_reaches_its_server: bool,
    root: bool,
    apt_reaches_its_server: bool,
    no_linker: bool,
    done: Vec<&'static str>,
}

impl Host for Fake {
    fn has_target(&self) -> bool {
        self.target
    }

    fn add_target(&mut self) -> bool {
        self.done.push("rustup target add");
        self.rustup_reaches_its_server
    }

    fn has_debian(&self) -> bool {
        self.debian
    }

    fn may_install(&self) -> bool {
        self.root
    }

    fn install_debian(&mut self) -> bool {
        self.done.push("apt-get install");
        self.apt_reaches_its_server
    }

    fn linker(&self) -> Option<PathBuf> {
        (!self.no_linker).then(|| PathBuf::from("/lld"))
    }
}

fn debian_toolchain() -> Outcome<Toolchain> {
    Ok(Toolchain::Debian { linker: PathBuf::from("/lld") })
}

#[test]
fn an_installed_target_is_used_and_nothing_is_done() {
    let mut host = Fake { target: true, debian: true, root: true, ..Fake::default() };
    assert_eq!(choose(&mut host), Ok(Toolchain::Installed));
    assert!(host.done.is_empty());
}

#[test]
fn debians_packages_are_used_when_there_without_asking_a_server() {
    let mut host = Fake { debian: true, rustup_reaches_its_server: true, ..Fake::default() };
    assert_eq!(choose(&mut host), debian_toolchain());
    assert!(host.done.is_empty());
}

#[test]
fn rustup_is_asked_before_anything_is_installed_as_root() {
    let mut host = Fake { rustup_reaches_its_server: true, root: true, ..Fake::default() };
    assert_eq!(choose(&mut host), Ok(Toolchain::Installed));
    assert_eq!(host.done, ["rustup target add"]);
}

#[test]
fn root_on_a_closed_network_gets_debians_packages() {
    let mut host = Fake { root: true, apt_reaches_its_server: true, ..Fake::default() };
    assert_eq!(choose(&mut host), debian_toolchain());
    assert_eq!(host.done, ["rustup target add", "apt-get install"]);
}

#[test]
fn nobody_else_has_anything_installed_and_is_told_what_to_install() {
    let mut host = Fake { apt_reaches_its_server: true, ..Fake::default() };
    let error = choose(&mut host).unwrap_err();
    assert!(
        error.contains("rustup target add x86_64-unknown-none") && error.contains("rust-web-src"),
        "{error}"
    );
    assert_eq!(host.done, ["rustup target add"]);
}

#[test]
fn a_missing_linker_is_said() {
    let mut host = Fake { debian: true, no_linker: true, ..Fake::default() };
    assert!(choose(&mut host).unwrap_err().contains("rust-lld"));
}

fn variables(toolchain: &Toolchain) -> Vec<(String, Option<String>)> {
    let mut command = Command::new("cargo");
    toolchain.apply(&mut command);
    let text = |s: &std::ffi::OsStr| s.to_string_lossy().into_owned();
    command.get_envs().map(|(name, value)| (text(name), value.map(text))).collect()
}

#[test]
fn the_compiler_is_set_for_debian_and_unset_otherwise() {
    let rustc =
        |t: &Toolchain| variables(t).into_iter().find(|(name, _)| name == "RUSTC").and_then(|(_, v)| v);
    assert_eq!(rustc(&debian_toolchain().unwrap()).as_deref(), Some(DEBIAN_RUSTC));
    assert_eq!(rustc(&Toolchain::Installed), None);
    assert_eq!(std::env::var_os("RUSTC_BOOTSTRAP"), None);
}
