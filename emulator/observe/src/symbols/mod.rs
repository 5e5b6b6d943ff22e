//! Names of addresses, from the images' symbol tables.
//!
//! A host and its guest may be linked at the same addresses; which names apply follows from where the
//! processor is: in VMX root operation the first image's, in non-root operation those of its module.

mod elf;
#[cfg(test)]
mod tests;

use emulator::machine::{Machine, Space};

use crate::rig::Boot;

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its linear address.
    pub address: u64,
    /// Its size in bytes; 0 where the table does not say.
    pub size: u64,
    /// A function or label, not data.
    pub code: bool,
    /// Demangled.
    pub name: String,
}

/// The names of one image, in order of address.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    all: Vec<Symbol>,
}

/// Farther than this from a symbol without a size, an address has no name.
const FAR: u64 = 0x1000;

impl Symbols {
    /// The names in an ELF64 image; none where it has no symbol table.
    pub fn of_elf(image: &[u8]) -> Symbols {
        Symbols::new(elf::symbols(image))
    }

    /// These names.
    pub fn new(mut all: Vec<Symbol>) -> Symbols {
        // Of several at one address the one with a size comes last, and is found.
        all.sort_unstable_by(|a, b| (a.address, a.size, &a.name).cmp(&(b.address, b.size, &b.name)));
        Symbols { all }
    }

    /// Every name, in order of address.
    pub fn all(&self) -> &[Symbol] {
        &self.all
    }

    /// The symbol in which `address` lies, and how far in.
    pub fn at(&self, address: u64) -> Option<(&Symbol, u64)> {
        let end = self.all.partition_point(|s| s.address <= address);
        let symbol = self.all[..end].last()?;
        let offset = address - symbol.address;
        let reach = if symbol.size == 0 { FAR } else { symbol.size };
        (offset < reach).then_some((symbol, offset))
    }

    /// `name` or `name+0x12`, where `address` has a name.
    pub fn name(&self, address: u64) -> Option<String> {
        let (symbol, offset) = self.at(address)?;
        Some(if offset == 0 { symbol.name.clone() } else { format!("{}+{offset:#x}", symbol.name) })
    }

    /// The symbol of that name: all of it, else the only one that ends in `::name`.
    pub fn find(&self, name: &str) -> Option<&Symbol> {
        let ends = |s: &&Symbol| s.name.strip_suffix(name).is_some_and(|rest| rest.ends_with("::"));
        let mut close = self.all.iter().filter(ends);
        let only = close.next().filter(|_| close.next().is_none());
        self.all.iter().find(|s| s.name == name).or(only)
    }

    /// Names that contain `part`, shortest first: what one may have meant.
    pub fn like(&self, part: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            self.all.iter().map(|s| s.name.as_str()).filter(|n| n.contains(part)).collect();
        names.sort_unstable_by_key(|name| (name.len(), *name));
        names
    }
}

/// Which software an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum World {
    /// What was booted: all there is without VT-x, the host in VMX root operation.
    Root,
    /// The guest in VMX non-root operation.
    Guest,
}

/// The names of everything on one machine.
#[derive(Clone, Debug, Default)]
pub struct SymbolMap {
    /// The booted image's.
    pub root: Symbols,
    /// The first module's.
    pub guest: Symbols,
}

impl SymbolMap {
    /// The names in what is booted.
    pub fn of(boot: &Boot<'_>) -> SymbolMap {
        let guest = boot.modules.first().map(|(image, _)| Symbols::of_elf(image));
        SymbolMap { root: Symbols::of_elf(boot.image.0), guest: guest.unwrap_or_default() }
    }

    /// The names of one world.
    pub fn of_world(&self, world: World) -> &Symbols {
        match world {
            World::Root => &self.root,
            World::Guest => &self.guest,
        }
    }

    /// Where a name is: `host!name` or `guest!name`, or the first world that has `name`.
    pub fn find(&self, name: &str) -> Option<(World, &Symbol)> {
        let worlds = [World::Root, World::Guest];
        let (only, name) = match name.split_once('!') {
            Some(("host", name)) => (Some(World::Root), name),
            Some(("guest", name)) => (Some(World::Guest), name),
            _ => (None, name),
        };
        let worlds = worlds.into_iter().filter(|w| only.is_none_or(|only| only == *w));
        worlds.filter_map(|w| Some((w, self.of_world(w).find(name)?))).next()
    }
}

impl World {
    /// Where processor `cpu` is now.
    pub fn of(machine: &Machine, cpu: u8) -> World {
        if machine.in_guest(cpu) { World::Guest } else { World::Root }
    }

    /// Its address space on processor `cpu`; the guest has none before it was ever set up.
    pub fn space(self, machine: &Machine, cpu: u8) -> Option<Space> {
        match self {
            World::Root => Some(machine.root_space(cpu)),
            World::Guest => machine.guest_space(cpu),
        }
    }
}
