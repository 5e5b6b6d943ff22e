//! `exitless attack`: an untrusted guest tries, once with the defence and once without it.

use std::collections::BTreeMap;

use emulator::machine::Stop;
use emulator::time::{Preset, Time};
use serde::Serialize;

use crate::cli::AttackArgs;
use crate::files;
use crate::interrupt;
use crate::jobs;
use crate::progress::Progress;
use crate::stdout;
use crate::table::{Table, number};
use observe::failure::{Outcome, failed, usage};
use observe::images::{ImageHash, Images, hex};
use observe::judge::canary::{bytes_changed, read_only_segments};
use observe::judge::predicate::{Predicate, Verdict};
use observe::judge::{Evidence, Watch};
use observe::plan::{join, with_clocks};
use observe::rig::{Boot, Build, Rig, Window, dearest_exit_us, preset};
use observe::scenario::attacks::{Attack, Attacks};
use observe::suggest::unknown;

/// One attack, judged.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// Its name.
    pub name: String,
    /// What the guest does.
    pub threat: String,
    /// What answers it.
    pub defence: String,
    /// Whether every predicate held with the defence on.
    pub contained: bool,
    /// The most that a tick of the host was late, with the defence on.
    pub host_timer_worst_delay_us: f64,
    /// How long a guest runs at most without an exit.
    pub preemption_period_us: f64,
    /// The same guest with the defence alone switched off.
    pub with_defence_off: Option<Off>,
    /// What did not hold and should have.
    pub failures: Vec<String>,
    /// The trace hash with the defence on.
    pub trace_hash: String,
    /// Which images this is about.
    pub images: Vec<ImageHash>,
}

/// The same guest with the defence alone switched off.
#[derive(Clone, Debug, Serialize)]
pub struct Off {
    /// Whether every predicate still held.
    pub contained: bool,
    /// What was seen: predicates of containment that failed, and what the scenario says shows.
    pub seen: Vec<String>,
    /// The most that a tick of the host was late.
    pub host_timer_worst_delay_us: f64,
}

struct Context<'a> {
    scenario: &'a Attacks,
    preset: Preset,
    seed: u64,
    images: Images,
    progress: Progress,
}

/// Runs and judges, or lists.
pub fn command(args: &AttackArgs) -> Outcome<()> {
    let path = files::scenario_path(args.scenario.as_deref(), "attacks.toml")?;
    let scenario: Attacks = files::scenario(&path)?;
    if args.list {
        return stdout::print(&list(&scenario).to_string());
    }
    let chosen = chosen(&scenario, args.name.as_deref())?;
    let names = chosen.iter().map(|a| a.guest.as_str()).chain([scenario.host.image.as_str()]);
    let name = args.common.preset.as_deref().unwrap_or(&scenario.machine.preset);
    let context = Context {
        preset: preset(name, &args.common.sets, args.common.exit_cost_scale)?,
        seed: args.common.seed.unwrap_or(scenario.machine.seed),
        images: files::images(args.common.guests.as_deref(), names)?,
        progress: Progress::new(scenario.run_ms * 2 * chosen.len() as u64),
        scenario: &scenario,
    };
    let judged = jobs::run(args.common.jobs, &chosen, |attack| judge(&context, attack))?;
    context.progress.finish();
    match args.common.json {
        true => stdout::json(&judged)?,
        false => stdout::print(&render(&judged))?,
    }
    let failures: Vec<_> =
        judged.iter().flat_map(|j| j.failures.iter().map(|f| format!("{}: {f}", j.name))).collect();
    if failures.is_empty() { Ok(()) } else { failed(failures.join("\n")) }
}

fn chosen<'a>(scenario: &'a Attacks, name: Option<&str>) -> Outcome<Vec<&'a Attack>> {
    let found: Vec<_> = scenario.attacks.iter().filter(|a| name.is_none_or(|n| n == a.name)).collect();
    if found.is_empty() {
        let names: Vec<_> = scenario.attacks.iter().map(|a| a.name.as_str()).collect();
        let name = name.unwrap_or_default();
        return usage(unknown("there is no attack", name, &names));
    }
    Ok(found)
}

fn judge(context: &Context<'_>, attack: &Attack) -> Outcome<Judged> {
    let on = Trial::run(context, attack, "")?;
    let off = attack.switch_off.as_deref().map(|switch| Trial::run(context, attack, switch)).transpose()?;
    let scenario = context.scenario;
    let broken = on.broken(scenario.judged(attack));
    let mut failures: Vec<_> = broken.iter().map(|v| format!("not contained: {v}")).collect();
    let with_defence_off = off.map(|off| {
        let escaped = off.broken(scenario.judged(attack));
        let hidden = off.broken(attack.off_shows.iter());
        if escaped.is_empty() {
            failures
                .push("with its defence off it is contained all the same; expected to see it".to_string());
        }
        failures.extend(hidden.iter().map(|v| format!("with its defence off, expected {v}")));
        let seen = escaped.iter().map(|v| format!("not: {v}")).collect();
        Off { contained: escaped.is_empty(), seen, host_timer_worst_delay_us: off.worst_delay_us }
    });
    Ok(Judged {
        name: attack.name.clone(),
        threat: attack.threat.clone(),
        defence: attack.defence.clone(),
        contained: broken.is_empty(),
        host_timer_worst_delay_us: on.worst_delay_us,
        preemption_period_us: us(scenario.host.preemption_period.0),
        with_defence_off,
        failures,
        trace_hash: hex(on.trace_hash),
        images: images(context, attack),
    })
}

/// One run of an attack, with all that it is judged by.
struct Trial {
    window: Window,
    watch: Watch,
    numbers: BTreeMap<String, f64>,
    worst_delay_us: f64,
    trace_hash: u64,
}

impl Trial {
    fn run(context: &Context<'_>, attack: &Attack, switch: &str) -> Outcome<Trial> {
        let host = context.images.bytes(&context.scenario.host.image)?;
        let mut rig = Rig::new(&build(context, attack), &boot(context, attack, host, switch)?)?;
        let start = rig.sample();
        let mut watch = Watch::new(context.scenario.host.facts());
        let end = Time::ms(context.scenario.run_ms);
        let mut stop = None;
        while stop.is_none() && rig.now() < end {
            stop = rig.run_until(rig.now().plus(Time::ms(1)).min(end));
            rig.records().iter().for_each(|record| watch.record(record));
            context.progress.advance(Time::ms(1));
            interrupt::check(&attack.name, rig.now())?;
        }
        // A host that was brought down gets no more ticks: the delay counts to the end.
        let last = if abnormal(stop.as_ref()) { end } else { rig.now() };
        let worst_delay_us = us(watch.worst_delay(last));
        let changed = bytes_changed(&read_only_segments(host), |a, out| rig.read_memory(a, out));
        let numbers = numbers(context, stop.as_ref(), worst_delay_us, changed);
        let window = Window::between(&start, &rig.sample());
        Ok(Trial { window, watch, numbers, worst_delay_us, trace_hash: rig.trace_hash() })
    }

    /// The predicates that do not hold.
    fn broken<'a>(&self, predicates: impl Iterator<Item = &'a Predicate>) -> Vec<Verdict> {
        let evidence =
            Evidence { window: Some(&self.window), watch: Some(&self.watch), numbers: Some(&self.numbers) };
        predicates.map(|p| p.judge(|name| evidence.value(name))).filter(|v| !v.holds).collect()
    }
}

fn build(context: &Context<'_>, attack: &Attack) -> Build {
    Build {
        memory: context.scenario.machine.memory,
        cpus: context.scenario.machine.cpus,
        model: context.scenario.machine.model,
        preset: context.preset.clone(),
        seed: context.seed,
        network: attack.network,
        message: 256,
        records: true,
    }
}

/// The same guest and command line whatever the switch; only the host's differs.
fn boot<'a>(context: &'a Context<'_>, attack: &Attack, host: &'a [u8], switch: &str) -> Outcome<Boot<'a>> {
    let guest = context.images.bytes(&attack.guest)?;
    let cmdline = with_clocks(&join(&context.scenario.host.cmdline, switch), &context.preset);
    Ok(Boot { image: (host, cmdline), modules: vec![(guest, attack.cmdline.clone())] })
}

/// The images of one attack: the host's and the guest's.
fn images(context: &Context<'_>, attack: &Attack) -> Vec<ImageHash> {
    let names = [&context.scenario.host.image, &attack.guest];
    context.images.hashes().into_iter().filter(|i| names.contains(&&i.name)).collect()
}

/// Whether a guest brought the machine down: none of them ends by itself, and a host that gives up exits.
fn abnormal(stop: Option<&Stop>) -> bool {
    stop.is_some()
}

fn numbers(context: &Context<'_>, stop: Option<&Stop>, delay_us: f64, changed: u64) -> BTreeMap<String, f64> {
    let mut numbers = context.scenario.numbers.clone();
    let found = [
        ("host_timer_worst_delay_us", delay_us),
        ("dearest_exit_us", dearest_exit_us(&context.preset)),
        ("preemption_period_us", us(context.scenario.host.preemption_period.0)),
        ("host_image_bytes_changed", changed as f64),
        ("abnormal_stops", f64::from(u8::from(abnormal(stop)))),
    ];
    numbers.extend(found.map(|(name, value)| (name.to_string(), value)));
    if let Some(Stop::Exit { code }) = stop {
        numbers.insert("guest_exit_code".to_string(), f64::from(*code));
    }
    numbers
}

fn us(time: Time) -> f64 {
    time.0 as f64 / 1e6
}

fn list(scenario: &Attacks) -> Table {
    let mut table = Table::default();
    for attack in &scenario.attacks {
        table.row([format!("{:<20} {}; answered by {}", attack.name, attack.threat, attack.defence)]);
    }
    table
}

fn render(judged: &[Judged]) -> String {
    let mut table = Table::new(["attack", "contained", "host late by at most", "with its defence off"]);
    for j in judged {
        let off = j.with_defence_off.as_ref().map_or("-", |off| word(off.contained));
        let late = format!("{} us", number(j.host_timer_worst_delay_us));
        table.row([&j.name, word(j.contained), &late, off]);
    }
    let mut out = table.to_string();
    for (j, off) in judged.iter().filter_map(|j| Some((j, j.with_defence_off.as_ref()?))) {
        out += &format!("\n  {}: {}; the defence: {}\n", j.name, j.threat, j.defence);
        out += &crate::compare::text::images(&j.images);
        out.extend(off.seen.iter().map(|seen| format!("    off, one sees: {seen}\n")));
    }
    out
}

fn word(contained: bool) -> &'static str {
    if contained { "contained" } else { "NOT CONTAINED" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_has_the_names_that_were_promised() {
        let off = Off { contained: false, seen: Vec::new(), host_timer_worst_delay_us: 9.0 };
        let judged = Judged {
            name: "n".into(),
            threat: String::new(),
            defence: String::new(),
            contained: true,
            host_timer_worst_delay_us: 1.5,
            preemption_period_us: 250.0,
            with_defence_off: Some(off),
            failures: Vec::new(),
            trace_hash: hex(1),
            images: Vec::new(),
        };
        let json = serde_json::to_value([judged]).unwrap();
        assert_eq!(json[0]["name"], "n");
        assert_eq!(json[0]["contained"], true);
        assert_eq!(json[0]["host_timer_worst_delay_us"], 1.5);
        assert_eq!(json[0]["preemption_period_us"], 250.0);
        assert_eq!(json[0]["with_defence_off"]["contained"], false);
    }
}
