//! One machine, measured: warm-up, then a window in two halves.

use std::time::Instant;

use emulator::time::Time;

use crate::interrupt;
use crate::progress::Progress;
use crate::recording::{self, Recording, TraceTo};
use observe::failure::{Failure, Outcome, failed};
use observe::plan::{Plan, Task};
use observe::rig::{Rig, Sample, Window};

/// What one machine did.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The whole window.
    pub window: Window,
    /// Its halves.
    pub halves: [Window; 2],
    /// Every record and the final state.
    pub trace_hash: u64,
    /// Instructions retired since power-on.
    pub retired: u64,
    /// Host processor time that the run took, in seconds.
    pub host_seconds: f64,
    /// What the console said inside the window, in bytes.
    pub console_bytes: usize,
}

/// Runs the machine of `task`.
pub fn measure(plan: &Plan, task: Task, progress: &Progress, traces: &[TraceTo]) -> Outcome<Measured> {
    if interrupt::requested() {
        return Err(Failure::Interrupted(format!("{}: interrupted before it began", name(plan, task))));
    }
    let clock = HostClock::start();
    let (build, boot) = (plan.build(task), plan.boot(task)?);
    let mut rig = Rig::new(&build, &boot)?;
    let name = name(plan, task);
    let recording = {
        let part = format!("{}-{}", plan.workload(task).name, plan.mode(task).name);
        let files: Vec<_> = traces.iter().map(|t| t.named(&part)).collect();
        Recording::open(&files, &recording::facts(&name, build.cpus, build.preset.hz()), &boot, &mut rig)?
    };
    let mut run = Run { rig, recording, progress, name };
    let (before, [start, middle, end]) = match run.stages(plan) {
        Ok(stages) => stages,
        Err(failure) => {
            // What was recorded until Ctrl-C is written; what a failure leaves is not.
            if matches!(failure, Failure::Interrupted(_)) {
                run.recording.finish(run.rig.now())?;
            }
            return Err(failure);
        }
    };
    let window = Window::between(&start, &end);
    if window.peer.operations == 0 && window.peer.bytes == 0 {
        let why = short(plan).unwrap_or_default();
        return failed(format!(
            "{}: the peer verified nothing in the window{why}{}",
            run.name,
            said(&before)
        ));
    }
    run.recording.finish(run.rig.now())?;
    Ok(Measured {
        window,
        halves: [Window::between(&start, &middle), Window::between(&middle, &end)],
        trace_hash: run.rig.trace_hash(),
        retired: run.rig.retired(),
        host_seconds: clock.seconds(),
        console_bytes: run.rig.console().len(),
    })
}

fn name(plan: &Plan, task: Task) -> String {
    format!("{} on {}", plan.workload(task).name, plan.mode(task).name)
}

struct Run<'a> {
    rig: Rig,
    recording: Recording,
    progress: &'a Progress,
    name: String,
}

impl Run<'_> {
    /// The warm-up, with what the console said in it, then the window.
    fn stages(&mut self, plan: &Plan) -> Outcome<(Vec<u8>, [Sample; 3])> {
        self.advance(Time::ms(plan.measure.warmup_ms))?;
        let before = self.rig.console();
        Ok((before, self.window(plan)?))
    }

    /// Runs `length` in slices of a millisecond at most, so that the bar moves.
    fn advance(&mut self, length: Time) -> Outcome<()> {
        let end = self.rig.now().plus(length);
        while self.rig.now() < end {
            let slice = self.recording.slice().min(end.since(self.rig.now()));
            if let Some(stop) = self.rig.run_until(self.rig.now().plus(slice)) {
                let (now, name) = (self.rig.now(), &self.name);
                let console = said(&self.rig.console());
                return failed(format!("{name}: the machine stopped at {now}: {stop}{console}"));
            }
            self.recording.take(&mut self.rig)?;
            self.progress.advance(slice);
            interrupt::check(&self.name, self.rig.now())?;
        }
        Ok(())
    }

    /// The window's start, middle and end, doubled until it holds enough NIC interrupts.
    fn window(&mut self, plan: &Plan) -> Outcome<[Sample; 3]> {
        let half = Time(Time::ms(plan.measure.window_ms).0 / 2);
        let most = Time::ms(plan.measure.max_window_ms);
        let start = self.rig.sample();
        self.advance(half)?;
        let mut middle = self.rig.sample();
        self.advance(half)?;
        loop {
            let end = self.rig.sample();
            let seen = Window::between(&start, &end);
            let enough = seen.counters.nic_interrupts >= plan.measure.min_nic_interrupts;
            if enough || seen.length.plus(seen.length) > most {
                return Ok([start, middle, end]);
            }
            middle = end;
            self.progress.extend(seen.length);
            self.advance(seen.length)?;
        }
    }
}

/// What to do about a warm-up or a window that is shorter than the scenario's, which explains most that is wrong.
pub fn short(plan: &Plan) -> Option<String> {
    let (own, asked) = (&plan.scenario.measure, &plan.measure);
    let rows = [
        ("warmup", "a warm-up", asked.warmup_ms, own.warmup_ms),
        ("window", "a window", asked.window_ms, own.window_ms),
    ];
    let say = |(option, what, asked, own): &(&str, &str, u64, u64)| {
        format!("; {what} of {asked} ms may be too short, the scenario's is {own} ms (--{option}-ms {own})")
    };
    let text: String = rows.iter().filter(|(_, _, asked, own)| asked < own).map(say).collect();
    (!text.is_empty()).then_some(text)
}

/// The last that a console said, for an error.
fn said(console: &[u8]) -> String {
    let text = String::from_utf8_lossy(console);
    let last: Vec<_> = text.lines().rev().take(8).collect();
    last.iter().rev().fold(String::new(), |all, line| all + "\n  console: " + line)
}

/// Processor time of this thread where the host tells, elapsed time elsewhere.
struct HostClock {
    processor: Option<f64>,
    elapsed: Instant,
}

impl HostClock {
    fn start() -> HostClock {
        HostClock { processor: processor_seconds(), elapsed: Instant::now() }
    }

    fn seconds(&self) -> f64 {
        match (self.processor, processor_seconds()) {
            (Some(from), Some(to)) => to - from,
            _ => self.elapsed.elapsed().as_secs_f64(),
        }
    }
}

/// Linux: nanoseconds on a processor are the first field of `schedstat`.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split_whitespace().next()?.parse::<u64>().ok()? as f64 / 1e9)
}
