//! The one table from names, as predicates write them, to counters.

use std::collections::BTreeMap;

use crate::judge::Watch;
use crate::rig::Window;

/// All that a judgement may look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// The window that was measured.
    pub window: Option<&'a Window>,
    /// What the trace said.
    pub watch: Option<&'a Watch>,
    /// Numbers that are not counters: declared by the scenario, or found by the command.
    pub numbers: Option<&'a BTreeMap<String, f64>>,
}

/// A quantity that a predicate may name.
pub struct Quantity {
    /// Its name.
    pub name: &'static str,
    /// Where its value comes from.
    read: Read,
}

enum Read {
    Window(fn(&Window) -> f64),
    Watch(fn(&Watch) -> f64),
    /// Supplied by the command under the same name.
    Number,
}

impl Evidence<'_> {
    /// The value of the quantity `name`, if it is known here.
    pub fn value(&self, name: &str) -> Option<f64> {
        if let Some(value) = self.numbers.and_then(|n| n.get(name)) {
            return Some(*value);
        }
        match QUANTITIES.iter().find(|q| q.name == name)?.read {
            Read::Window(read) => self.window.map(read),
            Read::Watch(read) => self.watch.map(read),
            Read::Number => None,
        }
    }
}

const fn window(name: &'static str, read: fn(&Window) -> f64) -> Quantity {
    Quantity { name, read: Read::Window(read) }
}

const fn watch(name: &'static str, read: fn(&Watch) -> f64) -> Quantity {
    Quantity { name, read: Read::Watch(read) }
}

const fn number(name: &'static str) -> Quantity {
    Quantity { name, read: Read::Number }
}

/// Every quantity. Counts are over the window; `_per_second` is per virtual second.
pub const QUANTITIES: &[Quantity] = &[
    // -- Counters -----------------------------------------------------------------------------
    window("exits", |w| w.exits() as f64),
    window("exits_per_second", |w| w.per_second(w.exits())),
    window("nic_interrupts", |w| w.counters.nic_interrupts as f64),
    window("nic_interrupts_per_second", |w| w.per_second(w.counters.nic_interrupts)),
    window("nic_interrupts_arrived_in_guest", |w| w.counters.nic_arrived_in_guest as f64),
    window("nic_interrupts_arrived_in_root", |w| w.counters.nic_arrived_in_root as f64),
    window("own_exits_of_nic_interrupts", |w| w.counters.own_exits_of_nic_interrupts as f64),
    window("own_exits_per_nic_interrupt", Window::own_exits_per_nic_interrupt),
    window("own_exits_per_interrupt_arrived_in_guest", Window::own_exits_per_interrupt_arrived_in_guest),
    window("max_own_exits_in_one_nic_interrupt_life", |w| w.counters.max_own_exits_in_one_nic_life as f64),
    window("foreign_exits_overlapping", |w| w.counters.foreign_exits_overlapping as f64),
    window("host_ticks", |w| w.counters.host_timer_ticks as f64),
    window("host_ticks_per_second", |w| w.per_second(w.counters.host_timer_ticks)),
    window("preemption_expiries", |w| w.counters.preemption_expiries as f64),
    window("preemption_expiries_per_second", |w| w.per_second(w.counters.preemption_expiries)),
    window("guest_ticks", |w| w.counters.guest_ticks as f64),
    window("guest_ticks_per_second", |w| w.per_second(w.counters.guest_ticks)),
    window("injections", |w| w.counters.injections as f64),
    window("time_in_guest_percent", Window::time_in_guest_percent),
    window("peer_errors", |w| w.peer.errors as f64),
    window("peer_operations", |w| w.peer.operations as f64),
    // -- The trace ----------------------------------------------------------------------------
    watch("host_ticks_served", |w| w.counts.host_ticks_served as f64),
    watch("housekeeping_served", |w| w.counts.housekeeping_served as f64),
    watch("host_vectors_run_in_guest", |w| w.counts.host_vectors_run_in_guest as f64),
    watch("forged_host_interrupts", |w| w.counts.forged_host_interrupts as f64),
    watch("guest_icr_writes", |w| w.counts.guest_icr_writes as f64),
    watch("np_injected", |w| w.counts.np_injected as f64),
    watch("dma_faults", |w| w.counts.dma_faults as f64),
    watch("interrupts_blocked", |w| w.counts.interrupts_blocked as f64),
    watch("marks", |w| w.counts.marks as f64),
    // -- Found by the command -----------------------------------------------------------------
    number("result"),
    number("percent_of_bare_metal"),
    number("host_timer_worst_delay_us"),
    number("dearest_exit_us"),
    number("preemption_period_us"),
    number("host_image_bytes_changed"),
    number("abnormal_stops"),
    number("guest_exit_code"),
];

/// Refuses a name that is no quantity and not among `declared`.
pub fn check_name(name: &str, declared: &BTreeMap<String, f64>) -> Result<(), String> {
    if declared.contains_key(name) || QUANTITIES.iter().any(|q| q.name == name) {
        return Ok(());
    }
    let known: Vec<_> =
        QUANTITIES.iter().map(|q| q.name).chain(declared.keys().map(String::as_str)).collect();
    Err(format!("unknown quantity `{name}`; expected one of {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantity_has_one_name() {
        for (i, q) in QUANTITIES.iter().enumerate() {
            assert!(QUANTITIES[..i].iter().all(|other| other.name != q.name), "{}", q.name);
        }
    }

    #[test]
    fn a_declared_number_is_known_and_others_are_refused_by_name() {
        let declared = BTreeMap::from([("bound".to_string(), 3.0)]);
        assert!(check_name("bound", &declared).is_ok() && check_name("exits", &declared).is_ok());
        let error = check_name("exit", &declared).unwrap_err();
        assert!(error.contains("`exit`") && error.contains("exits,") && error.contains("bound"), "{error}");
    }

    #[test]
    fn without_evidence_nothing_is_known() {
        assert_eq!(Evidence::default().value("exits"), None);
        assert_eq!(Evidence::default().value("marks"), None);
    }
}
