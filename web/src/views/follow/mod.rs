//! The player: one interrupt, followed beat by beat on every machine, and its bill at the end.

mod clock;
mod story;

use std::rc::Rc;

use lab_protocol::{Command, Frame, Session};
use yew::prelude::*;

use super::bars::{Lives, Sum};
use super::format::{duration, fill};
use super::scene::{Course, Stage};
use super::words::words;
use super::{Level, ViewProps};
use clock::{Player, use_player};
use story::{beats, eased, scene};

/// How long a beat lasts, milliseconds; six of them are about ten seconds.
const BEAT: f64 = 1_650.0;

/// What the player is given.
#[derive(Clone, Properties)]
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

impl PartialEq for FollowProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.frame, &other.frame)
            && Rc::ptr_eq(&self.session, &other.session)
            && (&self.send, self.still, &self.on_close) == (&other.send, other.still, &other.on_close)
    }
}

/// The player.
#[component]
pub fn Follow(props: &FollowProps) -> Html {
    let all: Vec<_> =
        props.frame.sides.iter().map(|s| s.life.as_ref().map(beats).unwrap_or_default()).collect();
    let count = all.iter().map(Vec::len).max().unwrap_or(0);
    let player = use_player(count, BEAT);
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(element) = node.cast::<web_sys::HtmlElement>() {
                // A browser that refuses the focus leaves it where it was.
                let _ = element.focus();
            }
        });
    }
    if count == 0 {
        return html! { <div class="v-follow" ref={node} tabindex="-1"><p class="v-empty">{ words().follow_none }</p>{ close(props) }</div> };
    }
    let ended = player.beat() >= count;
    html! { <div class="v-follow" ref={node} tabindex="-1" onkeydown={keys(&player, props)}>
        <div class="v-follow-pair">
            { for all.iter().enumerate().map(|(side, beats)| picture(props, side, beats, &player)) }
        </div>
        { controls(&player, count, props) }
        <div class="v-follow-end" aria-live="polite">
            if ended { { end(props) } }
        </div>
    </div> }
}

fn picture(props: &FollowProps, side: usize, beats: &[story::Beat], player: &Player) -> Html {
    let Some((frame, life)) = props.frame.sides.get(side).and_then(|s| Some((s, s.life.as_ref()?))) else {
        return Html::default();
    };
    let now = scene(frame, life, beats, player.beat(), eased(player.share()), words().follow_waits);
    let since = beats.get(player.beat().min(beats.len().saturating_sub(1))).map_or(0, |beat| beat.since);
    let title = props.session.sides.get(side).map_or("", |s| s.title.as_str()).to_string();
    html! { <section class="v-follow-side" aria-label={title.clone()}>
        <header><h3>{ title }</h3><span class="v-clock">{ duration(since) }</span></header>
        <Stage scene={now} course={Course::of(frame)} level={Level::Story} still={props.still} life={life.number} />
    </section> }
}

fn controls(player: &Player, count: usize, props: &FollowProps) -> Html {
    let w = words();
    let button = |text: &'static str, name: &'static str, go: Callback<MouseEvent>| {
        html! {
            <button type="button" aria-label={name} title={name} onclick={go}>{ text }</button>
        }
    };
    let (play, name) = match (player.beat() >= count, player.playing()) {
        (true, _) => ("↻", w.follow_again),
        (false, true) => ("❚❚", w.follow_pause),
        (false, false) => ("▶", w.follow_play),
    };
    let dot = |beat: usize| {
        let class = if beat == player.beat() { "v-dot v-on" } else { "v-dot" };
        let go = player.go(beat);
        let name = fill(w.follow_step, &[&(beat + 1).to_string(), &count.to_string()]);
        html! { <button type="button" {class} aria-label={name} aria-current={(beat == player.beat()).then_some("step")}
        onclick={move |_: MouseEvent| go.emit(())} /> }
    };
    html! { <div class="v-tools v-player" role="group" aria-label={w.follow_progress}>
        { button("◀", w.follow_back, player.by(-1).reform(|_| ())) }
        { button(play, name, player.toggle().reform(|_| ())) }
        { button("▶▶", w.follow_on, player.by(1).reform(|_| ())) }
        <span class="v-dots">{ for (0..count).map(dot) }</span>
        { close(props) }
    </div> }
}

fn close(props: &FollowProps) -> Html {
    let on_close = props.on_close.clone();
    html! { <button type="button" class="v-close" onclick={move |_: MouseEvent| on_close.emit(())}>{ words().follow_close }</button> }
}

/// The bill, in one sentence and drawn.
fn end(props: &FollowProps) -> Html {
    let view = ViewProps {
        frame: props.frame.clone(),
        session: props.session.clone(),
        side: 0,
        send: props.send.clone(),
        level: Level::Story,
        still: props.still,
    };
    let sentence =
        Sum::of(&props.frame).map_or_else(|| words().follow_equal.to_string(), |sum| sum.sentence());
    html! { <><p class="v-follow-sum">{ sentence }</p><Lives ..view /></> }
}

/// Space pauses, the arrows go from beat to beat, Escape closes; nothing of it reaches the lab.
fn keys(player: &Player, props: &FollowProps) -> Callback<KeyboardEvent> {
    let (toggle, back, on) = (player.toggle(), player.by(-1), player.by(1));
    let close = props.on_close.clone();
    Callback::from(move |key: KeyboardEvent| {
        let on_button = key.target_dyn_into::<web_sys::HtmlButtonElement>().is_some();
        match key.key().as_str() {
            " " if !on_button => toggle.emit(()),
            "ArrowLeft" => back.emit(()),
            "ArrowRight" => on.emit(()),
            "Escape" => close.emit(()),
            " " | "Enter" => return key.stop_propagation(),
            _ => return,
        }
        key.prevent_default();
        key.stop_propagation();
    })
}
