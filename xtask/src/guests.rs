//! Builds the guests: a workspace of their own, for bare x86-64.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bench_c;
use crate::shell::{Outcome, cargo, root, run, say};
use crate::toolchain::{Target, Toolchain};

/// The hypervisor's package and image.
const HYPERVISOR: &str = "eli-hypervisor";

/// Builds `examples/guests` and puts each image into `target/guests`; their folder.
pub fn build() -> Outcome<PathBuf> {
    let workspace = root().join("examples/guests");
    if !workspace.join("Cargo.toml").is_file() {
        return Err(format!("{} has no Cargo.toml; expected the guests' workspace", workspace.display()));
    }
    let toolchain = Toolchain::for_target(Target::Bare)?;
    let work = root().join("target/guests-build");
    let built = work.join(Target::Bare.triple()).join("release");
    remove_images(&built)?;
    // The same hypervisor with a mistake in it, for the page's test. What is built last keeps the name.
    cargo_build(&workspace, &work, &toolchain, &["--package", HYPERVISOR, "--features", "gate-left-out"])?;
    let mistaken = built.join(format!("{HYPERVISOR}-gate-left-out"));
    fs::rename(built.join(HYPERVISOR), &mistaken).map_err(|e| format!("{}: {e}", mistaken.display()))?;
    cargo_build(&workspace, &work, &toolchain, &["--workspace", "--bins"])?;
    let guests = collect(&built, &folder())?;
    bench_c::build(&guests)?;
    Ok(guests)
}

/// Builds some of the guests.
fn cargo_build(workspace: &Path, work: &Path, toolchain: &Toolchain, which: &[&str]) -> Outcome<()> {
    let mut command = cargo();
    command.current_dir(workspace).args(["build", "--release", "--target-dir"]).arg(work).args(which);
    // Costs and lessons were fitted to guests of one making, whatever profile the rest is built in.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PROFILE_") {
            command.env_remove(name);
        }
    }
    toolchain.apply(&mut command);
    run(&mut command)
}

/// Where the images are, once built.
pub fn folder() -> PathBuf {
    root().join("target/guests")
}

/// Copies what was built to where the runner looks, and nothing else stays there.
fn collect(built: &Path, guests: &Path) -> Outcome<PathBuf> {
    fs::create_dir_all(guests).map_err(|e| format!("{}: {e}", guests.display()))?;
    remove_images(guests)?;
    let images = images(built);
    if images.is_empty() {
        return Err(format!("{}: no ELF image was built", built.display()));
    }
    for image in &images {
        let Some(name) = image.file_name() else { continue };
        fs::copy(image, guests.join(name)).map_err(|e| format!("{}: {e}", image.display()))?;
    }
    say(&format!("{} guests in {}", images.len(), guests.display()));
    Ok(guests.to_path_buf())
}

/// Removes the images in `folder`, so that a guest that is no longer in the source goes away.
fn remove_images(folder: &Path) -> Outcome<()> {
    images(folder)
        .iter()
        .try_for_each(|path| fs::remove_file(path).map_err(|e| format!("{}: {e}", path.display())))
}

/// The ELF files in `folder`: what cargo builds as a binary has no extension.
fn images(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut images: Vec<_> = entries.filter(|path| path.extension().is_none() && is_elf(path)).collect();
    images.sort();
    images
}

fn is_elf(path: &Path) -> bool {
    use std::io::Read;
    let mut magic = [0; 4];
    fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok()) && &magic == b"\x7fELF"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_collected_and_stale_ones_go() {
        let folder = std::env::temp_dir().join(format!("xtask-guests-{}", std::process::id()));
        let (built, guests) = (folder.join("built"), folder.join("guests"));
        fs::create_dir_all(&built).unwrap();
        fs::create_dir_all(&guests).unwrap();
        fs::write(built.join("hello"), b"\x7fELF new").unwrap();
        fs::write(built.join("hello.d"), b"\x7fELF no").unwrap();
        fs::write(built.join("notes"), b"text").unwrap();
        fs::write(guests.join("gone"), b"\x7fELF old").unwrap();
        collect(&built, &guests).unwrap();
        assert_eq!(images(&guests), [guests.join("hello")]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_build_without_images_is_an_error() {
        let folder = std::env::temp_dir().join(format!("xtask-empty-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(collect(&folder, &folder).unwrap_err().contains("no ELF image"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
