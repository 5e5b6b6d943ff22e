//! A kernel of the reader's own: one machine, without a scenario.

use emulator::machine::{Config, Machine, Module};
use lab_protocol::{Alignment, Dropped, SideSetup};
use observe::images::{Images, hash, hex};
use observe::symbols::{SymbolMap, Symbols};

use super::{Loaded, Session, Settings, Words};
use crate::side::Side;

/// What Linux is told when nothing else is said: its console is the page's.
const LINUX: &str = "console=ttyS0";
/// Where a bzImage says "HdrS" (Linux boot protocol).
const LINUX_HEADER: std::ops::Range<usize> = 0x202..0x206;

impl Session {
    pub(super) fn load_dropped(&mut self, dropped: Dropped, at: &str) -> Result<(), String> {
        let config = Config::default_pc();
        let hz = config.preset.hz();
        let mut machine = Machine::new(&config).map_err(|e| format!("machine: {e}"))?;
        let modules: Vec<_> =
            dropped.modules.iter().map(|(name, data)| Module { data, cmdline: name }).collect();
        let is_linux = dropped.kernel.get(LINUX_HEADER) == Some(b"HdrS");
        let cmdline = if is_linux && dropped.cmdline.is_empty() { LINUX } else { &dropped.cmdline };
        let loaded = machine.load_kernel(&dropped.kernel, cmdline, &modules);
        loaded.map_err(|e| format!("`{}` does not load: {e}", dropped.name))?;
        let setup = SideSetup {
            title: dropped.name.clone(),
            images: vec![(dropped.name.clone(), hex(hash(&dropped.kernel)))],
            ..SideSetup::default()
        };
        let guest = dropped.modules.first().map(|(_, image)| Symbols::of_elf(image));
        let symbols = SymbolMap { root: Symbols::of_elf(&dropped.kernel), guest: guest.unwrap_or_default() };
        // Whether it is a hypervisor shows when it enters a guest.
        let words = Words { setup, has_host: true, symbols };
        self.sides = vec![Side::new(words, None, hz, machine, Side::caps(1), Vec::new())];
        self.shown = vec![Default::default()];
        self.loaded = Some(Loaded { bundle: None, images: Images::default(), settings: Settings::default() });
        self.alignment = Alignment::Time;
        self.go_to_first_moment(at);
        Ok(())
    }
}
