//! A guest's image without what only a debugger reads: a quarter of the bytes.

use object::build::elf::Builder;

use crate::Outcome;

/// The ELF image without its `.debug` sections; code, data, symbols and addresses stay.
pub fn slim(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut image = Builder::read(bytes).map_err(|e| format!("not an ELF image: {e}"))?;
    for section in &mut image.sections {
        section.delete = section.name.starts_with(b".debug");
    }
    for symbol in &mut image.symbols {
        // The page's first machine has no demangler.
        let name = String::from_utf8_lossy(&symbol.name);
        symbol.name = format!("{:#}", rustc_demangle::demangle(&name)).into_bytes().into();
    }
    image.delete_orphans();
    let mut slim = Vec::new();
    image.write(&mut slim).map_err(|e| e.to_string())?;
    Ok(slim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_image_is_refused() {
        assert!(slim(b"#!/bin/sh\n").unwrap_err().contains("not an ELF image"));
    }

    #[test]
    fn this_test_without_its_debug_sections_keeps_code_and_symbols() {
        use object::read::elf::ElfFile64;
        use object::{Object, ObjectSection, ObjectSymbol};
        let whole = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let slim = slim(&whole).unwrap();
        let (whole, slim) =
            (ElfFile64::<object::Endianness>::parse(&*whole).unwrap(), ElfFile64::parse(&*slim).unwrap());
        let text = |file: &ElfFile64<'_>| {
            let text = file.section_by_name(".text").unwrap();
            (text.address(), text.data().unwrap().to_vec())
        };
        assert_eq!(text(&slim), text(&whole));
        let main = |file: &ElfFile64<'_>| {
            file.symbols().find(|s| s.name() == Ok("main")).map(|symbol| symbol.address())
        };
        assert_eq!(main(&slim), main(&whole));
        assert!(slim.sections().all(|s| !s.name().unwrap().starts_with(".debug")));
    }
}
