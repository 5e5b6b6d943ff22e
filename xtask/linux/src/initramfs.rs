//! An initial RAM disk: busybox, an init script, and what else a test wants.

use std::fs;
use std::path::Path;

use crate::cpio::Archive;
use crate::{Kernel, busybox, modules};

/// What runs before the user's part of `/init`.
const BEGIN: &str = "#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /tmp /root /usr/bin /usr/sbin /sbin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox --install -s
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root
";

/// A shell on the console, with job control.
const SHELL: &str = "echo ready
setsid cttyhack sh
poweroff -f
";

/// An initial RAM disk being filled.
#[derive(Clone, Debug)]
pub struct Initramfs {
    archive: Archive,
    init: String,
}

impl Initramfs {
    /// Busybox, a console, and an `/init` that mounts what a shell needs, says `ready` and starts one.
    pub fn new() -> Result<Initramfs, String> {
        let mut archive = Archive::default();
        let path = busybox()?;
        let busybox = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        archive.file("bin/busybox", 0o755, &busybox);
        archive.link("bin/sh", "busybox");
        archive.device("dev/console", 5, 1);
        archive.device("dev/null", 1, 3);
        Ok(Initramfs { archive, init: SHELL.to_string() })
    }

    /// What `/init` runs in place of a shell; its last line may be `poweroff -f`.
    #[must_use]
    pub fn init(mut self, script: &str) -> Initramfs {
        self.init = script.to_string();
        self
    }

    /// A file with these permissions.
    #[must_use]
    pub fn file(mut self, path: &str, permissions: u32, data: &[u8]) -> Initramfs {
        self.archive.file(path, permissions, data);
        self
    }

    /// A file of this host, executable.
    pub fn program(self, path: &str, source: &Path) -> Result<Initramfs, String> {
        let data = fs::read(source).map_err(|e| format!("{}: {e}", source.display()))?;
        Ok(self.file(path, 0o755, &data))
    }

    /// Modules of the kernel's package and all that they depend on, as `modprobe` looks for them.
    pub fn modules(mut self, kernel: &Kernel, names: &[&str]) -> Result<Initramfs, String> {
        let root = format!("lib/modules/{}", kernel.version);
        let modules = modules::with_dependencies(&kernel.modules, names)?;
        let file = |name: &str| format!("kernel/{name}.ko");
        let mut list = String::new();
        for module in &modules {
            let data = fs::read(&module.path).map_err(|e| format!("{}: {e}", module.path.display()))?;
            self.archive.file(&format!("{root}/{}", file(&module.name)), 0o644, &data);
            list += &format!("{}:", file(&module.name));
            // modprobe(8) loads what a line names, from its end: all of it, not only the direct ones.
            for other in reachable(module, &modules) {
                list += &format!(" {}", file(&other));
            }
            list.push('\n');
        }
        self.archive.file(&format!("{root}/modules.dep"), 0o644, list.as_bytes());
        Ok(self)
    }

    /// The archive; the kernel takes it uncompressed.
    pub fn build(mut self) -> Vec<u8> {
        let init = format!("{BEGIN}{}", self.init);
        self.archive.file("init", 0o755, init.as_bytes());
        self.archive.finish()
    }
}

/// Everything that `module` depends on, what others need last; `all` has it first.
fn reachable(module: &modules::Module, all: &[modules::Module]) -> Vec<String> {
    let mut names = module.depends.clone();
    let mut in_order = Vec::new();
    for other in all.iter().rev() {
        if names.contains(&other.name) {
            in_order.push(other.name.clone());
            names.extend(other.depends.iter().cloned());
        }
    }
    in_order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_needs_comes_last() {
        let module = |name: &str, depends: &[&str]| modules::Module {
            name: name.to_string(),
            path: Default::default(),
            depends: depends.iter().map(|d| d.to_string()).collect(),
        };
        let all = [module("c", &[]), module("x", &[]), module("b", &["c"]), module("a", &["c", "b"])];
        assert_eq!(reachable(&all[3], &all), ["b", "c"]);
    }
}
