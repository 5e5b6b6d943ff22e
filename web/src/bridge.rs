//! The bridge to the worker: encoded commands out, one transferred buffer a frame in.
//!
//! The worker speaks when asked: the page asks for a frame each animation frame while the machines
//! run or a command has not been answered, and not otherwise.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use lab_protocol::{Command, Frame, RunState, decode, encode};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

use crate::raf::{self, Ticking};

/// What comes over the bridge.
#[derive(Debug)]
pub enum News {
    /// A frame.
    Frame(Box<Frame>),
    /// The worker is of no use any more, and why.
    Died(String),
}

/// The bridge.
pub struct Bridge {
    far: RefCell<Option<Far>>,
    listener: Box<dyn Fn(News)>,
    sent: Cell<u32>,
    answered: Cell<u32>,
    live: Cell<bool>,
    asked: Cell<bool>,
    ticking: RefCell<Option<Ticking>>,
    #[cfg(feature = "demo")]
    demo: RefCell<crate::demo::Demo>,
}

/// The worker and what listens to it.
struct Far {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Bridge {
    /// A bridge without a worker.
    pub fn new(listener: impl Fn(News) + 'static) -> Rc<Bridge> {
        Rc::new(Bridge {
            far: RefCell::default(),
            listener: Box::new(listener),
            sent: Cell::new(0),
            answered: Cell::new(0),
            live: Cell::new(false),
            asked: Cell::new(false),
            ticking: RefCell::default(),
            #[cfg(feature = "demo")]
            demo: RefCell::default(),
        })
    }

    /// Ends the worker, if there is one, and takes this one.
    pub fn connect(self: &Rc<Self>, worker: Worker) {
        let there = self.clone();
        let message =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| there.hear(event.data()));
        let there = self.clone();
        let error =
            Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| there.died(event.message()));
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        self.asked.set(false);
        if let Some(old) = self.far.replace(Some(Far { worker, _message: message, _error: error })) {
            silence(&old);
            // Closures may be running right now: they are dropped when this turn is over.
            wasm_bindgen_futures::spawn_local(async move { drop(old) });
        }
    }

    /// Sends a command and answers its serial number.
    pub fn send(self: &Rc<Self>, command: &Command) -> u32 {
        let serial = self.sent.get().wrapping_add(1);
        self.sent.set(serial);
        #[cfg(feature = "demo")]
        self.demo.borrow_mut().command(serial, command);
        let bytes = Uint8Array::from(encode(command).as_slice());
        let message = Array::of2(&serial.into(), &bytes);
        let buffers = Array::of1(&bytes.buffer());
        let post = |far: &Far| far.worker.post_message_with_transfer(&message, &buffers);
        let sent = self.far.borrow().as_ref().map_or(Ok(()), post);
        match sent {
            Ok(()) => self.wake(),
            Err(error) => self.died(crate::host::reason(&error)),
        }
        serial
    }

    /// Begins to ask for frames, when there is something to wait for.
    fn wake(self: &Rc<Self>) {
        if self.ticking.borrow().is_some() || !self.wants() {
            return;
        }
        let there = Rc::downgrade(self);
        let ticking = raf::each(move |_| there.upgrade().is_some_and(|bridge| bridge.tick()));
        *self.ticking.borrow_mut() = Some(ticking);
    }

    /// Once an animation frame.
    fn tick(self: &Rc<Self>) -> bool {
        if !self.wants() {
            self.ticking.borrow_mut().take();
            return false;
        }
        #[cfg(feature = "demo")]
        {
            let frame = self.demo.borrow_mut().frame();
            self.take(frame);
        }
        if !self.asked.get()
            && let Some(far) = &*self.far.borrow()
        {
            self.asked.set(far.worker.post_message(&JsValue::from_str("frame")).is_ok());
        }
        true
    }

    fn wants(&self) -> bool {
        (self.far.borrow().is_some() || cfg!(feature = "demo"))
            && (self.live.get() || self.answered.get() != self.sent.get())
    }

    /// A message from the worker: a frame's bytes, or a text that says what went wrong.
    fn hear(self: &Rc<Self>, data: JsValue) {
        if let Some(text) = data.as_string() {
            return self.died(text);
        }
        let Ok(buffer) = data.dyn_into::<ArrayBuffer>() else { return };
        self.asked.set(false);
        match decode::<Frame>(&Uint8Array::new(&buffer).to_vec()) {
            Ok(frame) => self.take(frame),
            Err(_) => self.died(crate::words::words().garbled.into()),
        }
    }

    fn take(self: &Rc<Self>, frame: Frame) {
        self.answered.set(frame.serial);
        self.live.set(matches!(frame.state, RunState::Running | RunState::Busy(_)));
        (self.listener)(News::Frame(Box::new(frame)));
        self.wake();
    }

    fn died(self: &Rc<Self>, why: String) {
        if let Some(far) = self.far.borrow_mut().take() {
            silence(&far);
            wasm_bindgen_futures::spawn_local(async move { drop(far) });
        }
        self.live.set(false);
        (self.listener)(News::Died(why));
    }
}

/// Ends a worker for good.
fn silence(far: &Far) {
    far.worker.set_onmessage(None);
    far.worker.set_onerror(None);
    far.worker.terminate();
}
