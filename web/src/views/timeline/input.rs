//! Wheel, pointers and keys of a timeline.

use std::cell::RefCell;
use std::rc::Rc;

use lab_protocol::Command;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AddEventListenerOptions, Element, WheelEvent};
use yew::prelude::*;

use super::pick::{Picked, neighbour, pick};
use super::plan::Plan;
use super::select;
use super::window::Window;
use crate::views::ViewProps;

/// A step of zoom by a key.
const KEY: f64 = 0.6;
/// A step to the side by a key, as a share of the window.
const STEP: f64 = 0.12;
/// Pixels that a pointer may move and still click.
const SLACK: f32 = 4.0;

/// What every gesture needs to know.
#[derive(Clone)]
pub struct Gesture {
    /// Where the lanes are.
    pub plan: Rc<Plan>,
    /// The window that is shown.
    pub window: Window,
    /// The run's end.
    pub end: u64,
    /// The frame and where commands go.
    pub props: ViewProps,
    /// Sets another window.
    pub set: UseStateSetter<Option<Window>>,
    /// The canvas.
    pub canvas: NodeRef,
}

/// The pointers that are down.
#[derive(Default)]
pub struct Held {
    /// Pointer and where it is.
    fingers: Vec<(i32, f32)>,
    /// Where the first went down: x, y; none after it has moved.
    tap: Option<(f32, f32)>,
    /// The overview is dragged.
    strip: bool,
    /// The window when the gesture began, and the fingers then.
    origin: Option<(Window, f32, f32)>,
}

type Holding = Rc<RefCell<Held>>;

impl Gesture {
    fn go(&self, window: Window) {
        self.set.set(Some(window));
    }

    fn share(&self, x: f32) -> f64 {
        f64::from(((x - self.plan.area.left) / self.plan.area.width).clamp(0.0, 1.0))
    }

    fn place(&self, event: &MouseEvent) -> (f32, f32) {
        let Some(canvas) = self.canvas.cast::<Element>() else { return (0.0, 0.0) };
        let rect = canvas.get_bounding_client_rect();
        (event.client_x() as f32 - rect.left() as f32, event.client_y() as f32 - rect.top() as f32)
    }

    // -- Keys ------------------------------------------------------------------------------------

    /// Plus and minus zoom, left and right pan, up and down go from event to event, Home shows all.
    pub fn keys(&self) -> Callback<KeyboardEvent> {
        let go = self.clone();
        Callback::from(move |key: KeyboardEvent| {
            if key.ctrl_key() || key.meta_key() || key.alt_key() || !go.key(&key.key()) {
                return;
            }
            key.prevent_default();
            key.stop_propagation();
        })
    }

    fn key(&self, key: &str) -> bool {
        let (window, end, middle) = (self.window, self.end, self.middle());
        match key {
            "+" | "=" => self.go(window.zoom(middle, KEY, end)),
            "-" | "_" => self.go(window.zoom(middle, 1.0 / KEY, end)),
            "ArrowLeft" => self.go(window.pan(-STEP, end)),
            "ArrowRight" => self.go(window.pan(STEP, end)),
            "PageUp" => self.go(window.pan(-1.0, end)),
            "PageDown" => self.go(window.pan(1.0, end)),
            "Home" => self.go(Window::whole(end)),
            "ArrowUp" => self.walk(true),
            "ArrowDown" => self.walk(false),
            _ => return false,
        }
        true
    }

    /// The moment's share of the window when it is in it, else its middle.
    fn middle(&self) -> f64 {
        let focus = usize::from(self.props.frame.selection.side);
        let time = self.props.frame.sides.get(focus).map_or(0, |s| s.time);
        if time < self.window.from || time > self.window.to {
            return 0.5;
        }
        (time - self.window.from) as f64 / self.window.span() as f64
    }

    fn walk(&self, back: bool) {
        let focus = usize::from(self.props.frame.selection.side);
        let Some(side) = self.props.frame.sides.get(focus) else { return };
        let event = self.props.frame.selection.event.unwrap_or(side.event);
        let next = side.timeline.as_ref().and_then(|view| neighbour(view, self.props.level, event, back));
        next.into_iter().for_each(|event| self.props.send.emit(select(focus, event)));
    }

    // -- Pointers --------------------------------------------------------------------------------

    /// A finger or the mouse goes down.
    pub fn down(&self, held: &Holding) -> Callback<PointerEvent> {
        let (go, held) = (self.clone(), held.clone());
        Callback::from(move |event: PointerEvent| {
            let (x, y) = go.place(&event);
            let mut held = held.borrow_mut();
            // A pointer that is gone already cannot be captured; nothing is lost then.
            if let Some(canvas) = go.canvas.cast::<Element>() {
                let _ = canvas.set_pointer_capture(event.pointer_id());
            }
            held.fingers.retain(|(id, _)| *id != event.pointer_id());
            held.fingers.push((event.pointer_id(), x));
            held.tap = (held.fingers.len() == 1).then_some((x, y));
            held.strip = y >= go.plan.strip - 4.0;
            held.origin = Some((go.window, x, held.fingers.first().map_or(x, |f| f.1)));
            if held.strip {
                go.scrub(x);
            }
        })
    }

    /// It moves: one finger pans, two zoom.
    pub fn moved(&self, held: &Holding) -> Callback<PointerEvent> {
        let (go, held) = (self.clone(), held.clone());
        Callback::from(move |event: PointerEvent| {
            let (x, y) = go.place(&event);
            let mut held = held.borrow_mut();
            let Some(finger) = held.fingers.iter_mut().find(|(id, _)| *id == event.pointer_id()) else {
                return;
            };
            finger.1 = x;
            if held.tap.is_some_and(|(a, b)| (a - x).abs() > SLACK || (b - y).abs() > SLACK) {
                held.tap = None;
            }
            if held.strip {
                go.scrub(x);
            } else if held.tap.is_none() {
                go.drag(&held);
            }
        })
    }

    fn drag(&self, held: &Held) {
        let Some((window, began, other)) = held.origin else { return };
        match held.fingers.as_slice() {
            [(_, x)] => self.go(window.pan(f64::from((began - x) / self.plan.area.width), self.end)),
            [(_, a), (_, b), ..] => {
                let factor = f64::from((other - began).abs().max(12.0) / (a - b).abs().max(12.0));
                self.go(window.zoom(self.share((other + began) / 2.0), factor, self.end));
            }
            [] => {}
        }
    }

    /// The window's middle goes where the overview is touched.
    fn scrub(&self, x: f32) {
        // The strip is the run of the side in focus.
        let focus = self.props.frame.sides.get(usize::from(self.props.frame.selection.side));
        let end =
            focus.and_then(|side| side.timeline.as_ref()).map_or(self.end, |timeline| timeline.overview.1);
        let time = Window::whole(end).time(x, self.plan.area);
        self.go(self.window.around(time, self.end));
    }

    /// It goes up: without a move it was a click.
    pub fn up(&self, held: &Holding) -> Callback<PointerEvent> {
        let (go, held) = (self.clone(), held.clone());
        Callback::from(move |event: PointerEvent| {
            let tap = held.borrow_mut().tap.take();
            release(&held, event.pointer_id(), go.window);
            let picked = tap.and_then(|(x, y)| pick(&go.plan, go.window, &go.props.frame, x, y));
            match picked {
                Some(Picked::Event(side, event)) => go.props.send.emit(select(side, event)),
                Some(Picked::Time(side, time)) => go.props.send.emit(Command::Seek {
                    side: u8::try_from(side).unwrap_or_default(),
                    anchor: anchor(time),
                }),
                None => {}
            }
        })
    }

    /// It is taken away.
    pub fn cancel(&self, held: &Holding) -> Callback<PointerEvent> {
        let (go, held) = (self.clone(), held.clone());
        Callback::from(move |event: PointerEvent| {
            held.borrow_mut().tap = None;
            release(&held, event.pointer_id(), go.window);
        })
    }
}

fn release(held: &Holding, pointer: i32, window: Window) {
    let mut held = held.borrow_mut();
    held.fingers.retain(|(id, _)| *id != pointer);
    held.strip = false;
    held.origin = held.fingers.first().map(|(_, x)| (window, *x, *x));
}

/// A moment as an anchor: microseconds with six places.
fn anchor(time: u64) -> String {
    format!("t={}.{:06}us", time / 1_000_000, time % 1_000_000)
}

/// Zooms by the wheel while the canvas has the focus or Ctrl is held (which is what a pinch on a
/// touchpad looks like), pans by a sideways wheel. A page that is scrolled past is left alone.
#[hook]
pub fn use_wheel(canvas: &NodeRef, go: Gesture) {
    let latest = use_mut_ref(|| None::<Gesture>);
    latest.replace(Some(go));
    let canvas = canvas.clone();
    use_effect_with((), move |()| {
        let target = canvas.cast::<Element>();
        let closure = Closure::<dyn FnMut(WheelEvent)>::new(move |event: WheelEvent| {
            if let Some(go) = latest.borrow().as_ref() {
                wheel(go, &event);
            }
        });
        let options = AddEventListenerOptions::new();
        options.set_passive(false);
        let function = closure.as_ref().unchecked_ref();
        if let Some(target) = &target {
            // The listener's arguments are right, so adding it cannot fail.
            let _ = target
                .add_event_listener_with_callback_and_add_event_listener_options("wheel", function, &options);
        }
        move || {
            if let Some(target) = &target {
                let _ = target.remove_event_listener_with_callback("wheel", closure.as_ref().unchecked_ref());
            }
        }
    });
}

fn wheel(go: &Gesture, event: &WheelEvent) {
    let focused = go.canvas.cast::<Element>().is_some_and(|canvas| {
        web_sys::window().and_then(|w| w.document()).and_then(|d| d.active_element()).as_ref()
            == Some(&canvas)
    });
    let (dx, dy) = (event.delta_x(), event.delta_y());
    if dx.abs() > dy.abs() {
        event.prevent_default();
        return go.go(go.window.pan(dx / f64::from(go.plan.area.width), go.end));
    }
    if focused || event.ctrl_key() {
        event.prevent_default();
        let (x, _) = go.place(event);
        go.go(go.window.zoom(go.share(x), (dy.clamp(-200.0, 200.0) / 240.0).exp(), go.end));
    }
}

#[cfg(test)]
mod tests {
    use super::anchor;

    #[test]
    fn a_moment_is_exact_to_the_picosecond() {
        assert_eq!(anchor(1_204_318_000), "t=1204.318000us");
        assert_eq!(anchor(5), "t=0.000005us");
    }
}
