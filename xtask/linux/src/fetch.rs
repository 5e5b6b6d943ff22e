//! Debian's packages, through its own client.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Which of Debian's kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// `linux-image-cloud-amd64`: few drivers.
    Cloud,
    /// `linux-image-amd64`: ixgbe, intel-iommu and all others.
    Full,
}

impl Flavour {
    /// The folder's name.
    pub fn name(self) -> &'static str {
        match self {
            Flavour::Cloud => "cloud",
            Flavour::Full => "full",
        }
    }

    /// The package that depends on the newest kernel of this kind.
    fn package(self) -> &'static str {
        match self {
            Flavour::Cloud => "linux-image-cloud-amd64",
            Flavour::Full => "linux-image-amd64",
        }
    }
}

/// A kernel as its package has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// The bzImage.
    pub image: PathBuf,
    /// `lib/modules/VERSION`.
    pub modules: PathBuf,
    /// What `uname -r` says.
    pub version: String,
}

/// Where packages are unpacked.
pub fn folder() -> PathBuf {
    let workspace = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        root.unwrap_or(Path::new(".")).join("target/linux")
    };
    std::env::var_os("EXITLESS_LINUX").map_or_else(workspace, PathBuf::from)
}

/// Debian's kernel of this kind, downloaded if it is not there.
pub fn kernel(flavour: Flavour) -> Result<Kernel, String> {
    let unpacked = unpacked(flavour.name(), || newest(flavour))?;
    let boot = unpacked.join("boot");
    let names = names(&boot)?;
    let version = names
        .iter()
        .find_map(|name| name.strip_prefix("vmlinuz-"))
        .ok_or_else(|| format!("{}: no vmlinuz-*; expected a kernel's package", boot.display()))?;
    Ok(Kernel {
        image: boot.join(format!("vmlinuz-{version}")),
        modules: unpacked.join("lib/modules").join(version),
        version: version.to_string(),
    })
}

/// Debian's statically linked busybox, downloaded if it is not there.
pub fn busybox() -> Result<PathBuf, String> {
    let path = unpacked("busybox", || Ok("busybox-static".to_string()))?.join("bin/busybox");
    if path.is_file() { Ok(path) } else { Err(format!("{}: not in busybox-static", path.display())) }
}

/// The folder `name` with a package's files in it; whole, or not there.
pub(crate) fn unpacked(name: &str, package: impl Fn() -> Result<String, String>) -> Result<PathBuf, String> {
    let (folder, done) = (folder(), folder().join(name));
    let context = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    fs::create_dir_all(&folder).map_err(|e| context(&folder, e))?;
    // Several tests may want the same at once.
    let lock = folder.join(format!("{name}.lock"));
    let held = File::create(&lock).and_then(|file| file.lock().map(|()| file));
    let _held = held.map_err(|e| context(&lock, e))?;
    if done.is_dir() {
        return Ok(done);
    }
    let work = folder.join(format!("{name}.new"));
    _ = fs::remove_dir_all(&work);
    let files = work.join("files");
    fs::create_dir_all(&files).map_err(|e| context(&files, e))?;
    let archive = download(&work, &package)?;
    run(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&files))?;
    fs::rename(&files, &done).map_err(|e| context(&done, e))?;
    _ = fs::remove_dir_all(&work);
    Ok(done)
}

/// Downloads a package into `work`. Its version may be newer than what the client knows of: it is told once.
fn download(work: &Path, package: &impl Fn() -> Result<String, String>) -> Result<PathBuf, String> {
    let ask = || {
        let package = package()?;
        run(Command::new("apt-get").args(["-q", "download", &package]).current_dir(work))
    };
    ask().or_else(|_| {
        _ = run(Command::new("apt-get").args(["-q", "update"]));
        ask()
    })?;
    let archive = names(work)?.into_iter().find(|name| name.ends_with(".deb"));
    archive.map(|name| work.join(name)).ok_or_else(|| format!("{}: nothing was downloaded", work.display()))
}

/// The package on which the flavour's own depends: the one that has the files.
fn newest(flavour: Flavour) -> Result<String, String> {
    let text = run(Command::new("apt-cache").args(["depends", flavour.package()]))?;
    depends(&text).ok_or_else(|| format!("{}: depends on no kernel", flavour.package()))
}

fn depends(text: &str) -> Option<String> {
    let mut packages = text.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    packages.find(|package| package.starts_with("linux-image-")).map(str::to_string)
}

/// A folder's names, sorted.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<_> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// What the command wrote to stdout; an error holds the last line that it wrote to stderr.
fn run(command: &mut Command) -> Result<String, String> {
    let shown = std::iter::once(command.get_program()).chain(command.get_args());
    let shown = shown.map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let output = command
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .output()
        .map_err(|e| format!("`{shown}` did not start: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{shown}` failed: {}", errors.lines().last().unwrap_or("it says nothing")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_package_is_what_the_flavours_own_depends_on() {
        let text = "linux-image-amd64\n  Depends: linux-image-6.1.0-48-amd64\n  Suggests: firmware\n";
        assert_eq!(depends(text).as_deref(), Some("linux-image-6.1.0-48-amd64"));
        assert_eq!(depends("linux-image-amd64\n"), None);
    }

    #[test]
    fn a_failure_names_the_command_and_its_last_words() {
        let error =
            run(Command::new("sh").args(["-c", "echo first >&2; echo last >&2; exit 1"])).unwrap_err();
        assert!(error.ends_with("failed: last"), "{error}");
    }
}
