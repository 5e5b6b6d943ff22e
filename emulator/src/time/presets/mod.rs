//! One file for each preset: a whole table, or what another one changes in it.

pub mod nehalem_ep;
pub mod sandy_bridge_en;

use super::preset::{Constant, Kind};

/// A preset's table.
pub struct Table {
    /// What it is called.
    pub name: &'static str,
    /// Constants that take another's place, or stand alone.
    pub rows: &'static [Constant],
    /// The rest is as in this one.
    pub base: Option<&'static Table>,
}

/// Every preset, the default first.
pub const ALL: &[&Table] = &[&nehalem_ep::TABLE, &sandy_bridge_en::TABLE];

impl Table {
    /// Every constant, in the base's order.
    pub fn constants(&self) -> Vec<Constant> {
        let Some(base) = self.base else { return self.rows.to_vec() };
        let own = |c: Constant| self.rows.iter().find(|row| row.name == c.name).cloned().unwrap_or(c);
        base.constants().into_iter().map(own).collect()
    }
}

const fn row(
    name: &'static str,
    value: u64,
    unit: &'static str,
    kind: Kind,
    source: &'static str,
) -> Constant {
    Constant { name, value, unit, kind, source }
}
