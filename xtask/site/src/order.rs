//! Makes a module compress well: its functions come in the order of their names, so that like is beside like, and lose
//! the names; imports and exports have short ones.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, ExportSection, FunctionSection, ImportSection, Module};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, Export, FunctionSectionReader, Import, ImportSectionReader,
    KnownCustom, Name, Parser, Payload, TypeRef,
};

use crate::Outcome;
use crate::names::Names;

type Step = Result<(), Error<Infallible>>;

/// The module with its functions in order; what it does is the same.
pub fn packable(wasm: &[u8], names: Names) -> Outcome<Vec<u8>> {
    let failed = |e: &dyn std::fmt::Display| format!("the module's functions: {e}");
    let ordered = Ordered::of(wasm).map_err(|e| failed(&e))?;
    let mut ordered = Ordered { names, ..ordered };
    let mut module = Module::new();
    ordered.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|e| failed(&e))?;
    Ok(module.finish())
}

/// The order of the module's own functions.
#[derive(Default)]
struct Ordered {
    imported: u32,
    /// Which function comes at each place.
    order: Vec<usize>,
    /// At which place each function comes.
    places: Vec<u32>,
    /// What imports and exports are called.
    names: Names,
}

impl Ordered {
    fn of(wasm: &[u8]) -> wasmparser::Result<Ordered> {
        let mut names = Vec::new();
        let (mut imported, mut count) = (0, 0);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => count = section.count() as usize,
                Payload::CustomSection(section) => names.extend(function_names(&section)?),
                _ => {}
            }
        }
        let mut keys = vec![String::new(); count];
        for (index, name) in names {
            let own = index.checked_sub(imported).and_then(|n| keys.get_mut(n as usize));
            own.into_iter().for_each(|key| key.clone_from(&name));
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
        let mut places = vec![0; count];
        order.iter().zip(0..).for_each(|(function, place)| places[*function] = place);
        Ok(Ordered { imported, order, places, names: Names::default() })
    }
}

fn function_names(section: &CustomSectionReader<'_>) -> wasmparser::Result<Vec<(u32, String)>> {
    let mut names = Vec::new();
    let KnownCustom::Name(parts) = section.as_known() else { return Ok(names) };
    for part in parts {
        if let Name::Function(map) = part? {
            for naming in map {
                let naming = naming?;
                names.push((naming.index, naming.name.to_string()));
            }
        }
    }
    Ok(names)
}

impl Reencode for Ordered {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        let own = index.checked_sub(self.imported).and_then(|n| self.places.get(n as usize));
        Ok(own.map_or(index, |place| self.imported + place))
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Step {
        let names = self.names.clone();
        for import in section.into_imports() {
            let import = import?;
            utils::parse_import(self, imports, Import { name: names.short(import.name), ..import })?;
        }
        Ok(())
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Step {
        let names = self.names.clone();
        utils::parse_export(self, exports, Export { name: names.short(export.name), ..export })
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Step {
        let types = section.into_iter().collect::<wasmparser::Result<Vec<u32>>>()?;
        self.order.iter().filter_map(|function| types.get(*function)).for_each(|kind| {
            functions.function(*kind);
        });
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Step {
        let bodies = section.into_iter().collect::<wasmparser::Result<Vec<_>>>()?;
        for function in self.order.clone() {
            if let Some(body) = bodies.get(function) {
                self.parse_function_body(code, body.clone())?;
            }
        }
        Ok(())
    }

    /// No custom section says anything to a browser.
    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Step {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{ExportKind, Function, NameMap, NameSection, TypeSection, ValType};

    use super::*;

    /// Two functions: `z` answers 1, and `a`, which is exported, calls `z`.
    fn module() -> Vec<u8> {
        let (mut types, mut functions, mut exports, mut code) =
            (TypeSection::new(), FunctionSection::new(), ExportSection::new(), CodeSection::new());
        types.ty().function([], [ValType::I32]);
        functions.function(0).function(0);
        exports.export("a", ExportKind::Func, 1);
        let mut z = Function::new([]);
        z.instructions().i32_const(1).end();
        let mut a = Function::new([]);
        a.instructions().call(0).end();
        code.function(&z).function(&a);
        let (mut names, mut map) = (NameSection::new(), NameMap::new());
        map.append(0, "z");
        map.append(1, "a");
        names.functions(&map);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code).section(&names);
        module.finish()
    }

    #[test]
    fn functions_come_by_name_and_calls_follow_them() {
        let text = format!("{:?}", parts(&packable(&module(), Names::default()).unwrap()));
        assert_eq!(text, r#"["export a 0", "Call { function_index: 1 }", "I32Const { value: 1 }"]"#);
    }

    fn parts(wasm: &[u8]) -> Vec<String> {
        let mut parts = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ExportSection(section) => {
                    parts.extend(
                        section
                            .into_iter()
                            .map(|e| e.unwrap())
                            .map(|e| format!("export {} {}", e.name, e.index)),
                    );
                }
                Payload::CodeSectionEntry(body) => {
                    parts.push(format!("{:?}", body.get_operators_reader().unwrap().read().unwrap()));
                }
                Payload::CustomSection(section) => parts.push(section.name().to_string()),
                _ => {}
            }
        }
        parts
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(packable(b"#!/bin/sh", Names::default()).unwrap_err().contains("the module's functions"));
    }
}
