//! What an embedding page may ask, and what it is told.
//!
//! The loader owns `window.postMessage` (it hears `window.parent` alone, and answers `ping`); it hands
//! each request to `lab.onrequest(type, id, json)` and sends what `lab.tell(type, id, json)` gives it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use js_sys::{Function, JSON, Uint8Array};
use lab_protocol::{Command, Export, RunState, Selection, Step, Until};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::host::{get, list, object, text};
use crate::links::{Level, Link, Mode, Speed, Theme, Words, parse};
use crate::store::{Act, Far, Intent, Lab, Store};

thread_local! {
    /// Answers that wait for a frame.
    static WAITING: RefCell<VecDeque<Waiting>> = const { RefCell::new(VecDeque::new()) };
    /// Whether each event is told: only to who asked for that.
    static EVENTS: Cell<bool> = const { Cell::new(false) };
    /// Where the machines last stood still: what is selected, and the event of the one in focus.
    static PLACE: Cell<Option<(Selection, Option<u64>)>> = const { Cell::new(None) };
    /// Requests that came while another worker takes over.
    static HELD: RefCell<VecDeque<(String, String, JsValue)>> = const { RefCell::new(VecDeque::new()) };
    /// Requests whose answer is a file.
    static FILES: RefCell<Vec<Asked>> = const { RefCell::new(Vec::new()) };
}

/// A request whose answer waits for a frame.
struct Waiting {
    /// The serial number that the frame must have reached.
    serial: u32,
    /// Whether that is a command of the request's own.
    own: bool,
    /// Whether it moves the machines, so that what follows it waits.
    moves: bool,
    /// The request's id.
    id: String,
}

/// A request for a file.
struct Asked {
    /// The command; its serial number once it has gone out, which may be to another worker.
    command: Command,
    serial: Option<u32>,
    /// The request's id.
    id: String,
}

/// Requests whose answer is untrue where the machines have gone on meanwhile: what follows waits.
const MOVES: [&str; 5] = ["seek", "step", "stepBack", "set", "hash"];
/// Requests that come at once, whatever waits.
const AT_ONCE: [&str; 3] = ["load", "pause", "subscribe"];

/// Formats by the names that an embedding page uses.
const FORMATS: [(&str, Export); 7] = [
    ("perfetto", Export::Perfetto),
    ("chrome", Export::Chrome),
    ("perf-kvm", Export::PerfKvm),
    ("pcapng", Export::Pcapng),
    ("vcd", Export::Vcd),
    ("ftrace", Export::Ftrace),
    ("stacks", Export::Stacks),
];

/// Listens to the loader, and tells it what happens.
pub fn open(store: &Store) {
    let there = store.clone();
    let request = Closure::<dyn FnMut(String, JsValue, String) -> bool>::new(
        move |kind: String, id: JsValue, json: String| {
            let id = id.as_string().or_else(|| id.as_f64().map(|n| n.to_string())).unwrap_or_default();
            let fields = JSON::parse(&json).unwrap_or(JsValue::UNDEFINED);
            request(&there, &kind, &id, &fields)
        },
    );
    let lab = get(&js_sys::global(), "lab");
    if lab.is_object() {
        // The loader's object is an ordinary one.
        let _ = js_sys::Reflect::set(&lab, &"onrequest".into(), request.as_ref());
    }
    request.forget(); // as long as the page
    if let Ok(function) = get(&lab, "listening").dyn_into::<Function>() {
        // What the loader makes of it is its business.
        let _ = function.call0(&lab);
    }
    store.listen(tell_changes);
    let there = store.clone();
    store.listen(move |_, after| {
        if HELD.with_borrow(|all| !all.is_empty()) && may_go(after) {
            let store = there.clone();
            wasm_bindgen_futures::spawn_local(async move { release(&store) });
        }
    });
}

/// Does what was held, as far as nothing stands before it any more.
fn release(store: &Store) {
    while may_go(&store.now()) {
        let Some((kind, id, fields)) = HELD.with_borrow_mut(VecDeque::pop_front) else { return };
        if !perform(store, &kind, &id, &fields) {
            wrong(&id, "type", &object(&[("type", kind.into())]));
        }
    }
}

/// Whether the machines are there, and nowhere on their way.
fn may_go(lab: &Lab) -> bool {
    settled(lab) && (lab.far == Far::Gone || !WAITING.with_borrow(|all| all.iter().any(|one| one.moves)))
}

/// One request; false when there is no such thing.
fn request(store: &Store, kind: &str, id: &str, fields: &JsValue) -> bool {
    let follows = !may_go(&store.now()) || HELD.with_borrow(|all| !all.is_empty());
    let at_once = AT_ONCE.contains(&kind) && (kind == "load" || settled(&store.now()));
    if follows && !at_once {
        let held = (kind.to_string(), id.to_string(), fields.clone());
        HELD.with_borrow_mut(|all| all.push_back(held));
        return true;
    }
    perform(store, kind, id, fields)
}

/// Does a request; false when there is no such thing.
fn perform(store: &Store, kind: &str, id: &str, fields: &JsValue) -> bool {
    let before = store.now().sent;
    match kind {
        "load" => load(store, fields),
        "run" => {
            if let Some(speed) = speed(fields) {
                store.act(Act::Speed(speed));
            }
            let Some(intent) = run(fields) else { return wrong(id, "until", fields) };
            store.perform(intent);
        }
        "pause" => store.perform(Intent::Pause),
        "step" | "stepBack" => {
            let Some(step) = step(fields) else { return wrong(id, "unit", fields) };
            store.perform(Intent::Step(step, kind == "stepBack"));
        }
        "seek" => store.perform(Intent::Seek(text(fields, "at"))),
        "set" => {
            if set(store, fields).is_none() {
                return wrong(id, "value", fields);
            }
        }
        "subscribe" => {
            EVENTS.set(list(fields, "events").any(|kind| kind.as_string().as_deref() == Some("event")))
        }
        "hash" => store.send(Command::Hash),
        "getReport" => {
            tell("report", id, &report(&store.now()));
            return true;
        }
        "exportTrace" => return export(store, id, fields),
        _ => return false,
    }
    // A load goes out when its files are there.
    let serial = store.now().sent.wrapping_add(u32::from(kind == "load"));
    let (own, moves) = (serial != before, serial != before && MOVES.contains(&kind));
    WAITING.with_borrow_mut(|waiting| waiting.push_back(Waiting { serial, own, moves, id: id.to_string() }));
    answer(&store.now());
    true
}

/// Another link: as a fragment, or by its parts.
fn load(store: &Store, fields: &JsValue) {
    let fragment = text(fields, "link");
    if !fragment.is_empty() {
        let fragment = fragment.find('#').and_then(|at| fragment.get(at..)).unwrap_or(&fragment).to_string();
        return crate::load::follow(store, &fragment);
    }
    let now = store.now();
    let (mode, theme) = (now.link.mode, now.link.theme);
    let mut link =
        Link { name: text(fields, "scenario"), at: text(fields, "at"), mode, theme, ..Link::default() };
    link.level = Level::of(&text(fields, "level")).unwrap_or(now.link.level);
    link.panels =
        text(fields, "panels").split([',', ' ']).filter(|p| !p.is_empty()).map(String::from).collect();
    crate::load::follow(store, &link.fragment());
}

fn speed(fields: &JsValue) -> Option<Speed> {
    let speed = text(fields, "speed");
    (!speed.is_empty()).then(|| parse(&format!("#/x?speed={speed}")).0.speed)
}

/// Says that a field holds what it cannot; such a request is answered.
fn wrong(id: &str, field: &str, fields: &JsValue) -> bool {
    let value = get(fields, field).as_string().unwrap_or_default();
    tell("error", id, &object(&[("text", format!("{field}: `{value}`?").into())]));
    true
}

fn run(fields: &JsValue) -> Option<Intent> {
    Some(Intent::Until(match text(fields, "until").as_str() {
        "" => return Some(Intent::Run),
        "interrupt" => Until::Interrupt,
        "exit" => Until::Exit,
        "eoi" => Until::Eoi,
        "breakpoint" => Until::Breakpoint,
        _ => return None,
    }))
}

fn step(fields: &JsValue) -> Option<Step> {
    Some(match text(fields, "unit").as_str() {
        "instruction" => Step::Instruction,
        "over" => Step::Over,
        "exit" => Step::Exit,
        "interrupt" => Step::Interrupt,
        "" | "event" => Step::Event,
        _ => return None,
    })
}

/// A knob, or one of the page's own settings; none when the page knows that the value is none.
fn set(store: &Store, fields: &JsValue) -> Option<()> {
    let (key, value) = (text(fields, "key"), get(fields, "value"));
    let value = value.as_string().or_else(|| value.as_f64().map(|n| n.to_string())).unwrap_or_default();
    match key.as_str() {
        "level" => store.act(Act::Level(Level::of(&value)?)),
        "mode" => store.act(Act::Mode(Mode::of(&value)?)),
        "theme" => store.act(Act::Theme(Theme::of(&value)?)),
        "speed" => store.perform(Intent::Speed(parse(&format!("#/x?speed={value}")).0.speed)),
        "side" => store.perform(Intent::Focus(u8::from(value == "1"))),
        "" => return None,
        _ => store.send(Command::Set { key, value }),
    }
    Some(())
}

fn export(store: &Store, id: &str, fields: &JsValue) -> bool {
    let name = text(fields, "format");
    let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
        return wrong(id, "format", fields);
    };
    let side = get(fields, "side").as_f64().map_or(store.now().frame.selection.side, |side| side as u8);
    let command = Command::Export { side, format: *format };
    let asked = Asked { command: command.clone(), serial: None, id: id.to_string() };
    FILES.with_borrow_mut(|files| files.push(asked));
    store.send(command);
    true
}

/// A command has gone out: that of a request for a file, perhaps.
pub fn exporting(serial: u32, command: &Command) {
    FILES.with_borrow_mut(|files| {
        let asked = files.iter_mut().find(|asked| asked.serial.is_none() && asked.command == *command);
        asked.into_iter().for_each(|asked| asked.serial = Some(serial));
    });
}

/// The request for a file whose command it was.
fn file_asked_by(serial: u32) -> Option<String> {
    FILES.with_borrow_mut(|files| {
        let place = files.iter().position(|asked| asked.serial == Some(serial))?;
        Some(files.remove(place).id)
    })
}

/// Gives a file to whoever asked for it; false when that was the reader.
pub fn answer_file(file: &lab_protocol::File) -> bool {
    let Some(id) = file_asked_by(file.serial) else { return false };
    let bytes = Uint8Array::from(&file.bytes[..]);
    tell("answer", &id, &object(&[("name", file.name.as_str().into()), ("bytes", bytes.into())]));
    true
}

/// Tells what changed.
fn tell_changes(before: &Lab, after: &Lab) {
    if before.frame.state != after.frame.state || before.ticking != after.ticking {
        tell("state", "", &state(after));
    }
    tell_event(after);
    if let Some(saying) = after.sayings.last().filter(|s| s.wrong && before.wrongs != after.wrongs) {
        // What went wrong is the answer of whoever asked for it.
        let serial = after.wrongs.1;
        let asked = file_asked_by(serial).or_else(|| asked_by(serial)).unwrap_or_default();
        tell("error", &asked, &object(&[("text", saying.text.as_str().into())]));
    }
    if before.frame.serial != after.frame.serial || before.frame.state != after.frame.state {
        answer(after);
    }
}

/// Tells that the machines are at another event, once they are there: nothing is told on the way.
fn tell_event(lab: &Lab) {
    if lab.goes() || !lab.shows() || matches!(lab.frame.state, RunState::Busy(_)) {
        return;
    }
    let place = (lab.frame.selection, lab.focused().map(|side| side.event));
    let moved = PLACE.replace(Some(place)).is_some_and(|before| before != place);
    if moved && EVENTS.get() {
        tell("event", "", &state(lab));
    }
}

/// Whether the machines are there to be told something.
fn settled(lab: &Lab) -> bool {
    let here =
        !lab.frame.sides.is_empty() || matches!(lab.frame.state, RunState::Fault(_)) || lab.far == Far::Gone;
    here && lab.replay.is_none() && lab.arriving.is_none()
}

/// The request whose own command it was, or the last before it.
fn asked_by(command: u32) -> Option<String> {
    WAITING.with_borrow_mut(|waiting| {
        let place = waiting.iter().rposition(|one| one.own && one.serial <= command && command != 0)?;
        waiting.remove(place).map(|one| one.id)
    })
}

/// The first request that waits, if its frame has come.
fn reached(lab: &Lab) -> Option<String> {
    WAITING.with_borrow_mut(|waiting| {
        let reached = waiting.front().is_some_and(|one| lab.frame.serial >= one.serial);
        reached.then(|| waiting.pop_front()).flatten().map(|one| one.id)
    })
}

/// Answers every request whose frame has come.
fn answer(lab: &Lab) {
    if settled(lab) && !matches!(lab.frame.state, RunState::Busy(_) | RunState::Idle) {
        while let Some(id) = reached(lab) {
            tell("answer", &id, &state(lab));
        }
    }
}

/// Where the machines are.
fn state(lab: &Lab) -> js_sys::Object {
    let word = match &lab.frame.state {
        _ if lab.ticking => "running",
        RunState::Idle => "idle",
        RunState::Busy(_) => "busy",
        RunState::Running => "running",
        RunState::Paused => "paused",
        RunState::Halted(_) => "halted",
        RunState::Fault(_) => "fault",
    };
    let side = |side: &lab_protocol::SideFrame| -> JsValue {
        let number = |value: u64| JsValue::from_f64(value as f64);
        object(&[
            ("time", number(side.time)),
            ("event", number(side.event)),
            ("retired", number(side.retired)),
            ("exits", number(side.counts.exits)),
            ("interrupts", number(side.counts.interrupts)),
            ("bytes", number(side.counts.bytes)),
            ("rip", side.rip.to_string().into()),
        ])
        .into()
    };
    let sides: js_sys::Array = lab.frame.sides.iter().map(side).collect();
    for (side, (trace, whole)) in sides.iter().zip(lab.frame.hashes.iter().flatten()) {
        let hex = |hash: &u64| format!("{hash:016x}").into();
        // An ordinary object takes every property.
        let _ = js_sys::Reflect::set(&side, &"trace".into(), &hex(trace));
        let _ = js_sys::Reflect::set(&side, &"hash".into(), &hex(whole));
    }
    let life = lab.frame.selection.life.map_or(JsValue::NULL, |life| life.into());
    let event = lab.frame.selection.event.map_or(JsValue::NULL, |event| (event as f64).into());
    object(&[
        ("state", word.into()),
        ("side", lab.frame.selection.side.into()),
        ("life", life),
        ("event", event),
        ("sides", sides.into()),
        ("history", JsValue::from_f64(lab.frame.history_bytes as f64)),
    ])
}

/// What was run, and where it is: enough to run it again.
fn report(lab: &Lab) -> js_sys::Object {
    let link = crate::app::link_of_now(lab);
    let whole = state(lab);
    let entries: [(&str, JsValue); 4] = [
        ("build", lab.site.build.as_str().into()),
        ("scenario", lab.link.name.as_str().into()),
        ("seed", lab.session.seed.to_string().into()),
        ("link", link.fragment().into()),
    ];
    for (key, value) in entries {
        // An ordinary object takes every property.
        let _ = js_sys::Reflect::set(&whole, &key.into(), &value);
    }
    whole
}

/// Tells the embedding page something.
pub fn tell(kind: &str, id: &str, fields: &js_sys::Object) {
    let lab = get(&js_sys::global(), "lab");
    if let Ok(function) = get(&lab, "tell").dyn_into::<Function>() {
        let id = if id.is_empty() { JsValue::UNDEFINED } else { id.into() };
        // What the loader makes of it is its business.
        let _ = function.call3(&lab, &kind.into(), &id, fields);
    }
}
