//! The one owner of animation frames.
//!
//! Whoever wants to be called each frame says so with [`each`]; there is one `requestAnimationFrame`
//! loop, and it rests while nobody wants anything, while the page is hidden (the browser sees to
//! that), and while the page is an embed that is scrolled out of sight ([`rest`]).

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Called with milliseconds since the page began; false when it wants no more.
type Ticker = Box<dyn FnMut(f64) -> bool>;

/// What the browser calls.
type Called = Closure<dyn FnMut(f64)>;

/// Keeps a ticker; dropping it stops the ticker.
#[derive(Clone)]
pub struct Ticking(#[allow(dead_code)] Rc<RefCell<Option<Ticker>>>);

impl PartialEq for Ticking {
    fn eq(&self, other: &Ticking) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Ticking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticking")
    }
}

#[derive(Default)]
struct Loop {
    tickers: RefCell<Vec<Weak<RefCell<Option<Ticker>>>>>,
    asked: Cell<bool>,
    resting: Cell<bool>,
    callback: RefCell<Option<Called>>,
}

thread_local! {
    static LOOP: Loop = Loop::default();
}

/// Calls `ticker` each animation frame until it returns false or the answer is dropped.
pub fn each(ticker: impl FnMut(f64) -> bool + 'static) -> Ticking {
    let held = Rc::new(RefCell::new(Some(Box::new(ticker) as Ticker)));
    LOOP.with(|it| it.tickers.borrow_mut().push(Rc::downgrade(&held)));
    ask();
    Ticking(held)
}

/// Stops or starts every ticker: an embed out of sight rests.
pub fn rest(resting: bool) {
    LOOP.with(|it| it.resting.set(resting));
    ask();
}

/// Whether the reader asked for less motion.
pub fn reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether a media query holds.
pub fn matches(query: &str) -> bool {
    web_sys::window().and_then(|w| w.match_media(query).ok().flatten()).is_some_and(|list| list.matches())
}

/// Asks for a frame, once.
fn ask() {
    LOOP.with(|it| {
        if it.asked.get() || it.resting.get() || it.tickers.borrow().is_empty() {
            return;
        }
        let mut callback = it.callback.borrow_mut();
        let callback = callback.get_or_insert_with(|| Closure::new(frame));
        let asked = web_sys::window()
            .is_some_and(|w| w.request_animation_frame(callback.as_ref().unchecked_ref()).is_ok());
        it.asked.set(asked);
    });
}

/// One frame: whoever wants it is called; who said no is forgotten.
fn frame(now: f64) {
    let tickers = LOOP.with(|it| {
        it.asked.set(false);
        std::mem::take(&mut *it.tickers.borrow_mut())
    });
    let mut kept: Vec<_> = tickers.into_iter().filter(|weak| call(weak, now)).collect();
    LOOP.with(|it| {
        let mut tickers = it.tickers.borrow_mut();
        kept.append(&mut tickers); // those that came meanwhile
        *tickers = kept;
    });
    ask();
}

/// Calls one; the ticker is taken out meanwhile, so that it may start and stop others.
fn call(weak: &Weak<RefCell<Option<Ticker>>>, now: f64) -> bool {
    let Some(held) = weak.upgrade() else { return false };
    let Some(mut ticker) = held.borrow_mut().take() else { return false };
    let more = ticker(now);
    *held.borrow_mut() = Some(ticker);
    more
}
