//! Throughput, exits and interrupts a second over the run, and the distribution of latencies.

mod curve;

use lab_protocol::{PlotView, Series};
use yew::prelude::*;

use super::ViewProps;
use super::format::{duration, fill, group, moment, px, rate, significant};
use super::geometry::Rect;
use super::measure::use_width;
use super::words::words;

/// The height of a plot's box.
const HEIGHT: f32 = 96.0;
/// The colours of the series in their order, each with its own pattern of line.
const CLASSES: [&str; 3] = ["v-guest", "v-host v-dashed", "v-irq v-dotted"];

/// The plots of one machine.
#[component]
pub fn Plots(props: &ViewProps) -> Html {
    let (node, width) = use_width(480.0);
    let side = props.side_frame();
    let body = side.and_then(|side| side.plots.as_ref().zip(Some(side))).map(|(view, side)| {
        html! { <>
            { for view.series.iter().enumerate().map(|(i, s)| series(i, s, view, width)) }
            { latency(view, width) }
            { reasons(&side.counts.by_reason) }
        </> }
    });
    html! { <div class="v-plots" ref={node}>
        { body.unwrap_or_else(|| html! { <p class="v-empty">{ words().plot_empty }</p> }) }
    </div> }
}

fn number(value: f32, unit: &str) -> String {
    let value = f64::from(value);
    let number = if value >= 1000.0 { rate(value) } else { significant(value, 2) };
    fill(words().plot_now, &[&number, unit])
}

fn series(i: usize, series: &Series, view: &PlotView, width: f32) -> Html {
    let w = words();
    let Some(now) = curve::last(&series.values) else {
        return html! { <p class="v-empty">{ format!("{}: {}", series.name, w.plot_empty) }</p> };
    };
    let top = curve::top(&series.values);
    let area = Rect::new(0.0, 16.0, width, HEIGHT);
    let class = classes!("v-plot", CLASSES.get(i % CLASSES.len()).copied());
    let least = series.values.iter().copied().filter(|v| v.is_finite()).fold(f32::INFINITY, f32::min);
    let most = series.values.iter().copied().filter(|v| v.is_finite()).fold(0.0, f32::max);
    let span = duration(view.span.1.saturating_sub(view.span.0));
    let label = fill(
        w.plot_of,
        &[&series.name, &significant(least.into(), 2), &significant(most.into(), 2), &series.unit, &span],
    );
    html! { <figure {class}>
        <figcaption><span>{ series.name.clone() }</span><b>{ number(now, &series.unit) }</b></figcaption>
        <svg width={px(width)} height={px(HEIGHT + 36.0)} role="img" aria-label={label}>
            { for [0.0, 0.5, 1.0].map(|share| level(area, share, top, &series.unit)) }
            <path class="v-curve" d={curve::curve(&series.values, top, area)} />
            <text x="0" y={px(area.bottom() + 16.0)}>{ moment(view.span.0) }</text>
            <text x={px(width)} y={px(area.bottom() + 16.0)} text-anchor="end">{ moment(view.span.1) }</text>
        </svg>
    </figure> }
}

fn level(area: Rect, share: f32, top: f32, unit: &str) -> Html {
    let y = area.bottom() - area.h * share;
    html! { <>
        <path class="v-grid" d={format!("M{} {}H{}", px(area.x), px(y), px(area.right()))} />
        if share > 0.0 { <text x={px(area.right())} y={px(y - 4.0)} text-anchor="end">{ number(top * share, unit) }</text> }
    </> }
}

/// Exits by reason, the most frequent first; its own table.
fn reasons(rows: &[(String, u64)]) -> Html {
    let w = words();
    let most = rows.first().map_or(1, |(_, n)| *n).max(1);
    let row = |(name, n): &(String, u64)| {
        let style = format!("width:{}%", (*n * 100).div_ceil(most));
        html! { <tr><th scope="row">{ name.clone() }</th><td><span class="v-share" {style} /></td><td class="v-number">{ group(*n) }</td></tr> }
    };
    html! { <figure class="v-plot v-host">
        <figcaption><span>{ w.exits_by_reason }</span></figcaption>
        if rows.is_empty() { <p class="v-empty">{ w.none }</p> }
        <table class="v-table"><tbody>{ for rows.iter().map(row) }</tbody></table>
    </figure> }
}

fn latency(view: &PlotView, width: f32) -> Html {
    let w = words();
    let total: u64 = view.latency.iter().map(|(_, n)| u64::from(*n)).sum();
    let Some(median) = curve::median(&view.latency) else { return Html::default() };
    let most = view.latency.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    let step = width / view.latency.len().max(1) as f32;
    let bound = |ns: u32| duration(u64::from(ns) * 1_000);
    let bar = |(i, (_, n)): (usize, &(u32, u32))| {
        let h = *n as f32 / most as f32 * HEIGHT;
        let (x, y) = (i as f32 * step + 1.0, HEIGHT + 16.0 - h);
        html! { <rect x={px(x)} y={px(y)} width={px((step - 2.0).max(1.0))} height={px(h)} rx="2" /> }
    };
    let row =
        |(ns, n): &(u32, u32)| html! { <tr><td>{ bound(*ns) }</td><td>{ group((*n).into()) }</td></tr> };
    let sum = fill(w.latency_sum, &[&group(total), &bound(median)]);
    let (first, last) = (view.latency.first().map(|b| bound(b.0)), view.latency.last().map(|b| bound(b.0)));
    html! { <figure class="v-plot v-irq">
        <figcaption><span>{ w.latency_title }</span><b>{ sum.clone() }</b></figcaption>
        <svg width={px(width)} height={px(HEIGHT + 36.0)} role="img" aria-label={sum}>
            <path class="v-grid" d={format!("M0 {}H{}", px(HEIGHT + 16.0), px(width))} />
            <g class="v-bins">{ for view.latency.iter().enumerate().map(bar) }</g>
            <text x="0" y={px(HEIGHT + 32.0)}>{ first }</text>
            <text x={px(width)} y={px(HEIGHT + 32.0)} text-anchor="end">{ last }</text>
        </svg>
        <details class="v-twin"><summary>{ w.as_table }</summary>
            <table class="v-table"><thead><tr><th scope="col">{ w.column_up_to }</th><th scope="col">{ w.column_count }</th></tr></thead>
            <tbody>{ for view.latency.iter().filter(|(_, n)| *n > 0).take(50).map(row) }</tbody></table>
        </details>
    </figure> }
}
