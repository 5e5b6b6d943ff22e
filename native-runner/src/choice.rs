//! What the command line chooses from a scenario.

use observe::failure::{Outcome, usage};
use observe::plan::{Choice, MESSAGE_SIZE, MODERATION, Plan};
use observe::scenario::comparison::Comparison;

use crate::cli::{Common, Measured};
use crate::files;

/// The plan of the scenario that was asked for, with its images.
pub fn plan(common: &Common, measured: &Measured) -> Outcome<Plan> {
    let path = files::scenario_path(measured.scenario.as_deref(), "compare.toml")?;
    let scenario: Comparison = files::scenario(&path)?;
    check_sets(&common.sets, &scenario)?;
    Plan::new(scenario, &choice(common, measured), |name| files::guest(common.guests.as_deref(), name))
}

/// A parameter is the scenario's, and has an option; `--set` is for the constants of the cost preset.
fn check_sets(sets: &[String], scenario: &Comparison) -> Outcome<()> {
    for set in sets {
        let (name, value) = set.split_once('=').unwrap_or((set, "VALUE"));
        if scenario.parameters.iter().any(|p| p.name == name.trim()) {
            let name = name.trim();
            return usage(format!(
                "--set {set}: {name} is a parameter of the scenario, not a constant of the cost preset; expected \
                 --{name} {value}"
            ));
        }
    }
    Ok(())
}

fn choice(common: &Common, measured: &Measured) -> Choice {
    let set = |name: &str, value: &Option<String>| Some((name.to_string(), value.clone()?));
    let parameters = [set(MESSAGE_SIZE, &measured.message_size), set(MODERATION, &measured.moderation)];
    Choice {
        workload: measured.workload.clone(),
        modes: measured.modes.clone(),
        preset: common.preset.clone(),
        sets: common.sets.clone(),
        exit_cost_scale: common.exit_cost_scale,
        turnaround: None,
        packet_rate: measured.packet_rate,
        seed: common.seed,
        parameters: parameters.into_iter().flatten().collect(),
        warmup_ms: measured.warmup_ms,
        window_ms: measured.window_ms,
    }
}
