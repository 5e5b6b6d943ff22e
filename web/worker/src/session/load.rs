//! Building the machines that a setup asks for.

use emulator::time::Time;
use lab_protocol::{Alignment, Input as Entry, Selection, Setup, SideSetup, Views, decode};
use observe::images::{Images, hash, hex};
use observe::plan::{Plan, Task as Row};
use observe::rig::{Boot, Rig};
use observe::scenario::bundle::Bundle;
use observe::scenario::knobs::machine_input;
use observe::symbols::SymbolMap;

use super::{Session, Settings};
use crate::side::Side;

/// What a side is called.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Title, subtitle, mode, images.
    pub setup: SideSetup,
    /// Whether there is a host at all.
    pub has_host: bool,
    /// Names of addresses.
    pub symbols: SymbolMap,
}

/// What the machines were built from.
pub struct Loaded {
    /// The scenario; none for a kernel of the reader's own.
    pub bundle: Option<Bundle>,
    /// The images.
    pub images: Images,
    /// What holds from power-on.
    pub settings: Settings,
}

impl Session {
    /// Builds the machines; they go to the first moment by the tasks that this leaves.
    pub(super) fn load(&mut self, setup: Setup) {
        *self = Session {
            serial: self.serial,
            clock: self.clock,
            views: self.views.clone(),
            ..Session::default()
        };
        if let Err(text) = self.try_load(setup) {
            self.sides.clear();
            self.fault = Some(text);
        }
        self.tell_session = true;
        self.tell_journal = true;
    }

    fn try_load(&mut self, setup: Setup) -> Result<(), String> {
        if let Some(_dropped) = setup.dropped {
            self.dropped = true;
            #[cfg(feature = "inspect")]
            self.load_dropped(_dropped, &setup.at)?;
            return Ok(());
        }
        let bundle: Bundle = decode(&setup.scenario)
            .map_err(|_| "the scenario is not one that this build reads".to_string())?;
        // A site's scenarios were checked when it was packed, so the first machine does without that.
        if cfg!(feature = "inspect") {
            bundle.check()?;
        }
        let settings = Settings::new(&bundle, &setup)?;
        let mut images = Images::default();
        for (name, bytes) in setup.images {
            images.insert(&name, bytes);
        }
        let at = if setup.at.is_empty() { bundle.lab.at.clone() } else { setup.at };
        self.loaded = Some(Loaded { bundle: Some(bundle), images, settings });
        self.alignment = Alignment::Interrupt;
        self.build()?;
        self.go_to_first_moment(&at);
        Ok(())
    }

    /// Builds every side anew from what is loaded.
    pub(super) fn build(&mut self) -> Result<(), String> {
        let Some(loaded) = &self.loaded else { return Ok(()) };
        let Some(bundle) = &loaded.bundle else { return Ok(()) };
        let count = loaded.settings.modes.len();
        let sides =
            loaded.settings.modes.iter().map(|mode| side(bundle, loaded, &loaded.settings, mode, count));
        self.sides = sides.collect::<Result<Vec<_>, _>>()?;
        self.shown = vec![Default::default(); self.sides.len()];
        self.reference = super::Reference::wanted(loaded);
        self.selection =
            Selection { side: self.selection.side.min(count.saturating_sub(1) as u8), ..self.selection };
        Ok(())
    }

    /// The inputs so far.
    pub(crate) fn journal(&self) -> Vec<Entry> {
        self.loaded.as_ref().map(|loaded| loaded.settings.journal.clone()).unwrap_or_default()
    }

    /// Takes over the open views.
    pub(super) fn watch(&mut self, views: Views) {
        self.views = views;
    }
}

/// The plan of one mode under these settings, and its row.
pub(crate) fn plan(
    bundle: &Bundle,
    images: &Images,
    settings: &Settings,
    mode: &str,
) -> Result<(Plan, Row), String> {
    bundle.plan(images, &settings.workload, mode, &settings.knobs).map_err(|e| e.to_string())
}

/// One side under these settings, at power-on.
pub(crate) fn side(
    bundle: &Bundle,
    loaded: &Loaded,
    settings: &Settings,
    mode: &str,
    count: usize,
) -> Result<Side, String> {
    let (plan, row) = plan(bundle, &loaded.images, settings, mode)?;
    let build = plan.build(row);
    let boot = plan.boot(row).map_err(|e| e.to_string())?;
    let rig = Rig::new(&build, &boot).map_err(|e| e.to_string())?;
    let journal = settings.journal.iter().filter_map(|entry| input(bundle, entry)).collect();
    let words = Words {
        setup: side_setup(bundle, &plan, row, &boot),
        has_host: plan.mode(row).module.is_some(),
        symbols: SymbolMap::of(&boot),
    };
    let (workload, hz) = (Some(plan.workload(row).clone()), build.preset.hz());
    Ok(Side::new(words, workload, hz, rig.into_machine(), Side::caps(count), journal))
}

fn side_setup(bundle: &Bundle, plan: &Plan, row: Row, boot: &Boot<'_>) -> SideSetup {
    let mode = plan.mode(row);
    let said = bundle.lab.side(&mode.name);
    let mut images = vec![(mode.image.clone(), hex(hash(boot.image.0)))];
    if let (Some(name), Some((bytes, _))) = (&mode.module, boot.modules.first()) {
        images.push((name.clone(), hex(hash(bytes))));
    }
    SideSetup {
        title: said.map_or(mode.title.clone(), |words| words.title.clone()),
        subtitle: said.map_or(String::new(), |words| words.subtitle.clone()),
        mode: mode.name.clone(),
        images,
    }
}

/// The machine's input that an entry of the journal stands for.
pub(crate) fn input(bundle: &Bundle, entry: &Entry) -> Option<observe::travel::Entry> {
    let turns = bundle.lab.knob(&entry.key)?.turns;
    Some(Side::entry(Time(entry.time), machine_input(turns, &entry.value)?))
}
