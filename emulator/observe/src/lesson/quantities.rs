//! The names that a lesson's predicates use, beyond those of every judgement.

use emulator::vmx::ExitReason;

use super::bill::Cause;
use super::facts::Facts;
use crate::judge::Evidence;
use crate::judge::quantities::{QUANTITIES, check_name as known};

/// What stands before the dot for what the student said and chose, instead of a run's name.
pub const ANSWERS: &str = "answers";
/// What stands before the dot for a choice: `chosen.KNOB:VALUE` is 1 where the knob has that value.
pub const CHOSEN: &str = "chosen";
/// `answers.switches_off`: switches that are off.
pub const SWITCHES_OFF: &str = "switches_off";
/// `exits_` and the name of an exit reason in small letters.
const EXITS: &str = "exits_";

type Read = fn(&Facts) -> f64;

/// Quantities that are found in a run's lives, its selections, its end.
const OWN: &[(&str, Read)] = &[
    // -- Counters over the window -------------------------------------------------------------
    ("peer_bytes", |f| f.window.peer.bytes as f64),
    ("virtual_eois", |f| f.window.counters.virtual_eois as f64),
    ("eois_in_guest", |f| f.window.counters.eois_in_guest as f64),
    ("marks_in_window", |f| f.window.counters.marks as f64),
    ("packets_sent", |f| f.window.counters.packets_sent as f64),
    ("packets_received", |f| f.window.counters.packets_received as f64),
    ("entry_failures", |f| f.window.counters.entry_failures as f64),
    ("own_exits_per_interrupt", |f| f.window.own_exits_per_nic_interrupt()),
    // -- Device interrupts raised in the window -----------------------------------------------
    ("handled", |f| f.lives.handled as f64),
    ("handled_per_second", |f| f.window.per_second(f.lives.handled)),
    ("arrival_exits", |f| f.lives.arrival_exits as f64),
    ("arrival_exits_per_interrupt", |f| f.lives.each(f.lives.arrival_exits)),
    ("eoi_exits", |f| f.lives.eoi_exits as f64),
    ("eoi_exits_per_interrupt", |f| f.lives.each(f.lives.eoi_exits)),
    ("most_exits_of_one_interrupt", |f| f.lives.most_exits as f64),
    ("lost_us_per_interrupt", |f| f.lives.each(f.lives.lost_ps) / 1e6),
    ("lost_percent", |f| 100.0 * f.lives.lost_ps as f64 / (f.window.length.0.max(1)) as f64),
    ("latency_p50_us", |f| f.lives.latency_us(50)),
    ("latency_p99_us", |f| f.lives.latency_us(99)),
    ("latency_max_us", |f| f.lives.latency_us(100)),
    ("longest_wait_us", |f| f.lives.longest_wait_ps as f64 / 1e6),
    ("retired_by_injection_percent", |f| f.retired_by_injection_percent()),
    // -- The trace from power-on --------------------------------------------------------------
    ("waited_behind_service", |f| f.waited_behind_service as f64),
    ("host_timer_worst_delay_us", |f| f.worst_delay_us),
    ("host_image_bytes_changed", |f| f.host_image_bytes_changed as f64),
    ("abnormal_stops", |f| f64::from(u8::from(f.abnormal))),
    ("result", |f| f.result),
    // -- What was selected --------------------------------------------------------------------
    ("selected", |f| f.selected.count as f64),
    ("life_exits", |f| f.selected.life_exits as f64),
    ("life_exits_selected", |f| f.selected.life_exits_selected as f64),
    ("life_eoi_selected", |f| f.selected.life_eoi_selected as f64),
    ("life_handled", |f| f64::from(u8::from(f.selected.life_handled))),
    ("life_span_us", |f| f.selected.bill.span() as f64 / 1e6),
    ("life_moderation_us", |f| went_to(f, Cause::Moderation)),
    ("life_waiting_us", |f| went_to(f, Cause::Waiting)),
    ("life_arrival_us", |f| went_to(f, Cause::Arrival)),
    ("life_handler_us", |f| went_to(f, Cause::Handler)),
    ("life_sign_off_us", |f| went_to(f, Cause::SignOff)),
    ("life_foreign_us", |f| went_to(f, Cause::Foreign)),
    ("life_lost_us", |f| f.selected.life_lost_ps as f64 / 1e6),
    ("life_accounted_percent", |f| f.selected.accounted_percent),
    ("moment_in_service", |f| f.selected.in_service as f64),
    ("moment_pending", |f| f.selected.pending as f64),
    ("moment_unserved_vector", |f| f.selected.unserved_vector.map_or(f64::NAN, f64::from)),
    ("moment_both_handled", |f| f64::from(u8::from(f.selected.both_handled))),
];

fn went_to(facts: &Facts, cause: Cause) -> f64 {
    facts.selected.bill.of_cause(cause) as f64 / 1e6
}

/// The value of `name` for a run.
pub fn value(facts: &Facts, name: &str) -> Option<f64> {
    if let Some((_, read)) = OWN.iter().find(|(own, _)| *own == name) {
        return Some(read(facts));
    }
    if let Some(reason) = name.strip_prefix(EXITS).and_then(reason) {
        return facts.window.counters.exits.get(reason).map(|n| *n as f64);
    }
    let evidence = Evidence { window: Some(&facts.window), watch: Some(&facts.watch), numbers: None };
    evidence.value(name)
}

/// The index of the exit reason that `name` names in small letters.
fn reason(name: &str) -> Option<usize> {
    let found = ExitReason::ALL.iter().find(|r| r.name().eq_ignore_ascii_case(name));
    found.map(|r| r.field() as usize)
}

/// Refuses a name that is none.
pub fn check_name(name: &str) -> Result<(), String> {
    let own = OWN.iter().any(|(own, _)| *own == name);
    if own || name.strip_prefix(EXITS).and_then(reason).is_some() {
        return Ok(());
    }
    known(name, &Default::default()).map_err(|_| {
        let names: Vec<_> = OWN.iter().map(|(n, _)| *n).chain(QUANTITIES.iter().map(|q| q.name)).collect();
        format!("unknown quantity `{name}`; expected one of {}, or exits_REASON", names.join(", "))
    })
}
