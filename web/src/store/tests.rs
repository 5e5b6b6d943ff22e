//! What the page knows after what happened, and what follows from what a reader wants.

use std::rc::Rc;

use lab_protocol::{
    Alignment, Command, Frame, Input, Knob, KnobKind, LogWindow, Notice, Progress, RunState, Selection,
    Session, SideFrame, SideSetup, Step, TimelineWindow, Until, Views,
};

use crate::links::{Level, Link, Speed};

use super::act::{Act, reduce};
use super::intent::{Effect, Intent, effects};
use super::lab::{Dialog, Far, Lab, Panel};
use super::{live, watch};

fn knob(key: &str, live: bool) -> Knob {
    let (key, value) = (key.to_string(), "1".to_string());
    Knob { label: key.clone(), key, value, unit: String::new(), kind: KnobKind::Range(0.0, 9.0, false), live }
}

fn session() -> Session {
    let side = |title: &str| SideSetup { title: title.into(), ..SideSetup::default() };
    Session {
        title: "A pair".into(),
        sides: vec![side("left"), side("right")],
        knobs: vec![knob("rate", true), knob("message", false)],
        ..Session::default()
    }
}

fn frame(serial: u32, state: RunState) -> Frame {
    let side = SideFrame { time: 5_000_000, end: (20_000_000, 40), ..SideFrame::default() };
    Frame { serial, state, sides: vec![side.clone(), side], ..Frame::default() }
}

/// A page that shows a paused pair.
fn shown() -> Lab {
    let first = Frame { session: Some(session()), ..frame(0, RunState::Paused) };
    let lab = reduce(Lab::default(), Act::Far(Far::Here));
    reduce(lab, Act::Frame(Box::new(first)))
}

fn state(lab: Lab, state: RunState) -> Lab {
    let frame = frame(lab.sent, state);
    reduce(lab, Act::Frame(Box::new(frame)))
}

fn commands(lab: &Lab, intent: Intent) -> Vec<Command> {
    let send = |effect| match effect {
        Effect::Send(command) => Some(command),
        Effect::Do(_) => None,
    };
    effects(lab, intent).into_iter().filter_map(send).collect()
}

#[test]
fn nothing_is_asked_of_machines_that_are_not_there() {
    for intent in [Intent::Run, Intent::Step(Step::Event, false), Intent::Follow, Intent::BreakHere] {
        assert_eq!(effects(&Lab::default(), intent.clone()), vec![], "{intent:?}");
    }
    assert_eq!(effects(&Lab::default(), Intent::Help), vec![Effect::Do(Act::Dialog(Some(Dialog::Help)))]);
}

#[test]
fn one_key_runs_and_pauses() {
    let paused = shown();
    assert_eq!(commands(&paused, Intent::RunOrPause), vec![Command::Run { speed: 500_000 }]);
    let running = state(paused, RunState::Running);
    assert_eq!(commands(&running, Intent::RunOrPause), vec![Command::Pause]);
}

#[test]
fn a_step_goes_instead_of_a_run() {
    let running = state(shown(), RunState::Running);
    let step = Command::Step { side: 0, step: Step::Event, back: true };
    assert_eq!(commands(&running, Intent::StepUnit(true)), vec![step]);
    let exit = Command::RunUntil { side: 0, until: Until::Exit };
    assert_eq!(commands(&shown(), Intent::Until(Until::Exit)), vec![exit]);
}

#[test]
fn an_event_a_second_is_stepping_not_running() {
    let lab = reduce(shown(), Act::Speed(Speed::Event));
    assert_eq!(commands(&lab, Intent::Run), vec![]);
    assert!(effects(&lab, Intent::Run).contains(&Effect::Do(Act::Tick(true))));
    let ticking = reduce(lab, Act::Tick(true));
    assert!(ticking.goes());
    assert_eq!(effects(&ticking, Intent::RunOrPause), vec![Effect::Do(Act::Tick(false))]);
}

#[test]
fn a_new_speed_holds_at_once_when_the_machines_run() {
    let running = state(shown(), RunState::Running);
    assert_eq!(commands(&running, Intent::Speed(Speed::Most)), vec![Command::Run { speed: 0 }]);
    assert_eq!(commands(&shown(), Intent::Speed(Speed::Most)), vec![]);
}

#[test]
fn the_other_machine_comes_into_focus_with_the_same_interrupt() {
    let mut lab = shown();
    Rc::make_mut(&mut lab.frame).selection = Selection { side: 0, event: Some(3), life: Some(17) };
    let there = Selection { side: 1, event: None, life: Some(17) };
    assert_eq!(commands(&lab, Intent::OtherSide), vec![Command::Select(there)]);
    assert_eq!(commands(&lab, Intent::Focus(7)), vec![]);
}

#[test]
fn a_breakpoint_here_is_set_and_cleared() {
    let lab = shown();
    let on = Command::Break { side: 0, address: 0, root: false, on: true };
    assert_eq!(commands(&lab, Intent::BreakHere), vec![on.clone()]);
    let lab = reduce(lab, Act::Sent(1, Box::new(on)));
    assert_eq!(lab.breakpoints.len(), 1);
    let off = Command::Break { side: 0, address: 0, root: false, on: false };
    assert_eq!(commands(&lab, Intent::BreakHere), vec![off.clone()]);
    assert!(reduce(lab, Act::Sent(2, Box::new(off))).breakpoints.is_empty());
}

#[test]
fn what_a_frame_leaves_out_stays_as_it_was() {
    let journal = vec![Input { time: 1, key: "rate".into(), value: "2".into() }];
    let with = Frame { journal: Some(journal.clone()), ..frame(1, RunState::Paused) };
    let lab = reduce(shown(), Act::Frame(Box::new(with)));
    let lab = state(lab, RunState::Running);
    assert_eq!((&*lab.session, &*lab.journal), (&session(), &journal));
}

#[test]
fn a_notice_is_said_once_and_can_be_taken_away() {
    let notice = Some(Notice { text: "No.".into(), wrong: true, serial: 0 });
    let with = Frame { notice, ..frame(1, RunState::Paused) };
    let lab = reduce(shown(), Act::Frame(Box::new(with.clone())));
    let lab = reduce(lab, Act::Frame(Box::new(with)));
    assert_eq!(lab.sayings.len(), 1);
    let lab = reduce(lab, Act::Unsay(9));
    assert_eq!(reduce(lab, Act::Unsay(0)).sayings.len(), 0);
}

#[test]
fn a_knob_that_holds_from_power_on_goes_into_the_link_and_an_input_does_not() {
    let set = |key: &str, value: &str| Box::new(Command::Set { key: key.into(), value: value.into() });
    let lab = reduce(shown(), Act::Sent(1, set("message", "7")));
    let lab = reduce(lab, Act::Sent(2, set("message", "8")));
    let lab = reduce(lab, Act::Sent(3, set("rate", "5")));
    let lab = reduce(lab, Act::Sent(4, set("seed", "9")));
    assert_eq!(lab.link.cfg, vec![("message".to_string(), "8".to_string())]);
    assert_eq!(lab.link.seed, Some(9));
    assert!(lab.waits());
}

#[test]
fn a_level_opens_what_it_shows_and_closes_the_rest() {
    let rows = |level, panel| {
        let lab = reduce(reduce(shown(), Act::Panel(panel)), Act::Level(level));
        let v = &lab.views;
        [v.timeline.is_some(), v.log.is_some(), v.inspect.is_some(), v.code.is_some(), v.plots.is_some()]
    };
    assert_eq!(rows(Level::Story, Panel::State), [false; 5]);
    assert_eq!(rows(Level::Explain, Panel::State), [true, true, false, false, false]);
    assert_eq!(rows(Level::Inspect, Panel::State), [true, true, true, false, false]);
    assert_eq!(rows(Level::Inspect, Panel::Code), [true, true, false, true, false]);
    assert_eq!(rows(Level::Inspect, Panel::Plots), [true, true, false, false, true]);
}

#[test]
fn a_views_window_changes_only_itself_and_opens_nothing() {
    let window = TimelineWindow { from: 1, to: 2, columns: 3 };
    let log = LogWindow { first: Some(4), rows: 5, kinds: 6 };
    let open = Views { log: Some(log), ..Views::default() };
    let new = Views { timeline: Some(window), ..Views::default() };
    assert_eq!(watch::merge(&open, new.clone()), open);
    let open = Views { timeline: Some(TimelineWindow::default()), ..open };
    assert_eq!(watch::merge(&open, new), Views { timeline: Some(window), ..open });
}

#[test]
fn another_link_is_a_fresh_beginning_but_the_readers_own_stays() {
    let lab = reduce(shown(), Act::Singles(false));
    let lab = reduce(lab, Act::Sent(5, Box::new(Command::Hash)));
    let link = Link {
        name: "other".into(),
        level: Level::Explain,
        align: Some(Alignment::Interrupt),
        ..Link::default()
    };
    let lab = reduce(lab, Act::Open(Box::new(link.clone())));
    assert_eq!((&*lab.link, lab.singles, lab.sent, lab.far), (&link, false, 5, Far::Here));
    assert!(!lab.shows());
    assert!(lab.views.timeline.is_some());
}

#[test]
fn a_dead_worker_stops_what_the_page_drives() {
    let lab = reduce(shown(), Act::Tick(true));
    assert!(!reduce(lab, Act::Far(Far::Gone)).goes());
}

#[test]
fn the_live_region_says_summaries_and_never_a_stream() {
    let paused = shown();
    let running = state(paused.clone(), RunState::Running);
    assert_eq!(live::sentence(&paused, &running).as_deref(), Some("Running."));
    assert_eq!(live::sentence(&running, &running), None);
    let said = live::sentence(&running, &paused).unwrap_or_default();
    assert!(said.starts_with("Paused at 5.000 µs."), "{said}");
    assert_eq!(live::sentence(&paused, &paused), None);
    let busy = state(paused.clone(), RunState::Busy(Progress::default()));
    assert_eq!(live::sentence(&paused, &busy), None);
    let halted = state(paused.clone(), RunState::Halted("it is done".into()));
    assert_eq!(live::sentence(&paused, &halted).as_deref(), Some("Halted: it is done"));
}

#[test]
fn a_load_shows_nothing_until_its_first_moment() {
    let lab = reduce(shown(), Act::Sent(3, Box::new(Command::Load(Box::default()))));
    assert!(!lab.shows());
    let lab = reduce(lab, Act::Frame(Box::new(frame(2, RunState::Paused))));
    assert!(!lab.shows(), "a frame from before the load");
    let lab = reduce(lab, Act::Frame(Box::new(frame(3, RunState::Busy(Progress::default())))));
    assert!(!lab.shows(), "on its way");
    assert!(reduce(lab, Act::Frame(Box::new(frame(4, RunState::Paused)))).shows());
}

#[test]
fn a_pair_chosen_in_the_run_goes_into_the_link() {
    let set = |key: &str, value: &str| Box::new(Command::Set { key: key.into(), value: value.into() });
    let lab = reduce(shown(), Act::Sent(1, set("modes", "one,two")));
    let lab = reduce(lab, Act::Sent(2, set("workload", "rr")));
    assert_eq!((lab.link.pair.len(), lab.link.workload.as_str(), lab.link.cfg.len()), (2, "rr", 0));
}
