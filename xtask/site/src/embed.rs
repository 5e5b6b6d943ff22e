//! What other people's pages embed: the element, the npm package, the SCORM package.

use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{Outcome, html, read_text, write};

/// The element.
const MODULE: &str = "exitless-lab.js";
/// The element as a classic script: a module of another host would need a header of that host.
const CLASSIC: &str = "embed/exitless-lab.classic.js";
/// Files of `web/embed` that lie beside the element wherever it is.
const ELEMENT: [&str; 3] = [MODULE, "exitless-lab.d.ts", "README.md"];

/// What a package's readers may do with it.
const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// A file as it lies in the site's folder.
pub type Placed = (String, Vec<u8>);

/// The element, for every site.
pub fn element(root: &Path) -> Outcome<Vec<Placed>> {
    let mut files = ELEMENT
        .iter()
        .map(|name| placed(root, name, &format!("embed/{name}")))
        .collect::<Outcome<Vec<_>>>()?;
    files.push((CLASSIC.to_string(), classic(&read_text(&source(root, MODULE))?).into_bytes()));
    Ok(files)
}

/// A module without imports as a classic script; in a block, it leaves no names behind and may run twice.
fn classic(module: &str) -> String {
    let script =
        module.replace("export class", "class").replace("import.meta.url", "document.currentScript.src");
    format!("{{\n{script}}}\n")
}

/// What makes a site an npm package.
pub fn package(root: &Path) -> Outcome<Vec<Placed>> {
    let mut files = ["package.json", "README.md"]
        .iter()
        .map(|name| placed(root, name, name))
        .collect::<Outcome<Vec<_>>>()?;
    for name in LICENCES {
        files.push((name.to_string(), read_text(&root.join(name))?.into_bytes()));
    }
    Ok(files)
}

fn placed(root: &Path, name: &str, at: &str) -> Outcome<Placed> {
    Ok((at.to_string(), read_text(&source(root, name))?.into_bytes()))
}

/// The site as a SCORM 1.2 package (Content Aggregation Model 2.3), which opens `name`.
pub fn scorm(root: &Path, site: Vec<Placed>, build: &str, name: &str, title: &str) -> Outcome<Vec<u8>> {
    let page = read_text(&source(root, "scorm.html"))?.replace("{{name}}", &html::escape(name));
    let mut files = site;
    files.push(("scorm.html".to_string(), page.into_bytes()));
    files.push(("scorm.js".to_string(), read_text(&source(root, "scorm.js"))?.into_bytes()));
    files.sort();
    let list: String =
        files.iter().map(|(name, _)| format!("      <file href=\"{}\"/>\n", html::escape(name))).collect();
    let manifest = read_text(&source(root, "imsmanifest.xml"))?
        .replace("{{build}}", build)
        .replace("{{title}}", &html::escape(title))
        .replace("{{files}}", &list);
    files.insert(0, ("imsmanifest.xml".to_string(), manifest.into_bytes()));
    zipped(&files)
}

/// Writes placed files into `folder`.
pub fn place(folder: &Path, files: &[Placed]) -> Outcome<()> {
    files.iter().try_for_each(|(name, bytes)| write(&folder.join(name), bytes))
}

fn source(root: &Path, name: &str) -> std::path::PathBuf {
    root.join("web/embed").join(name)
}

/// A zip of the files as they are: most are compressed. It holds no time of day.
fn zipped(files: &[Placed]) -> Outcome<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options).map_err(|e| format!("{name}: {e}"))?;
        zip.write_all(bytes).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(zip.finish().map_err(|e| e.to_string())?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn the_classic_element_has_nothing_of_a_module() {
        let files = element(&root()).unwrap();
        let script = files.iter().find(|(name, _)| name == CLASSIC).map(|(_, bytes)| bytes.clone()).unwrap();
        let script = String::from_utf8(script).unwrap();
        assert!(
            script.contains("document.currentScript") && script.contains("class ExitlessLab"),
            "{script}"
        );
        for word in ["import.", "export "] {
            assert!(!script.contains(word), "{word}");
        }
    }

    #[test]
    fn a_scorm_package_names_every_file_that_it_holds() {
        let site = vec![("index.html".to_string(), b"page".to_vec())];
        let bytes = scorm(&root(), site.clone(), "b1", "lab", "A & B").unwrap();
        assert_eq!(bytes, scorm(&root(), site, "b1", "lab", "A & B").unwrap(), "the same bytes each time");
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut manifest = String::new();
        zip.by_name("imsmanifest.xml").unwrap().read_to_string(&mut manifest).unwrap();
        assert!(manifest.contains("<title>A &amp; B</title>"), "{manifest}");
        let names: Vec<_> = zip.file_names().map(Result::unwrap).collect();
        assert!(names.len() > 1);
        for name in names.iter().filter(|name| *name != "imsmanifest.xml") {
            assert!(manifest.contains(&format!("<file href=\"{name}\"/>")), "{name}");
        }
        assert!(!manifest.contains("{{"), "{manifest}");
    }
}
