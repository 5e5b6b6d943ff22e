//! Tables of constants, each with its kind and source, that the user may change.

use super::presets;

/// How a constant came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Printed in a primary source.
    Published,
    /// Measured on hardware for this project.
    Measured,
    /// Fitted to one stated observation, then frozen.
    Calibrated,
    /// Neither; the source says why it is plausible.
    Assumed,
}

/// One number of a preset.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Constant {
    /// What `set` calls it.
    pub name: &'static str,
    /// Its value, as it takes effect.
    pub value: u64,
    /// Its unit.
    pub unit: &'static str,
    /// How it came to be.
    pub kind: Kind,
    /// Where from.
    pub source: &'static str,
}

/// A named table of costs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    constants: Vec<Constant>,
    /// Each constant's value before exits' costs were scaled.
    unscaled: Vec<u64>,
    /// What the costs of exits have been multiplied by: numerator and denominator.
    pub exit_scale: (u64, u64),
}

const CHANGED: &str = "set by the user";

impl Default for Preset {
    /// Nehalem-EP.
    fn default() -> Preset {
        Preset::of(&presets::nehalem_ep::TABLE)
    }
}

impl Preset {
    /// The preset of that name.
    pub fn by_name(name: &str) -> Option<Preset> {
        presets::ALL.iter().find(|table| table.name == name).map(|table| Preset::of(table))
    }

    fn of(table: &presets::Table) -> Preset {
        let constants = table.constants();
        let unscaled = constants.iter().map(|c| c.value).collect();
        Preset { name: table.name, constants, unscaled, exit_scale: (1, 1) }
    }

    /// Every preset's name.
    pub fn names() -> Vec<&'static str> {
        presets::ALL.iter().map(|table| table.name).collect()
    }

    /// Every constant, as it takes effect.
    pub fn constants(&self) -> &[Constant] {
        &self.constants
    }

    /// The value of a constant.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.constants.iter().find(|c| c.name == name).map(|c| c.value)
    }

    /// What the user has changed, `NAME=VALUE` each.
    pub fn changed(&self) -> Vec<String> {
        let set = self.constants.iter().filter(|c| c.source == CHANGED);
        let (numerator, denominator) = self.exit_scale;
        let scale = (numerator != denominator).then(|| format!("exit-cost-scale={numerator}/{denominator}"));
        set.map(|c| format!("{}={}", c.name, c.value)).chain(scale).collect()
    }

    /// The processors' cycles a second.
    pub fn hz(&self) -> u64 {
        self.get("tsc_hz").unwrap_or(1)
    }

    /// Changes a constant; what is wrong, if it cannot be.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
        let (least, most) = if name.ends_with("_hz") { HZ } else { (0, MAX_COST) };
        let Some(i) = self.constants.iter().position(|c| c.name == name) else {
            return Err(self.unknown(name));
        };
        if !(least..=most).contains(&value) {
            return Err(format!("constant `{name}` is {value}; expected {least} to {most}"));
        }
        let constant = &mut self.constants[i];
        (constant.value, constant.kind, constant.source) = (value, Kind::Assumed, CHANGED);
        self.unscaled[i] = value;
        Ok(())
    }

    fn unknown(&self, name: &str) -> String {
        let close = |c: &&Constant| !name.is_empty() && (c.name.contains(name) || name.contains(c.name));
        match self.constants.iter().find(close) {
            Some(c) => format!("constant `{name}` does not exist; did you mean `{}`?", c.name),
            None => format!("constant `{name}` does not exist"),
        }
    }

    /// Makes exits and entries cost this fraction, directly and after them, of what they cost unscaled.
    pub fn scale_exit_costs(&mut self, numerator: u64, denominator: u64) {
        let denominator = denominator.max(1);
        let costs = self.constants.iter_mut().zip(&self.unscaled).filter(|(c, _)| is_exit_cost(c.name));
        for (c, unscaled) in costs {
            let scaled = u128::from(*unscaled) * u128::from(numerator) / u128::from(denominator);
            c.value = scaled.min(MAX_COST.into()) as u64;
        }
        self.exit_scale = (numerator, denominator);
    }
}

/// So that costs added up stay far from 64 bits.
const MAX_COST: u64 = 1_000_000_000_000;
/// Clocks that software can live by.
const HZ: (u64, u64) = (1_000_000, 1_000_000_000_000);

fn is_exit_cost(name: &str) -> bool {
    name.starts_with("exit.") || name == "exit_indirect" || name == "vm_entry"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset() -> Preset {
        Preset::by_name("nehalem-ep").unwrap()
    }

    #[test]
    fn every_name_has_a_preset_and_no_other_has() {
        assert!(Preset::names().iter().all(|n| Preset::by_name(n).is_some_and(|p| p.name == *n)));
        assert!(Preset::by_name("z80").is_none());
        for name in Preset::names() {
            let names = |p: Preset| p.constants().iter().map(|c| c.name).collect::<Vec<_>>();
            assert_eq!(names(Preset::by_name(name).unwrap()), names(preset()), "{name}: the same constants");
        }
        // A row of a preset that is based on another takes the place of one.
        let other = Preset::by_name("sandy-bridge-en").unwrap();
        assert_eq!((other.get("exit.msr_write"), other.get("divide")), (Some(1_556), preset().get("divide")));
        assert_eq!(preset().hz(), 2_930_000_000);
    }

    #[test]
    fn constants_have_different_names_and_say_where_they_come_from() {
        let p = preset();
        for (i, c) in p.constants().iter().enumerate() {
            assert!(!c.source.is_empty() && !c.unit.is_empty());
            assert!(p.constants()[..i].iter().all(|other| other.name != c.name), "{}", c.name);
        }
    }

    #[test]
    fn a_constant_that_is_set_is_no_longer_the_presets() {
        let mut p = preset();
        p.set("exit.external_interrupt", 7_000).unwrap();
        let c = p.constants().iter().find(|c| c.name == "exit.external_interrupt").unwrap();
        assert_eq!((c.value, c.kind, c.source), (7_000, Kind::Assumed, CHANGED));
        p.scale_exit_costs(1, 2);
        assert_eq!(p.changed(), ["exit.external_interrupt=3500", "exit-cost-scale=1/2"]);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_and_a_value_out_of_range_with_the_range() {
        let mut p = preset();
        let text = p.set("external_interrupt", 1).unwrap_err();
        assert!(text.contains("did you mean `exit.external_interrupt`?"), "{text}");
        assert_eq!(p.set("nothing", 1).unwrap_err(), "constant `nothing` does not exist");
        assert!(p.set("", 1).is_err());
        assert!(p.set("tsc_hz", 0).unwrap_err().contains("expected 1000000 to"));
        assert!(p.set("vm_entry", u64::MAX).is_err());
        assert_eq!(p, preset());
    }

    #[test]
    fn scaling_changes_what_exits_cost_and_nothing_else() {
        let mut p = preset();
        p.scale_exit_costs(5, 10);
        assert_eq!((p.get("exit.external_interrupt"), p.get("exit_indirect")), (Some(5_500), Some(750)));
        assert_eq!((p.get("mmio_read"), p.exit_scale), (preset().get("mmio_read"), (5, 10)));
        p.scale_exit_costs(0, 1);
        assert_eq!(p.get("exit_indirect"), Some(0));
        p.scale_exit_costs(2, 1);
        assert_eq!(
            p.get("exit_indirect"),
            Some(3_000),
            "twice what it costs unscaled, whatever it was before"
        );
    }
}
