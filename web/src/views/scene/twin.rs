//! The picture in text: for whoever does not see it, and for whoever would rather read.

use lab_protocol::{Scene, Token, TokenKind};
use yew::prelude::*;

use super::names;
use super::picture::{Picture, colour};
use super::routes::Route;
use crate::views::format::{fill, px, vector};
use crate::views::words::words;
use crate::words::Term;

/// The numbered ways as a list below the picture; the one that is taken now is marked.
pub fn key(picture: &Picture<'_>) -> Html {
    let item = |route: &Route| {
        let number = route.number?;
        let live = picture.live(route);
        Some(html! {
            <li class={classes!("v-way", colour(route.way), live.then_some("v-live"))} aria-current={live.then_some("step")}>
                <span class="v-way-number" aria-hidden="true">{ number }</span>
                <Term name={names::term(route.way)}>{ names::way(picture.level, route.way) }</Term>
            </li>
        })
    };
    let style = picture.layout.aside.map(|w| format!("width:{}px", px(w)));
    let class = classes!("v-ways", style.is_some().then_some("v-aside"));
    html! { <ol {class} {style}>{ for picture.routes.iter().filter_map(item) }</ol> }
}

/// What the picture shows, as terms and values.
pub fn facts(scene: &Scene) -> Html {
    let w = words();
    let row = |term: &str, value: String| html! { <><dt>{ term.to_string() }</dt><dd>{ value }</dd></> };
    html! { <div class="v-hidden"><dl>
        { row(w.cpu, names::place(scene.place, scene.has_host).into()) }
        { row(w.irr, vectors(&scene.irr)) }
        { row(w.isr, vectors(&scene.isr)) }
        if !scene.link { { row(w.wire, w.link_down.into()) } }
        { for scene.tokens.iter().map(|token| row(names::token(token.kind), token_text(token))) }
    </dl></div> }
}

fn vectors(list: &[u8]) -> String {
    if list.is_empty() {
        return words().none.into();
    }
    list.iter().map(|v| vector(*v)).collect::<Vec<_>>().join(", ")
}

/// Where a token is, in words.
pub fn token_text(token: &Token) -> String {
    let w = words();
    let what = token.vector.map_or_else(
        || names::token(token.kind).to_string(),
        |v| format!("{} {}", names::token(token.kind), fill(w.vector_is, &[&vector(v)])),
    );
    match token.next {
        None if token.kind == TokenKind::Packet => w.token_leaves.to_string(),
        Some(next) => fill(w.token_between, &[&what, names::step(token.at), names::step(next)]),
        None => fill(w.token_at, &[&what, names::step(token.at)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_protocol::StepKind;

    #[test]
    fn a_token_is_told_in_words() {
        let mut token = Token {
            kind: TokenKind::Interrupt,
            life: 3,
            vector: Some(0x61),
            at: StepKind::Pending,
            next: Some(StepKind::ArrivalExit),
            permille: 10,
        };
        assert_eq!(token_text(&token), "interrupt vector 0x61, between: pending and exit to the host");
        token.next = None;
        token.vector = None;
        assert_eq!(token_text(&token), "interrupt, at: pending");
        token.kind = TokenKind::Packet;
        assert_eq!(token_text(&token), "packet, on its way to the peer");
    }

    #[test]
    fn no_vector_is_said_to_be_none() {
        assert_eq!((vectors(&[]), vectors(&[0x61, 0x20])), ("none".into(), "0x61, 0x20".into()));
    }
}
