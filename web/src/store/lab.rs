//! What the page knows.

use std::rc::Rc;

use lab_protocol::{Command, Dropped, Frame, Input, RunState, Session, SideFrame, Step, Views};

use crate::host::Site;
use crate::links::{Level, Link};

use super::notices::Saying;

/// What the page knows. Cheap to clone: what is large is shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Lab {
    /// What the site has.
    pub site: Rc<Site>,
    /// The latest frame.
    pub frame: Rc<Frame>,
    /// The session, as the worker last told.
    pub session: Rc<Session>,
    /// The knobs' values when the session began, by key.
    pub first_knobs: Rc<Vec<(String, String)>>,
    /// Inputs so far.
    pub journal: Rc<Vec<Input>>,
    /// The views that are open.
    pub views: Rc<Views>,
    /// What the page's link says.
    pub link: Rc<Link>,
    /// How many links the page has gone by.
    pub opened: u32,
    /// A kernel that the reader brought, and each file's name and hash.
    pub dropped: Option<(Rc<Dropped>, Hashes)>,
    /// Breakpoints.
    pub breakpoints: Rc<Vec<Breakpoint>>,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// The term whose definition is open.
    pub term: Option<&'static str>,
    /// What is to be said in place.
    pub sayings: Rc<Vec<Saying>>,
    /// How often something went wrong, and the command that did last; 0 for what no command did.
    pub wrongs: (u32, u32),
    /// What the live region says.
    pub live: Rc<str>,
    /// Whether one interrupt is being followed.
    pub following: bool,
    /// Whether an event is stepped each second.
    pub ticking: bool,
    /// How far the step buttons go.
    pub unit: Step,
    /// The panel at the side.
    pub panel: Panel,
    /// Whether single letters are keys.
    pub singles: bool,
    /// The worker.
    pub far: Far,
    /// The serial number of the last command.
    pub sent: u32,
    /// The serial number of a load whose first moment has not come.
    pub arriving: Option<u32>,
    /// Whether the worker is one that leaves nothing out.
    pub whole: bool,
    /// A worker that goes to where another one was; until then the picture stays.
    pub replay: Option<Rc<Replay>>,
}

/// Files' names and hashes.
pub type Hashes = Vec<(String, String)>;

/// A worker that takes another one's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// Where the other one was.
    pub link: Link,
    /// Whether the machines ran.
    pub runs: bool,
    /// Whether all that leads there has been sent.
    pub sent: bool,
    /// What was asked of the other one and only this one does.
    pub then: Option<Command>,
}

impl Default for Lab {
    fn default() -> Lab {
        Lab {
            site: Rc::default(),
            frame: Rc::default(),
            session: Rc::default(),
            first_knobs: Rc::default(),
            journal: Rc::default(),
            views: Rc::default(),
            link: Rc::default(),
            opened: 0,
            dropped: None,
            breakpoints: Rc::default(),
            dialog: None,
            term: None,
            sayings: Rc::default(),
            wrongs: (0, 0),
            live: "".into(),
            following: false,
            ticking: false,
            unit: Step::Event,
            panel: Panel::default(),
            singles: true,
            far: Far::default(),
            sent: 0,
            arriving: None,
            whole: false,
            replay: None,
        }
    }
}

impl Lab {
    /// The machine in focus.
    pub fn focus(&self) -> usize {
        usize::from(self.frame.selection.side)
    }

    /// The frame of the machine in focus.
    pub fn focused(&self) -> Option<&SideFrame> {
        self.frame.sides.get(self.focus())
    }

    /// Whether there is a picture to show.
    pub fn shows(&self) -> bool {
        let arrived = self.arriving.is_none() || self.replay.is_some();
        arrived && !self.frame.sides.is_empty() && !self.session.sides.is_empty()
    }

    /// Whether virtual time goes on, by running or by events.
    pub fn goes(&self) -> bool {
        self.ticking || self.frame.state == RunState::Running
    }

    /// Whether commands are still unanswered.
    pub fn waits(&self) -> bool {
        self.frame.serial != self.sent
    }

    /// How much is shown.
    pub fn level(&self) -> Level {
        self.link.level
    }
}

/// A breakpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakpoint {
    /// Which machine.
    pub side: u8,
    /// Linear address.
    pub address: u64,
    /// Whether in VMX root operation.
    pub root: bool,
}

/// A dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Link, snippets, files.
    Share,
    /// Workload and pair of modes.
    Scenarios,
    /// Lessons.
    Lessons,
    /// Keys, colours, terms.
    Help,
}

/// The panel at the side in the deepest level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// State trees.
    #[default]
    State,
    /// Code around RIP.
    Code,
    /// Plots.
    Plots,
    /// What the console said.
    Console,
}

/// The worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Far {
    /// Not there yet.
    #[default]
    Starting,
    /// At work.
    Here,
    /// Gone.
    Gone,
}
