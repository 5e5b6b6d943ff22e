//! Kernel modules and what they depend on, as each says in its `.modinfo` section.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules by name, each after all that it depends on.
pub fn with_dependencies(folder: &Path, wanted: &[&str]) -> Result<Vec<Module>, String> {
    let mut files = BTreeMap::new();
    find(&folder.join("kernel"), &mut files);
    let mut found = Vec::new();
    for name in wanted {
        collect(&normal(name), &files, &mut found)?;
    }
    Ok(found)
}

/// One module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name, with `_` for `-`.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// The names of those it depends on.
    pub depends: Vec<String>,
}

/// The modules' names have `_` where their files' may have `-`.
fn normal(name: &str) -> String {
    name.replace('-', "_")
}

fn find(folder: &Path, files: &mut BTreeMap<String, PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|e| e == "ko")
            && let Some(stem) = path.file_stem()
        {
            files.insert(normal(&stem.to_string_lossy()), path);
        }
    }
}

fn collect(name: &str, files: &BTreeMap<String, PathBuf>, found: &mut Vec<Module>) -> Result<(), String> {
    if found.iter().any(|module| module.name == name) {
        return Ok(());
    }
    let path = files.get(name).ok_or_else(|| format!("no module {name} in the kernel's package"))?;
    let data = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let depends = depends(&data);
    for other in &depends {
        collect(other, files, found)?;
    }
    found.push(Module { name: name.to_string(), path: path.clone(), depends });
    Ok(())
}

/// `depends=a,b` in `.modinfo`, which holds strings that end in zeros.
fn depends(data: &[u8]) -> Vec<String> {
    const KEY: &[u8] = b"\0depends=";
    let Some(at) = data.windows(KEY.len()).position(|w| w == KEY) else { return Vec::new() };
    let value = data[at + KEY.len()..].split(|b| *b == 0).next().unwrap_or_default();
    let names = String::from_utf8_lossy(value);
    names.split(',').filter(|name| !name.is_empty()).map(normal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modules_dependencies_are_read_from_its_own_words() {
        assert_eq!(
            depends(b"\x7fELF\0license=GPL\0depends=mdio,i2c-algo-bit\0name=x\0"),
            ["mdio", "i2c_algo_bit"]
        );
        assert!(depends(b"\0depends=\0").is_empty());
    }
}
