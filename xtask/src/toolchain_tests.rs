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
    fn has_target(&self, _target: Target) -> bool {
        self.target
    }

    fn add_target(&mut self, _target: Target) -> bool {
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

fn debian_library() -> Outcome<Library> {
    Ok(Library::Debian { linker: PathBuf::from("/lld") })
}

#[test]
fn an_installed_target_is_used_and_nothing_is_done() {
    let mut host = Fake { target: true, debian: true, root: true, ..Fake::default() };
    assert_eq!(choose(Target::Bare, &mut host), Ok(Library::Installed));
    assert!(host.done.is_empty());
}

#[test]
fn debians_packages_are_used_when_there_without_asking_a_server() {
    let mut host = Fake { debian: true, rustup_reaches_its_server: true, ..Fake::default() };
    assert_eq!(choose(Target::Bare, &mut host), debian_library());
    assert!(host.done.is_empty());
}

#[test]
fn rustup_is_asked_before_anything_is_installed_as_root() {
    let mut host = Fake { rustup_reaches_its_server: true, root: true, ..Fake::default() };
    assert_eq!(choose(Target::Bare, &mut host), Ok(Library::Installed));
    assert_eq!(host.done, ["rustup target add"]);
}

#[test]
fn root_on_a_closed_network_gets_debians_packages() {
    let mut host = Fake { root: true, apt_reaches_its_server: true, ..Fake::default() };
    assert_eq!(choose(Target::Bare, &mut host), debian_library());
    assert_eq!(host.done, ["rustup target add", "apt-get install"]);
}

#[test]
fn nobody_else_has_anything_installed_and_is_told_what_to_install() {
    let mut host = Fake { apt_reaches_its_server: true, ..Fake::default() };
    let error = choose(Target::Bare, &mut host).unwrap_err();
    assert!(
        error.contains("rustup target add x86_64-unknown-none") && error.contains("rust-web-src"),
        "{error}"
    );
    assert_eq!(host.done, ["rustup target add"]);
}

#[test]
fn a_missing_linker_is_said() {
    let mut host = Fake { debian: true, no_linker: true, ..Fake::default() };
    assert!(choose(Target::Bare, &mut host).unwrap_err().contains("rust-lld"));
}

#[test]
fn each_target_is_asked_for_by_its_own_name() {
    for (target, name) in [(Target::Bare, "x86_64-unknown-none"), (Target::Wasm, "wasm32-unknown-unknown")] {
        let error = choose(target, &mut Fake::default()).unwrap_err();
        assert!(error.contains(&format!("rustup target add {name}")), "{error}");
    }
}

#[test]
fn versions_are_compared_by_their_numbers() {
    assert!(numbers("1.96.0+dfsg1-1~deb12u2") >= numbers("1.95"));
    assert!(numbers("1.85.0+dfsg3-1~deb12u3") < numbers("1.95"));
    assert!(numbers("1.100") > numbers("1.95") && numbers("none") < numbers("1.0"));
    assert!(numbers(OLDEST).is_some());
}

fn command(target: Target, library: Library) -> Command {
    let mut command = Command::new("cargo");
    Toolchain { target, library }.apply(&mut command);
    command
}

fn variable(command: &Command, name: &str) -> Option<String> {
    let (_, value) = command.get_envs().find(|(n, _)| *n == name)?;
    Some(value?.to_string_lossy().into_owned())
}

#[test]
fn the_compiler_is_set_for_debian_and_unset_otherwise() {
    for target in [Target::Bare, Target::Wasm] {
        let debian = command(target, debian_library().unwrap());
        assert_eq!(variable(&debian, "RUSTC").as_deref(), Some(DEBIAN_RUSTC));
        assert_eq!(variable(&command(target, Library::Installed), "RUSTC"), None);
    }
    assert_eq!(std::env::var_os("RUSTC_BOOTSTRAP"), None);
}

#[test]
fn debians_compiler_builds_what_the_target_has_and_links_with_rusts_linker() {
    let rows = [
        (Target::Bare, "CARGO_TARGET_X86_64_UNKNOWN_NONE_LINKER", "-Zbuild-std=core,alloc"),
        (Target::Wasm, "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "-Zbuild-std=std,panic_abort"),
    ];
    for (target, linker, library) in rows {
        let debian = command(target, debian_library().unwrap());
        assert_eq!(variable(&debian, linker).as_deref(), Some("/lld"));
        assert!(debian.get_args().any(|arg| arg == library), "{library}");
        assert!(debian.get_args().any(|arg| arg == target.triple()));
    }
}
