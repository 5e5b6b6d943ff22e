//! wasm-bindgen's glue: a classic script and a WebAssembly module.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::names::Names;
use crate::{Outcome, order};

/// A module with what calls it.
pub struct Glued {
    /// The script that makes `wasm_bindgen`. It is classic, not a module: a Blob holds it just as well, and a server
    /// that knows no type for it does no harm.
    pub script: String,
    /// The module.
    pub wasm: Vec<u8>,
}

/// Turns what cargo built into script and module.
pub fn glue(built: &Path) -> Outcome<Glued> {
    let failed = |e: &dyn std::fmt::Display| format!("wasm-bindgen, {}: {e:#}", built.display());
    let mut bindgen = Bindgen::new();
    bindgen.input_path(built).out_name("module").typescript(false).omit_default_module_path(true);
    bindgen.remove_producers_section(true);
    let mut output =
        bindgen.no_modules(true).and_then(|bindgen| bindgen.generate_output()).map_err(|e| failed(&e))?;
    let mut own: Vec<_> = output.snippets().iter().filter(|(_, s)| !s.is_empty()).map(|(n, _)| n).collect();
    own.extend(output.local_modules().keys());
    if !own.is_empty() {
        return Err(format!("{}: has JavaScript of its own ({own:?}); expected glue only", built.display()));
    }
    let names = Names::of(output.js());
    let script = names.rename(output.js());
    Ok(Glued { script, wasm: order::packable(&output.wasm_mut().emit_wasm(), names)? })
}
