//! Placeholders until the views are here.

use std::rc::Rc;

use lab_protocol::{Command, Frame, Session};
use yew::prelude::*;

/// How much is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// One sentence, two pictures, the bill.
    #[default]
    Story,
    /// With controls.
    Explain,
    /// Everything.
    Inspect,
}

/// What every view is given.
#[derive(Clone, Properties)]
pub struct ViewProps {
    /// The latest frame.
    pub frame: Rc<Frame>,
    /// The session.
    pub session: Rc<Session>,
    /// Which machine.
    #[prop_or_default]
    pub side: usize,
    /// Where commands go.
    pub send: Callback<Command>,
    /// How much to show.
    #[prop_or_default]
    pub level: Level,
    /// Less motion.
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

macro_rules! placeholders {
    ($($name:ident)*) => {
        $(
            /// A placeholder.
            #[component]
            pub fn $name(props: &ViewProps) -> Html {
                let side = props.frame.sides.get(props.side);
                html! { <div class="placeholder">
                    { stringify!($name) }{ " " }{ side.map(|s| s.event.to_string()).unwrap_or_default() }
                </div> }
            }
        )*
    };
}

placeholders! { Scene Bill LifeBar Timeline Log Inspector Code Plots WhyCard Console }

/// The player's.
#[derive(Clone, PartialEq, Properties)]
pub struct FollowProps {
    /// The latest frame.
    pub frame: Rc<Frame>,
    /// The session.
    pub session: Rc<Session>,
    /// Where commands go.
    pub send: Callback<Command>,
    /// Less motion.
    #[prop_or_default]
    pub still: bool,
    /// Called when it is over.
    pub on_close: Callback<()>,
}

/// A placeholder.
#[component]
pub fn Follow(props: &FollowProps) -> Html {
    let close = props.on_close.clone();
    html! { <div class="placeholder"><button onclick={move |_| close.emit(())}>{ "Follow" }</button></div> }
}
