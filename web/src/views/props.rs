//! What every view is given.

use std::rc::Rc;

use lab_protocol::{Command, Frame, Session, SideFrame};
use yew::prelude::*;

/// How much a reader wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Plain words.
    #[default]
    Story,
    /// The parts' own names.
    Explain,
    /// Values of fields.
    Inspect,
}

/// What every view is given. The frame is compared by address: a new frame is a new picture.
#[derive(Clone, Properties)]
pub struct ViewProps {
    /// The latest frame.
    pub frame: Rc<Frame>,
    /// The session, as last told.
    pub session: Rc<Session>,
    /// Which machine, for views of one.
    #[prop_or_default]
    pub side: usize,
    /// Where commands go.
    pub send: Callback<Command>,
    /// How much to show.
    #[prop_or_default]
    pub level: Level,
    /// Less motion: things jump instead of travelling.
    #[prop_or_default]
    pub still: bool,
}

impl PartialEq for ViewProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.frame, &other.frame)
            && Rc::ptr_eq(&self.session, &other.session)
            && self.send == other.send
            && (self.side, self.level, self.still) == (other.side, other.level, other.still)
    }
}

impl ViewProps {
    /// The machine that is shown; none before the first frame.
    pub fn side_frame(&self) -> Option<&SideFrame> {
        self.frame.sides.get(self.side)
    }

    /// A side's title; empty before the session is known.
    pub fn title(&self, side: usize) -> &str {
        self.session.sides.get(side).map_or("", |s| s.title.as_str())
    }
}
