//! What can happen to what the page knows.

use std::rc::Rc;

use lab_protocol::{Alignment, Command, Dropped, Frame, RunState, Session, Step, Views};

use crate::links::{Level, Link, Mode, Speed, Theme};

use super::lab::{Breakpoint, Dialog, Far, Hashes, Lab, Panel, Replay};
use super::notices::Saying;
use super::watch;

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A frame came.
    Frame(Box<Frame>),
    /// A command went out, with this number.
    Sent(u32, Box<Command>),
    /// The worker is there, or gone.
    Far(Far),
    /// From now on the worker is one that leaves nothing out; it goes to where another one was.
    Whole(Option<Box<Replay>>),
    /// All that leads there has been sent.
    Sought,
    /// The next command will be a load.
    Loading,
    /// The page goes by another link; nothing of the former run stays.
    Open(Box<Link>),
    /// How much is shown.
    Level(Level),
    /// Which surroundings.
    Mode(Mode),
    /// How fast.
    Speed(Speed),
    /// Colours.
    Theme(Theme),
    /// The panel at the side.
    Panel(Panel),
    /// How far a step goes.
    Unit(Step),
    /// A dialog opens or closes.
    Dialog(Option<Dialog>),
    /// A definition opens or closes.
    Define(Option<&'static str>),
    /// Following one interrupt begins or ends.
    Follow(bool),
    /// Stepping an event a second begins or ends.
    Tick(bool),
    /// Single letters are keys, or not.
    Singles(bool),
    /// A kernel of the reader's, and each file's name and hash.
    Dropped(Box<Dropped>, Hashes),
    /// Once the machines are where another worker's were, this is sent.
    Then(Box<Command>),
    /// The live region says something.
    Live(String),
    /// Something is said in place.
    Say(Saying),
    /// What was said is taken away, by its place.
    Unsay(usize),
}

/// What the page knows after something happened.
pub fn reduce(mut lab: Lab, act: Act) -> Lab {
    match act {
        Act::Frame(frame) => return take(lab, *frame),
        Act::Sent(serial, command) => {
            lab.sent = serial;
            return remember(lab, serial, &command);
        }
        Act::Far(far) => {
            lab.far = far;
            lab.ticking &= far == Far::Here;
        }
        Act::Whole(replay) => {
            lab.whole = true;
            lab.replay = replay.map(|replay| Rc::new(*replay));
        }
        Act::Loading => lab.arriving = Some(lab.sent.wrapping_add(1)),
        Act::Sought => lab.replay = lab.replay.map(|r| Rc::new(Replay { sent: true, ..(*r).clone() })),
        Act::Open(link) => return open(lab, *link),
        Act::Level(level) => change(&mut lab, |link| link.level = level),
        Act::Mode(mode) => change(&mut lab, |link| link.mode = mode),
        Act::Speed(speed) => change(&mut lab, |link| link.speed = speed),
        Act::Theme(theme) => change(&mut lab, |link| link.theme = theme),
        Act::Panel(panel) => lab.panel = panel,
        Act::Unit(unit) => lab.unit = unit,
        Act::Dialog(dialog) => lab.dialog = dialog,
        Act::Define(term) => lab.term = term,
        Act::Follow(on) => lab.following = on && lab.shows(),
        Act::Tick(on) => lab.ticking = on,
        Act::Singles(on) => lab.singles = on,
        Act::Then(command) => {
            lab.replay = lab.replay.map(|r| Rc::new(Replay { then: Some(*command), ..(*r).clone() }));
        }
        Act::Dropped(dropped, hashes) => {
            lab.dropped = Some((Rc::new(*dropped), hashes));
            lab.sayings = Rc::default();
        }
        Act::Live(text) => lab.live = text.into(),
        Act::Say(saying) => say(&mut lab, saying, 0),
        Act::Unsay(place) if place < lab.sayings.len() => {
            Rc::make_mut(&mut lab.sayings).remove(place);
        }
        Act::Unsay(_) => {}
    }
    lab.views = watched(&lab);
    lab
}

/// Something is said: once in place, however often it is so.
fn say(lab: &mut Lab, saying: Saying, serial: u32) {
    if saying.wrong {
        lab.wrongs = (lab.wrongs.0 + 1, serial);
    }
    let sayings = Rc::make_mut(&mut lab.sayings);
    sayings.retain(|said| *said != saying);
    sayings.push(saying);
}

/// The views that are open now; the same ones when nothing changed.
fn watched(lab: &Lab) -> Rc<Views> {
    let views = watch::views(lab);
    if views == lab.views { lab.views.clone() } else { views }
}

fn change(lab: &mut Lab, how: impl FnOnce(&mut Link)) {
    how(Rc::make_mut(&mut lab.link));
}

/// A frame: what it holds only when it changed is kept.
fn take(mut lab: Lab, mut frame: Frame) -> Lab {
    if let Some(session) = frame.session.take() {
        if lab.first_knobs.is_empty() {
            lab.first_knobs =
                Rc::new(session.knobs.iter().map(|k| (k.key.clone(), k.value.clone())).collect());
        }
        settle(&mut lab, &session);
        lab.session = Rc::new(session);
    }
    if let Some(journal) = frame.journal.take() {
        lab.journal = Rc::new(journal);
    }
    if let Some(notice) = frame.notice.take() {
        let saying = Saying { text: notice.text, wrong: notice.wrong, ways: Vec::new() };
        say(&mut lab, saying, notice.serial);
    }
    if matches!(frame.state, RunState::Fault(_)) && lab.sayings.iter().any(|said| !said.wrong) {
        // What was to be loaded does not run: nothing says that it does.
        Rc::make_mut(&mut lab.sayings).retain(|said| said.wrong);
    }
    let busy = matches!(frame.state, RunState::Busy(_) | RunState::Idle);
    lab.arriving = lab.arriving.filter(|load| busy || frame.serial < *load);
    match lab.replay.take() {
        Some(replay) if busy || !replay.sent || frame.serial != lab.sent => {
            lab.replay = Some(replay);
            let shown = Rc::make_mut(&mut lab.frame);
            (shown.serial, shown.state) = (frame.serial, frame.state);
        }
        _ => lab.frame = Rc::new(frame),
    }
    lab
}

/// The link says what the machines were built with: a setting that was refused does not stay in it.
fn settle(lab: &mut Lab, session: &Session) {
    let settled = |(key, value): &(String, String)| {
        let knob = session.knobs.iter().find(|knob| knob.key == *key && !knob.live);
        (key.clone(), knob.map_or(value, |knob| &knob.value).clone())
    };
    let mut link = (*lab.link).clone();
    link.cfg = link.cfg.iter().map(settled).collect();
    link.seed = link.seed.map(|_| session.seed);
    let modes: Vec<_> = session.sides.iter().map(|side| side.mode.clone()).collect();
    if !link.pair.is_empty() && modes.iter().all(|mode| !mode.is_empty()) {
        link.pair = modes;
    }
    if let Some((name, _)) = session.workloads.iter().find(|(_, title)| *title == session.workload)
        && !link.workload.is_empty()
    {
        link.workload = name.clone();
    }
    if link != *lab.link {
        lab.link = Rc::new(link);
    }
}

/// What a command that went out means for the page.
fn remember(mut lab: Lab, serial: u32, command: &Command) -> Lab {
    match command {
        Command::Watch(views) => lab.views = Rc::new((**views).clone()),
        Command::Align(alignment) => {
            let alignment: Alignment = *alignment;
            change(&mut lab, |link| link.align = Some(alignment));
        }
        Command::Set { key, value } => set(&mut lab, key, value),
        Command::Break { side, address, root, on } => {
            let point = Breakpoint { side: *side, address: *address, root: *root };
            let points = Rc::make_mut(&mut lab.breakpoints);
            points.retain(|known| *known != point);
            if *on {
                points.push(point);
            }
        }
        Command::Load(_) => {
            if lab.replay.is_none() {
                lab.breakpoints = Rc::default();
            }
            lab.arriving = Some(serial);
        }
        _ => {}
    }
    lab
}

/// A knob: one that holds from power-on goes into the link's settings, an input into the journal.
fn set(lab: &mut Lab, key: &str, value: &str) {
    if key == "seed" {
        let seed = value.parse().ok();
        return change(lab, |link| link.seed = seed);
    }
    match key {
        "workload" => return change(lab, |link| link.workload = value.into()),
        "modes" => return change(lab, |link| link.pair = value.split(',').map(String::from).collect()),
        _ => {}
    }
    if lab.session.knobs.iter().any(|knob| knob.key == key && knob.live) {
        return;
    }
    change(lab, |link| {
        link.cfg.retain(|(known, _)| known != key);
        link.cfg.push((key.into(), value.into()));
    });
}

/// Another link: a fresh beginning, but what belongs to the reader stays.
fn open(lab: Lab, link: Link) -> Lab {
    let mut next = Lab {
        site: lab.site,
        singles: lab.singles,
        far: lab.far,
        sent: lab.sent,
        unit: lab.unit,
        panel: lab.panel,
        whole: lab.whole,
        opened: lab.opened.wrapping_add(1),
        link: Rc::new(link),
        ..Lab::default()
    };
    next.views = watched(&next);
    next
}
