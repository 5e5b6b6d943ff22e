//! What the page shows of the machines: views of one frame and one selection.
//!
//! Each view is a component that takes [`ViewProps`] and draws what the frame holds; none keeps
//! anything of a run. Layout, geometry and wording are plain functions beside the components, tested
//! natively. Whatever is drawn has a twin in text.

mod bars;
mod format;
mod fraction;
mod geometry;
mod marks;
mod measure;
mod props;
mod scene;
mod text;
mod ticks;
mod words;

pub use bars::{Bill, LifeBar};
pub use props::{Level, ViewProps};
pub use scene::Scene;

/// Views that are not drawn yet.
macro_rules! later {
    ($($name:ident)*) => { $(
        /// Not drawn yet.
        #[yew::component]
        pub fn $name(_: &ViewProps) -> yew::Html {
            yew::Html::default()
        }
    )* };
}

later! { Timeline Log Inspector Code Plots WhyCard Console }

/// Not drawn yet.
#[derive(Clone, PartialEq, yew::Properties)]
#[allow(missing_docs)]
pub struct FollowProps {
    pub frame: std::rc::Rc<lab_protocol::Frame>,
    pub session: std::rc::Rc<lab_protocol::Session>,
    pub send: yew::Callback<lab_protocol::Command>,
    pub still: bool,
    pub on_close: yew::Callback<()>,
}

/// Not drawn yet.
#[yew::component]
pub fn Follow(_: &FollowProps) -> yew::Html {
    yew::Html::default()
}
