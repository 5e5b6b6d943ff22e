//! The store: the one place where what the page knows is kept and changed.

use std::cell::RefCell;
use std::rc::Rc;

use lab_protocol::{Command, Frame, RunState, Views};
use yew::prelude::*;

use crate::bridge::{Bridge, News};
use crate::host;

use super::act::{Act, reduce};
use super::intent::{Effect, Intent, effects};
use super::lab::{Far, Lab};
use super::notices::{Saying, Way};
use super::{live, watch};

/// Called after each change with what was known before and what is known now.
type Listener = Rc<dyn Fn(&Lab, &Lab)>;

/// The store. Clones are the same one.
#[derive(Clone)]
pub struct Store(Rc<Inner>);

struct Inner {
    lab: RefCell<Rc<Lab>>,
    bridge: RefCell<Option<Rc<Bridge>>>,
    listeners: RefCell<Vec<Listener>>,
}

impl PartialEq for Store {
    fn eq(&self, other: &Store) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// A store that knows this.
    pub fn new(lab: Lab) -> Store {
        let (lab, listeners) = (RefCell::new(Rc::new(lab)), RefCell::default());
        let store = Store(Rc::new(Inner { lab, bridge: RefCell::default(), listeners }));
        let there = store.clone();
        *store.0.bridge.borrow_mut() = Some(Bridge::new(move |news| there.hear(news)));
        store
    }

    /// What the page knows now.
    pub fn now(&self) -> Rc<Lab> {
        self.0.lab.borrow().clone()
    }

    /// Calls `listener` after each change.
    pub fn listen(&self, listener: impl Fn(&Lab, &Lab) + 'static) {
        self.0.listeners.borrow_mut().push(Rc::new(listener));
    }

    /// Something happens. When it opens or closes views, the worker is told.
    pub fn act(&self, act: Act) {
        let before = self.now();
        let mut after = reduce((*before).clone(), act);
        if let Some(sentence) = live::sentence(&before, &after) {
            after.live = sentence.into();
        }
        let watch = (after.views != before.views && after.far == Far::Here).then(|| after.views.clone());
        let after = Rc::new(after);
        *self.0.lab.borrow_mut() = after.clone();
        let listeners = self.0.listeners.borrow().clone();
        listeners.iter().for_each(|listener| listener(&before, &after));
        if let Some(views) = watch {
            self.post(Command::Watch(Box::new((*views).clone())));
        }
    }

    /// A reader wants something.
    pub fn perform(&self, intent: Intent) {
        for effect in effects(&self.now(), intent) {
            match effect {
                Effect::Send(command) => self.send(command),
                Effect::Do(act) => self.act(act),
            }
        }
    }

    /// A command of a view goes out; windows are merged into those that are open.
    pub fn send(&self, command: Command) {
        match command {
            Command::Watch(views) => {
                let views: Views = watch::merge(&self.now().views, *views);
                if views != *self.now().views {
                    self.post(Command::Watch(Box::new(views)));
                }
            }
            Command::Export { .. } | Command::WhatIfNot { .. } if !self.now().whole => {
                crate::load::whole(self, false, Some(command));
            }
            // The worker that is about to take over knows no machines yet.
            Command::Set { .. } if self.now().replay.is_some() => self.act(Act::Then(Box::new(command))),
            command => self.post(command),
        }
    }

    /// Tells a worker that knows nothing yet which views are open.
    pub fn renew_views(&self) {
        self.post(Command::Watch(Box::new((*self.now().views).clone())));
    }

    fn post(&self, command: Command) {
        let bridge = self.0.bridge.borrow().clone();
        if let Some(bridge) = bridge.filter(|_| self.now().far == Far::Here) {
            let serial = bridge.send(&command);
            crate::port::exporting(serial, &command);
            self.act(Act::Sent(serial, Box::new(command)));
        }
    }

    /// Starts a worker, or another one.
    pub fn connect(&self) {
        if cfg!(feature = "demo") {
            return self.act(Act::Far(Far::Here));
        }
        let bridge = self.0.bridge.borrow().clone();
        match (host::worker(), bridge) {
            (Ok(worker), Some(bridge)) => {
                bridge.connect(worker);
                self.act(Act::Far(Far::Here));
            }
            (Err(why), _) => {
                let text = crate::words::fill(crate::words::words().no_worker, &[("why", &why)]);
                self.hear(News::Died(text));
            }
            (Ok(_), None) => {}
        }
    }

    fn hear(&self, news: News) {
        match news {
            News::Frame(frame) => self.take(frame),
            News::Died(why) => {
                let text = crate::words::fill(crate::words::words().died, &[("why", &why)]);
                self.act(Act::Far(Far::Gone));
                self.act(Act::Say(Saying::wrong(text, vec![Way::Restart])));
            }
        }
    }

    /// A frame; a file in it goes to the reader.
    fn take(&self, mut frame: Box<Frame>) {
        if let Some(file) = frame.file.take()
            && !crate::port::answer_file(&file)
        {
            crate::save::download(&file.name, &file.bytes);
        }
        let before = self.now();
        let wants_whole = frame.wants_whole && !before.whole;
        self.act(Act::Frame(frame));
        if wants_whole {
            crate::load::whole(self, before.frame.state == RunState::Running, None);
        }
        let Some(replay) = before.replay.as_ref().filter(|_| self.now().replay.is_none()) else { return };
        if replay.runs {
            self.perform(Intent::Run);
        }
        replay.then.clone().into_iter().for_each(|command| self.send(command));
    }
}

/// The store of the page.
#[hook]
pub fn use_store() -> Store {
    use_context::<Store>().unwrap_or_else(|| Store::new(Lab::default()))
}
