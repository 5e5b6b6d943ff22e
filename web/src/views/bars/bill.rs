//! The bill for one interrupt: what it costs on each side, on one clock.

use lab_protocol::{Bill as Costs, Frame, LifeView, Phase};
use yew::prelude::*;

use super::draw::{Rows, axis, legend, patterns, segment};
use super::layout::{Clock, Segment, segments};
use super::names;
use super::twin;
use crate::views::format::{GROUP, duration, fill, often, significant};
use crate::views::fraction;
use crate::views::words::words;
use crate::views::{Level, ViewProps};

/// The bill for one interrupt, so wide.
pub fn bill(props: &ViewProps, node: NodeRef, width: f32) -> Html {
    let lives: Vec<_> = props.frame.sides.iter().map(|s| s.life.as_ref()).collect();
    let names: Vec<_> = (0..lives.len()).map(|i| props.title(i).to_string()).collect();
    let sum = Sum::of(&props.frame);
    let body = if lives.iter().any(Option::is_some) {
        bars(&lives, &names, width, sum.as_ref())
    } else {
        html! { <p class="v-empty">{ words().bill_none }</p> }
    };
    html! { <div class="v-bill" ref={node}>
        { sum.map(|sum| sum.draw()) }
        { body }
    </div> }
}

fn bars(lives: &[Option<&LifeView>], names: &[String], width: f32, sum: Option<&Sum>) -> Html {
    let rows = Rows::new(width, names.iter().map(String::as_str), 0.0);
    let clock = Clock::of(lives.iter().copied().flatten(), rows.left, rows.room());
    let height = rows.height(lives.len());
    let row = |(i, life): (usize, &Option<&LifeView>)| {
        let free = sum.filter(|sum| sum.cheapest == i);
        html! { <g>
            { rows.name(i, names.get(i).map_or("", String::as_str)) }
            { life.map(|life| bar(life, clock, rows.y(i), free)) }
        </g> }
    };
    html! { <>
        <svg class="v-bars" width={width.to_string()} height={height.to_string()} aria-hidden="true">
            { patterns() }
            { for lives.iter().enumerate().map(row) }
            { axis(clock, height - 26.0) }
        </svg>
        { legend(lives.iter().copied().flatten(), Level::Story) }
        { twin::table(lives, names, None) }
    </> }
}

fn bar(life: &LifeView, clock: Clock, y: f32, free: Option<&Sum>) -> Html {
    let draw = |s: Segment| {
        let labels = labels(&s, free);
        segment(&s, y, &labels.iter().map(String::as_str).collect::<Vec<_>>(), false)
    };
    html! { <>{ for segments(life, clock).into_iter().map(draw) }</> }
}

/// Wordings of a stretch, longest first.
fn labels(s: &Segment, free: Option<&Sum>) -> Vec<String> {
    let name = names::phase(s.phase, Level::Story);
    match (s.phase, free) {
        (Phase::Work, Some(sum)) => {
            let free = duration(sum.lost);
            let long = fill(words().bill_free_long, &[&free, &sum.share(), &often(sum.per_second)]);
            vec![long, fill(words().bill_free, &[&free]), free]
        }
        (phase, _) if names::is_lost(phase) => {
            let takes = duration(s.time.1.saturating_sub(s.time.0));
            let bare = takes.split(GROUP).next().unwrap_or_default().to_string();
            vec![fill(words().takes, &[name, &takes]), takes, bare]
        }
        (Phase::Device, _) => vec![name.into(), words().phase_device_short.into()],
        _ => vec![name.into()],
    }
}

/// What the dearest side pays that the cheapest does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    /// Picoseconds per interrupt.
    pub lost: u64,
    /// Interrupts a second on the dearest side.
    pub per_second: f64,
    /// Share of the processor on the dearest side, percent.
    pub percent: f64,
    /// Which side pays least.
    pub cheapest: usize,
}

impl Sum {
    /// The sum of a frame's bill; none when there is none, or nothing is lost anywhere.
    pub fn of(frame: &Frame) -> Option<Self> {
        let bill: &Costs = frame.bill.as_ref()?;
        let by_cost = |(_, lost): &(usize, &u64)| **lost;
        let (dearest, most) = bill.lost.iter().enumerate().max_by_key(by_cost)?;
        let (cheapest, least) = bill.lost.iter().enumerate().min_by_key(by_cost)?;
        let at = |list: &[f64]| list.get(dearest).copied().unwrap_or_default();
        (most > least).then(|| Self {
            lost: most - least,
            per_second: at(&bill.per_second),
            // Picoseconds per interrupt, times interrupts a second, in percent of a second.
            percent: (most - least) as f64 * at(&bill.per_second) / 1e10,
            cheapest,
        })
    }

    /// The share in words, or in percent when no words are near.
    pub fn share(&self) -> String {
        let permille = (self.percent * 10.0).round().clamp(0.0, 1000.0) as u32;
        fraction::named(permille).map_or_else(|| self.percent(), String::from)
    }

    fn percent(&self) -> String {
        fill(words().percent, &[&significant(self.percent, if self.percent < 10.0 { 1 } else { 0 })])
    }

    /// The sum as one sentence.
    pub fn sentence(&self) -> String {
        fill(words().bill_sentence, &[&duration(self.lost), &often(self.per_second), &self.share()])
    }

    fn draw(&self) -> Html {
        let w = words();
        let part = |class: &'static str, number: String, words: &'static str| {
            html! {
                <div class={classes!("v-sum-part", class)}><b>{ number }</b><span>{ words }</span></div>
            }
        };
        html! { <div class="v-sum">
            { part("v-host", duration(self.lost), w.bill_lost) }
            <span class="v-sum-sign" aria-hidden="true">{ "×" }</span>
            { part("v-irq", often(self.per_second), w.bill_often) }
            <span class="v-sum-sign" aria-hidden="true">{ "=" }</span>
            { part("v-total", self.percent(), w.bill_share) }
        </div> }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(lost: &[u64]) -> Frame {
        Frame {
            bill: Some(Costs { lost: lost.to_vec(), per_second: vec![48_123.0, 48_300.0] }),
            ..Frame::default()
        }
    }

    #[test]
    fn the_bill_says_what_how_often_and_how_much() {
        let sum = Sum::of(&frame(&[8_100_000, 0]));
        let text = sum.map(|s| s.sentence().replace(GROUP, " "));
        assert_eq!(
            text.as_deref(),
            Some("8.1 µs lost per interrupt, 48 000 times a second: two fifths of the machine.")
        );
    }

    #[test]
    fn where_nothing_is_lost_there_is_no_sum() {
        for lost in [&[0, 0][..], &[5, 5], &[7], &[]] {
            assert_eq!(Sum::of(&frame(lost)), None, "{lost:?}");
        }
        assert_eq!(Sum::of(&Frame::default()), None);
    }

    #[test]
    fn the_cheaper_side_is_the_free_one_wherever_it_stands() {
        let cheapest = |lost: &[u64]| Sum::of(&frame(lost)).map(|s| s.cheapest);
        assert_eq!((cheapest(&[8, 0]), cheapest(&[0, 8])), (Some(1), Some(0)));
    }
}
