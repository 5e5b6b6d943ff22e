//! Packs the Lab's page from what cargo built: `cargo xtask site` runs it.
//!
//! A package of its own, because `cargo xtask` stays on the standard library and quick to build.

mod bind;
mod catalogue;
mod embed;
mod files;
mod html;
mod image;
mod lessons;
mod names;
mod options;
mod order;
mod sizes;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use files::{Files, Kind};
use options::Options;

/// What a step returns: an error says what failed and what to do.
type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Options::parse(&arguments).and_then(|options| pack(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("site: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The page and the machines: each module once, and a script for each worker that it makes.
fn modules(options: &Options, files: &mut Files) -> Outcome<()> {
    let text = |name: &str| read_text(&options.root.join("web").join(name));
    let (machines, lessons) = (text("worker.js")?, text("lesson/worker.js")?);
    let built = [
        (&options.page, "page.wasm", Kind::Page, vec![("page.js", Kind::Page, "")]),
        (&options.machine, "machine.wasm", Kind::Machine, vec![("machine.js", Kind::Machine, &*machines)]),
        (
            &options.whole,
            "whole.wasm",
            Kind::Later,
            vec![("whole.js", Kind::Later, &machines), ("checker.js", Kind::Lesson, &lessons)],
        ),
    ];
    for (path, name, kind, scripts) in built {
        let glued = bind::glue(path)?;
        for (name, kind, own) in scripts {
            files.add(name, kind, html::without_comments(&format!("{}\n{own}", glued.script)).into_bytes());
        }
        files.add(name, kind, glued.wasm);
    }
    Ok(())
}

fn pack(options: &Options) -> Outcome<()> {
    let mut files = Files::default();
    modules(options, &mut files)?;
    html::styles(&options.root, &mut files)?;
    lessons::player(options, &mut files)?;
    let mut catalogue = catalogue::collect(options, &mut files)?;
    catalogue.lessons = lessons::collect(options, &mut files)?;
    html::boot(&options.root, &catalogue, &mut files)?;
    let page = html::Page::new(options, &files, catalogue)?;
    let index = page.index(&files);
    let mut site = files.placed();
    site.push(("index.html".to_string(), index.clone().into_bytes()));
    site.push(("manifest.json".to_string(), page.manifest(&files).into_bytes()));
    site.extend(embed::element(&options.root)?);
    if let Some(out) = &options.out {
        embed::place(out, &site)?;
        println!("{}build {}", sizes::table(&files, index.len()), page.build);
    }
    if let Some(folder) = &options.package {
        embed::place(folder, &site)?;
        embed::place(folder, &embed::package(&options.root)?)?;
        println!("{}: a package for npm pack, build {}", folder.display(), page.build);
    }
    if let Some(file) = &options.scorm {
        let (name, title) = page.entry(&options.scorm_name)?;
        write(file, &embed::scorm(&options.root, site, &page.build, &name, &title)?)?;
        println!("{}: a SCORM 1.2 package that opens {name}, build {}", file.display(), page.build);
    }
    if let Some(single) = &options.single_file {
        let text = page.single(&files);
        write(single, text.as_bytes())?;
        println!("{}: {} bytes, build {}", single.display(), text.len(), page.build);
    }
    Ok(())
}

/// A text file of the workspace.
fn read_text(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}
