//! Tables of constants, each with its kind and source, that the user may change.

use super::presets::nehalem_ep;

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
    /// What the costs of exits have been multiplied by: numerator and denominator.
    pub exit_scale: (u64, u64),
}

const PRESETS: &[(&str, &[Constant])] = &[(nehalem_ep::NAME, nehalem_ep::CONSTANTS)];
const NAMES: &[&str] = &[nehalem_ep::NAME];
const CHANGED: &str = "set by the user";

impl Default for Preset {
    /// Nehalem-EP.
    fn default() -> Preset {
        Preset { name: nehalem_ep::NAME, constants: nehalem_ep::CONSTANTS.to_vec(), exit_scale: (1, 1) }
    }
}

impl Preset {
    /// The preset of that name.
    pub fn by_name(name: &str) -> Option<Preset> {
        let (name, table) = PRESETS.iter().find(|(n, _)| *n == name)?;
        Some(Preset { name, constants: table.to_vec(), exit_scale: (1, 1) })
    }

    /// Every preset's name.
    pub fn names() -> &'static [&'static str] {
        NAMES
    }

    /// Every constant, as it takes effect.
    pub fn constants(&self) -> &[Constant] {
        &self.constants
    }

    /// The value of a constant.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.constants.iter().find(|c| c.name == name).map(|c| c.value)
    }

    /// The processors' cycles a second.
    pub fn hz(&self) -> u64 {
        self.get("tsc_hz").unwrap_or(1)
    }

    /// Changes a constant; what is wrong, if it cannot be.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
        let least = u64::from(name.ends_with("_hz"));
        let most = if name.ends_with("_hz") { MAX_HZ } else { MAX_COST };
        let Some(i) = self.constants.iter().position(|c| c.name == name) else {
            return Err(self.unknown(name));
        };
        if !(least..=most).contains(&value) {
            return Err(format!("constant `{name}` is {value}; expected {least} to {most}"));
        }
        let constant = &mut self.constants[i];
        (constant.value, constant.kind, constant.source) = (value, Kind::Assumed, CHANGED);
        Ok(())
    }

    fn unknown(&self, name: &str) -> String {
        let close = |c: &&Constant| !name.is_empty() && (c.name.contains(name) || name.contains(c.name));
        match self.constants.iter().find(close) {
            Some(c) => format!("constant `{name}` does not exist; did you mean `{}`?", c.name),
            None => format!("constant `{name}` does not exist"),
        }
    }

    /// Multiplies what exits and entries cost, directly and after them.
    pub fn scale_exit_costs(&mut self, numerator: u64, denominator: u64) {
        let denominator = denominator.max(1);
        for c in self.constants.iter_mut().filter(|c| is_exit_cost(c.name)) {
            let scaled = u128::from(c.value) * u128::from(numerator) / u128::from(denominator);
            c.value = scaled.min(MAX_COST.into()) as u64;
        }
        let (n, d) = self.exit_scale;
        self.exit_scale = (n.saturating_mul(numerator), d.saturating_mul(denominator));
    }
}

/// So that costs added up stay far from 64 bits.
const MAX_COST: u64 = 1_000_000_000_000;
const MAX_HZ: u64 = 1_000_000_000_000;

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
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_and_a_value_out_of_range_with_the_range() {
        let mut p = preset();
        let text = p.set("external_interrupt", 1).unwrap_err();
        assert!(text.contains("did you mean `exit.external_interrupt`?"), "{text}");
        assert_eq!(p.set("nothing", 1).unwrap_err(), "constant `nothing` does not exist");
        assert!(p.set("", 1).is_err());
        assert!(p.set("tsc_hz", 0).unwrap_err().contains("expected 1 to"));
        assert!(p.set("vm_entry", u64::MAX).is_err());
        assert_eq!(p, preset());
    }

    #[test]
    fn scaling_changes_what_exits_cost_and_nothing_else() {
        let mut p = preset();
        p.scale_exit_costs(5, 10);
        assert_eq!((p.get("exit.external_interrupt"), p.get("exit_indirect")), (Some(5_500), Some(750)));
        assert_eq!((p.get("mmio_read"), p.exit_scale), (preset().get("mmio_read"), (5, 10)));
    }
}
