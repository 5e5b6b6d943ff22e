//! What a frame shows. Each view is read from the history at the cursor; none keeps anything.

mod counts;
#[cfg(feature = "inspect")]
mod deep;
#[cfg(not(feature = "inspect"))]
#[path = "shallow.rs"]
mod deep;
mod life;
mod log;
mod plots;
mod scene;
mod timeline;
mod why;

pub use deep::Shown;
#[cfg(feature = "rerun")]
pub use why::control_of;

use lab_protocol::{Bill, Knob, KnobKind, Selection, Session as Told, SideFrame};
use observe::scenario::lab::KnobSpec;
use observe::symbols::World;

use crate::session::Session;
use crate::side::Side;

/// The latest that a console said, in bytes.
const CONSOLE: usize = 4096;

/// One machine now.
pub fn side_frame(session: &mut Session, at: usize, selection: &Selection) -> SideFrame {
    let views = session.views.clone();
    let focus = usize::from(selection.side) == at;
    let percent = counts::percent_of_reference(session, at);
    let shift = timeline::shift(session, at);
    let Session { sides, shown, loaded, .. } = session;
    let Some(side) = sides.get_mut(at) else { return SideFrame::default() };
    let here = side.position();
    let end = side.travel().frontier();
    let selected = selection.life.and_then(|number| side.life(number));
    let event = selection.event.filter(|_| focus).or(here.event.checked_sub(1));
    let bundle = loaded.as_ref().and_then(|l| l.bundle.as_ref());
    let mut frame = SideFrame {
        time: here.time.0,
        event: here.event,
        end: (end.time.0, end.event),
        retired: here.retired,
        rip: side.travel().machine().registers(0).rip,
        symbol: symbol(side),
        counts: counts::counts(side, percent),
        scene: scene::scene(side, event, selected.as_ref()),
        life: selected.as_ref().map(|life| life::view(side, life)),
        timeline: views.timeline.map(|window| timeline::view(side, window, shift)),
        log: views.log.map(|window| log::view(side, window, event)),
        inspect: None,
        code: views.code.and_then(|lines| deep::code(side, lines)),
        plots: views.plots.map(|points| plots::view(side, points)),
        why: event.and_then(|event| why::view(side, event, selected.as_ref(), bundle)),
        console: tail(side.travel().console()),
    };
    if let (Some(open), Some(shown)) = (&views.inspect, shown.get_mut(at)) {
        frame.inspect = deep::inspect(side, open, bundle, shown);
    }
    frame
}

/// `symbol+0x12` of the next instruction; empty where there is no name.
fn symbol(side: &Side) -> String {
    let machine = side.travel().machine();
    let names = side.words.symbols.of_world(World::of(machine, 0));
    names.name(machine.registers(0).rip).unwrap_or_default()
}

fn tail(console: &[u8]) -> String {
    let from = console.len().saturating_sub(CONSOLE);
    String::from_utf8_lossy(&console[from..]).into_owned()
}

/// What the session is: titles, knobs.
pub fn session(session: &Session) -> Option<Told> {
    let loaded = session.loaded.as_ref()?;
    let settings = &loaded.settings;
    let sides: Vec<_> = session.sides.iter().map(|side| side.words.setup.clone()).collect();
    let Some(bundle) = &loaded.bundle else {
        let title = sides.first().map_or(String::new(), |side| side.title.clone());
        return Some(Told { title, sides, ..Told::default() });
    };
    let work = bundle.workloads.iter().find(|w| w.name == settings.workload);
    let applies = |knob: &&KnobSpec| knob.applies(&settings.modes, &settings.workload);
    let knob = |knob: &KnobSpec| Knob {
        key: knob.key.clone(),
        label: knob.label.clone(),
        value: settings.value(bundle, knob, session.now()),
        unit: knob.unit.clone(),
        kind: match knob.range {
            Some(range) => KnobKind::Range(range.from as f64, range.to as f64, range.logarithmic),
            None => KnobKind::Choice(knob.choices.clone()),
        },
        live: knob.turns.live(),
    };
    let seed = settings.knobs.get("seed").and_then(|seed| seed.parse().ok());
    Some(Told {
        title: bundle.lab.title.clone(),
        workload: work.map_or(String::new(), |w| w.title.clone()),
        unit: work.map_or(String::new(), |w| w.unit.clone()),
        less_is_better: work.is_some_and(|w| counts::less_is_better(w.metric)),
        sides,
        knobs: bundle.lab.knobs.iter().filter(applies).map(knob).collect(),
        seed: seed.unwrap_or(bundle.machine.seed),
        workloads: bundle.workloads.iter().map(|w| (w.name.clone(), w.title.clone())).collect(),
        modes: bundle.modes.iter().map(|m| (m.name.clone(), m.title.clone())).collect(),
    })
}

/// What the selected interrupt costs on each side, when each has it whole.
pub fn bill(session: &mut Session, selection: &Selection) -> Option<Bill> {
    let number = selection.life?;
    let mut bill = Bill::default();
    for side in &mut session.sides {
        let life = side.life(number).filter(|life| life.complete)?;
        let rate = counts::interrupts_per_second(side);
        bill.lost.push(life.lost());
        bill.per_second.push(rate);
    }
    (!bill.lost.is_empty()).then_some(bill)
}
