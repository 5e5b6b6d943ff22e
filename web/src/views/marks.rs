//! The shapes that stand for things, everywhere the same: a diamond is an interrupt, a circle an EOI,
//! a bar a packet, a triangle a VM exit.

use lab_protocol::TokenKind;
use yew::prelude::*;

use super::format::px;
use super::geometry::Point;

/// The class that gives a kind its colour.
pub fn class(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Interrupt => "v-irq",
        TokenKind::Eoi => "v-eoi",
        TokenKind::Packet => "v-dma",
        TokenKind::Exit => "v-host",
    }
}

/// The shape of a kind, about a point, `size` from its middle to its edge.
pub fn mark(kind: TokenKind, at: Point, size: f32) -> Html {
    let class = classes!("v-mark", class(kind));
    let (x, y) = (at.x, at.y);
    match kind {
        TokenKind::Interrupt => {
            let d = format!(
                "M{} {}L{} {}L{} {}L{} {}Z",
                px(x),
                px(y - size),
                px(x + size),
                px(y),
                px(x),
                px(y + size),
                px(x - size),
                px(y)
            );
            html! { <path {class} {d} /> }
        }
        TokenKind::Eoi => html! { <circle {class} cx={px(x)} cy={px(y)} r={px(size * 0.85)} /> },
        TokenKind::Packet => html! {
            <rect {class} x={px(x - size * 0.7)} y={px(y - size * 0.9)} width={px(size * 1.4)} height={px(size * 1.8)} rx="2.5" />
        },
        TokenKind::Exit => {
            let d = format!(
                "M{} {}L{} {}L{} {}Z",
                px(x),
                px(y - size),
                px(x + size),
                px(y + size * 0.8),
                px(x - size),
                px(y + size * 0.8)
            );
            html! { <path {class} {d} /> }
        }
    }
}
