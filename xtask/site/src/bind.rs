//! wasm-bindgen's glue: a classic script and a WebAssembly module.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::files::{Files, Kind};
use crate::html::without_comments;
use crate::{Outcome, order};

/// Turns what cargo built into `NAME.js` (the glue, then `script`) and `NAME.wasm`.
///
/// The script is classic, not a module: a Blob holds it just as well, and a server that knows no type
/// for it does no harm.
pub fn glue(built: &Path, name: &str, kind: Kind, script: &str, files: &mut Files) -> Outcome<()> {
    let failed = |e: &dyn std::fmt::Display| format!("wasm-bindgen, {}: {e:#}", built.display());
    let mut bindgen = Bindgen::new();
    bindgen.input_path(built).out_name(name).typescript(false).omit_default_module_path(true);
    bindgen.remove_producers_section(true);
    let mut output =
        bindgen.no_modules(true).and_then(|bindgen| bindgen.generate_output()).map_err(|e| failed(&e))?;
    let mut own: Vec<_> = output.snippets().iter().filter(|(_, s)| !s.is_empty()).map(|(n, _)| n).collect();
    own.extend(output.local_modules().keys());
    if !own.is_empty() {
        return Err(format!("{}: has JavaScript of its own ({own:?}); expected glue only", built.display()));
    }
    files.add(
        &format!("{name}.js"),
        kind,
        without_comments(&format!("{}\n{script}", output.js())).into_bytes(),
    );
    files.add(&format!("{name}.wasm"), kind, order::by_name(&output.wasm_mut().emit_wasm())?);
    Ok(())
}
