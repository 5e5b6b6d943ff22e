//! The picture of one machine as SVG, one unit a pixel.

use lab_protocol::{Place, Scene, Token, TokenKind};
use yew::prelude::*;

use super::course::Course;
use super::layout::{BADGE, Layout};
use super::names;
use super::routes::{Route, Way};
use super::track::Track;
use crate::views::Level;
use crate::views::format::{px, vector};
use crate::views::geometry::{Point, Rect};
use crate::views::marks::mark;
use crate::views::text::{self, Face, clip, fit};
use crate::views::words::words;

/// What a picture shows.
pub struct Picture<'a> {
    /// Where the parts are.
    pub layout: &'a Layout,
    /// The way of interrupts here.
    pub course: Course,
    /// The ways.
    pub routes: &'a [Route],
    /// Where tokens go.
    pub track: &'a Track,
    /// The machine now.
    pub scene: &'a Scene,
    /// How much to show.
    pub level: Level,
    /// Less motion.
    pub still: bool,
    /// The interrupt that is followed; 0 for none.
    pub life: u32,
    /// Interrupts come too fast to be shown one by one: every way is taken.
    pub flows: bool,
}

impl Picture<'_> {
    /// The drawing. Its twin in text says the same.
    pub fn draw(&self) -> Html {
        let (w, h) = self.layout.size;
        html! {
            <svg class="v-picture" width={px(w)} height={px(h)} viewBox={format!("0 0 {} {}", px(w), px(h))} aria-hidden="true">
                { self.floors() }
                { self.devices() }
                { for self.routes.iter().map(|route| self.route(route)) }
                { self.handler() }
                { for self.routes.iter().filter_map(|route| self.badge(route)) }
                { self.chips() }
                { for self.scene.tokens.iter().map(|token| self.token(token)) }
            </svg>
        }
    }

    // -- The processor ---------------------------------------------------------------------------

    fn floors(&self) -> Html {
        let w = words();
        let place = self.scene.place;
        let it = self.layout;
        let host = it.host.map(|host| {
            let busy = self.course.needs_host() || place == Place::Host;
            let class = classes!(
                "v-floor",
                "v-host",
                (place == Place::Host).then_some("v-here"),
                (!busy).then_some("v-idle")
            );
            html! { <g {class}>
                { rect(host, 12.0) }
                { label("v-floor-name", Point::new(host.x + 14.0, host.y + 23.0), w.host) }
                { self.mode(host, (w.host, place == Place::Host), w.root_mode, host.y + 23.0) }
                { self.host_work(host) }
                { here(host, w.host, place == Place::Host, host.y + 23.0) }
            </g> }
        });
        let on = matches!(place, Place::Guest | Place::Handler);
        let class = classes!("v-floor", "v-guest", on.then_some("v-here"));
        let name = if it.host.is_some() { w.guest } else { w.bare };
        let mode = if it.host.is_some() { w.non_root_mode } else { w.no_vmx };
        let base = it.guest.bottom() - 13.0;
        html! { <>
            { host }
            <g {class}>
                { rect(it.guest, 12.0) }
                { label("v-floor-name", Point::new(it.guest.x + 14.0, base), name) }
                // Where the ways come from below they would cross it.
                if !it.narrow { { self.mode(it.guest, (name, on), mode, base) } }
                { here(it.guest, name, on, base) }
            </g>
        </> }
    }

    /// The mode's name at a floor's right, from Explain on.
    fn mode(&self, floor: Rect, (beside, here): (&str, bool), name: &'static str, y: f32) -> Html {
        let mark = if here { 30.0 + text::width(words().here, 12.0, Face::Bold) } else { 0.0 };
        let room = floor.w - 36.0 - text::width(beside, 16.0, Face::Bold) - mark;
        if self.level == Level::Story || fit(&[name], room, 12.0, Face::Plain).is_none() {
            return Html::default();
        }
        html! { <text class="v-small" x={px(floor.right() - 12.0)} y={px(y)} text-anchor="end">{ name }</text> }
    }

    fn host_work(&self, host: Rect) -> Html {
        let room = host.w - 32.0;
        let text = fit(&names::host(self.level, self.course), room, 13.0, Face::Plain);
        let at = Point::new(host.middle().x, host.middle().y + 7.0);
        text.map(|text| html! { <text class="v-work" x={px(at.x)} y={px(at.y)} text-anchor="middle">{ text }</text> })
            .unwrap_or_default()
    }

    fn handler(&self) -> Html {
        let box_ = self.layout.handler;
        let on = self.scene.place == Place::Handler;
        let mono = self.level != Level::Story && !self.scene.handler.is_empty();
        let (face, size) = if mono { (Face::Mono, 12.0) } else { (Face::Plain, 13.5) };
        let name = names::handler(self.level, self.scene);
        let room = box_.w - 16.0;
        let name = match fit(&[name], room, size, face) {
            Some(name) => name.to_string(),
            None if mono => clip(name, room, size, face),
            None => words().handler_short.into(),
        };
        let class = classes!("v-handler", on.then_some("v-here"), mono.then_some("v-mono"));
        let middle = box_.middle();
        html! { <g {class}>
            { rect(box_, 8.0) }
            <text x={px(middle.x)} y={px(middle.y + 4.5)} text-anchor="middle">{ name }</text>
        </g> }
    }

    // -- Devices ---------------------------------------------------------------------------------

    fn devices(&self) -> Html {
        let w = words();
        let it = self.layout;
        let wire = it.wire;
        let apic = names::apic(self.level, self.scene);
        let link = if self.scene.link { "v-wire" } else { "v-wire v-idle" };
        html! { <>
            <path class={link} d={format!("M{} {}H{}", px(wire.x), px(wire.y), px(it.nic.x))} />
            { device(it.nic, "v-nic", w.nic, &names::nic(self.level)) }
            { device(it.iommu, "v-iommu", w.iommu, &names::iommu(self.level)) }
            { device(it.apic, "v-apic", w.apic, &apic) }
        </> }
    }

    /// The vectors that wait and that are served.
    fn chips(&self) -> Html {
        if self.level == Level::Story {
            return Html::default();
        }
        let w = words();
        let room = self.layout.chips;
        let irr = chip_text(w.irr, &self.scene.irr);
        let isr = chip_text(w.isr, &self.scene.isr);
        let width = |t: &str| text::width(t, 12.0, Face::Mono) + 16.0;
        let right = room.right();
        let isr_at = Rect::new(right - width(&isr), room.y, width(&isr), 24.0);
        let irr_at = Rect::new(isr_at.x - 6.0 - width(&irr), room.y, width(&irr), 24.0);
        html! { <>
            { chip(irr_at, &irr, !self.scene.irr.is_empty(), "v-irq") }
            { chip(isr_at, &isr, !self.scene.isr.is_empty(), "v-guest") }
        </> }
    }

    // -- Ways and tokens -------------------------------------------------------------------------

    fn route(&self, route: &Route) -> Html {
        if route.way == Way::Packet {
            return Html::default();
        }
        let class = classes!("v-route", colour(route.way), self.live(route).then_some("v-live"));
        html! { <g {class}>
            <path d={route.path.drawn().to_string()} />
            <polygon points={route.path.arrow(9.0)} />
        </g> }
    }

    /// Whether something is on this way now.
    pub fn live(&self, route: &Route) -> bool {
        let (from, to) = route.steps;
        let taken = self.flows && route.way != Way::Packet;
        taken
            || self.scene.tokens.iter().any(|t| {
                t.kind != TokenKind::Packet
                    && self.follows(t)
                    && t.at >= from
                    && t.at < to
                    && t.next.is_none_or(|next| next > from)
            })
    }

    /// Whether a token belongs to the interrupt that is followed.
    fn follows(&self, token: &Token) -> bool {
        self.life == 0 || token.life == 0 || token.life == self.life
    }

    fn badge(&self, route: &Route) -> Option<Html> {
        let number = route.number?;
        let at = route.badge;
        let class = classes!("v-badge", colour(route.way), self.live(route).then_some("v-live"));
        Some(html! { <g {class}>
            <circle cx={px(at.x)} cy={px(at.y)} r={px(BADGE)} />
            <text x={px(at.x)} y={px(at.y + 4.5)} text-anchor="middle">{ number }</text>
        </g> })
    }

    fn token(&self, token: &Token) -> Html {
        let at = self.track.place(token, self.still);
        let followed = token.life > 0 && self.follows(token);
        let size = if followed { 10.0 } else { 7.0 };
        let name = token.vector.filter(|_| self.level != Level::Story).map(|v| {
            html! { <text class="v-token-name" x={px(at.x)} y={px(at.y - 14.0)} text-anchor="middle">{ vector(v) }</text> }
        });
        html! { <g class={classes!("v-token", (!followed).then_some("v-other"))}>{ mark(token.kind, at, size) }{ name }</g> }
    }
}

/// The class that gives a way its colour and line.
pub fn colour(way: Way) -> &'static str {
    match way {
        Way::Packet => "v-dma",
        Way::Message | Way::Straight => "v-irq",
        Way::ArrivalExit => "v-irq v-exit",
        Way::Injection | Way::Entry => "v-host v-dashed",
        Way::EoiExit => "v-eoi v-exit",
        Way::Eoi => "v-eoi",
    }
}

fn rect(r: Rect, radius: f32) -> Html {
    html! { <rect x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} rx={px(radius)} /> }
}

fn label(class: &'static str, at: Point, text: &'static str) -> Html {
    html! { <text {class} x={px(at.x)} y={px(at.y)}>{ text }</text> }
}

fn device(r: Rect, class: &'static str, name: &'static str, under: &[&'static str]) -> Html {
    let under = fit(under, r.w - 6.0, 12.0, Face::Plain);
    let middle = r.middle();
    let y = if under.is_some() { middle.y - 3.0 } else { middle.y + 5.0 };
    html! { <g class={classes!("v-device", class)}>
        { rect(r, 10.0) }
        <text class="v-device-name" x={px(middle.x)} y={px(y)} text-anchor="middle">{ name }</text>
        if let Some(under) = under {
            <text class="v-small" x={px(middle.x)} y={px(middle.y + 16.0)} text-anchor="middle">{ under }</text>
        }
    </g> }
}

/// Says on which floor the processor is, in a word and a mark.
fn here(floor: Rect, name: &str, on: bool, y: f32) -> Html {
    if !on {
        return Html::default();
    }
    let x = floor.x + 24.0 + text::width(name, 16.0, Face::Bold);
    html! { <g class="v-here-mark">
        <circle cx={px(x + 4.0)} cy={px(y - 4.0)} r="4" />
        <text x={px(x + 13.0)} y={px(y)}>{ words().here }</text>
    </g> }
}

fn chip_text(name: &str, vectors: &[u8]) -> String {
    match vectors {
        [] => format!("{name} ·"),
        [one] => format!("{name} {one:02x}"),
        [one, rest @ ..] => format!("{name} {one:02x}+{}", rest.len()),
    }
}

fn chip(r: Rect, text: &str, on: bool, colour: &'static str) -> Html {
    html! { <g class={classes!("v-chip", colour, on.then_some("v-on"))}>
        { rect(r, 6.0) }
        <text x={px(r.middle().x)} y={px(r.y + 16.5)} text-anchor="middle">{ text.to_string() }</text>
    </g> }
}
