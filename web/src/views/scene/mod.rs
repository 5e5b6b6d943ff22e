//! The picture: the wire, the NIC, the IOMMU, the local APIC and the processor with its floors, and
//! what travels between them.

mod course;
mod flow;
mod layout;
mod names;
mod picture;
mod routes;
mod track;
mod twin;

use lab_protocol::RunState;
use yew::prelude::*;

pub use course::Course;
pub use names::step as step_name;

use super::format::{fill, px};
use super::geometry::Rect;
use super::measure::use_width;
use super::words::words;
use super::{Level, ViewProps};
use crate::words::{definition, use_define};
use picture::Picture;

/// The picture of one machine.
#[component]
pub fn Scene(props: &ViewProps) -> Html {
    let pace = use_mut_ref(flow::Pace::default);
    let running = props.frame.state == RunState::Running;
    // A frame is counted once, however often it is drawn.
    let flows = use_memo(props.frame.clone(), |frame| {
        let count = frame.sides.get(props.side).map_or(0, |s| s.counts.interrupts);
        pace.borrow_mut().next(running, count)
    });
    let Some(side) = props.side_frame() else { return Html::default() };
    let scene = if *flows { flow::scene(&side.scene, &side.counts) } else { side.scene.clone() };
    let life = side.life.as_ref().map_or(0, |life| life.number);
    html! { <Stage {scene} course={Course::of(side)} level={props.level} still={props.still} {life} flows={*flows} /> }
}

/// What a picture is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    /// The machine now.
    pub scene: lab_protocol::Scene,
    /// The way of interrupts here.
    pub course: Course,
    /// How much to show.
    pub level: Level,
    /// Less motion.
    pub still: bool,
    /// The interrupt that is followed; 0 for none.
    pub life: u32,
    /// Interrupts come too fast to be shown one by one.
    #[prop_or_default]
    pub flows: bool,
}

/// A button over each part of the picture: what it is.
fn parts(layout: &layout::Layout, define: &Callback<&'static str>) -> Html {
    let parts = [
        ("nic", Some(layout.nic)),
        ("iommu", Some(layout.iommu)),
        ("apic", Some(layout.apic)),
        ("host", layout.host),
        ("guest", Some(layout.guest)),
    ];
    let middle = layout.size.0 / 2.0;
    let button = |(key, place): (&'static str, Option<Rect>)| {
        let place = place?;
        let (x, y, w, h) = (px(place.x - middle), px(place.y), px(place.w), px(place.h));
        let style = format!("left:calc(50% + {x}px);top:{y}px;width:{w}px;height:{h}px");
        let label = fill(words().what_is, &[definition(key)?.word]);
        let onclick = define.reform(move |_: MouseEvent| key);
        Some(
            html! { <button type="button" class="v-part" {style} title={label.clone()} aria-label={label} aria-haspopup="dialog" {onclick} /> },
        )
    };
    html! { <>{ for parts.into_iter().filter_map(button) }</> }
}

/// A picture, its numbered ways, its caption and its twin.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let (node, width) = use_width(600.0);
    let define = use_define();
    let layout = layout::layout(width, props.course, props.level != Level::Story);
    let routes = routes::routes(&layout, props.course);
    let track = track::Track::new(&layout, props.course, &routes);
    let picture = Picture {
        layout: &layout,
        course: props.course,
        routes: &routes,
        track: &track,
        scene: &props.scene,
        level: props.level,
        still: props.still,
        life: props.life,
        flows: props.flows,
    };
    html! { <figure class="v-scene" ref={node}>
        <div class="v-stage">{ picture.draw() }{ parts(&layout, &define) }{ twin::key(&picture) }</div>
        <figcaption class="v-caption">{ props.scene.caption.clone() }</figcaption>
        { twin::facts(&props.scene) }
    </figure> }
}
