//! Share: the link, the snippets, a citation, and the run for other tools.

use lab_protocol::{Command, Export};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::links::{LONGEST, Link, Mode, TooLong};
use crate::save;
use crate::store::{Act, Saying};
use crate::units::thousands;
use crate::words::{fill, words};

use super::super::moment::link_of_now;
use super::super::root::Known;
use super::copy::Copyable;

/// Share.
pub fn share(props: &Known) -> Html {
    let link = link_of_now(&props.lab);
    html! {
        <>
            <p>{ words().share_what }</p>
            { match link.short_fragment() {
                Ok(fragment) => texts(props, &link, &fragment),
                Err(TooLong(bytes)) => too_long(&link, bytes),
            } }
            <Exports ..props.clone() />
            <p class="muted">{ words().licence }</p>
        </>
    }
}

fn texts(props: &Known, link: &Link, fragment: &str) -> Html {
    let address = address(props);
    let full = format!("{address}{fragment}");
    let embed = Link { mode: Mode::Embed, ..link.clone() };
    let iframe = format!(
        "<iframe src=\"{}\" width=\"100%\" height=\"720\" style=\"border:0\" title=\"{}\"></iframe>",
        escape(&format!("{address}{}", embed.fragment())),
        words().name
    );
    let element = format!(
        "<script src=\"{address}embed/exitless-lab.classic.js\"></script>\n<exitless-lab link=\"{}\"></exitless-lab>",
        escape(&embed.fragment())
    );
    let seed = props.lab.session.seed.to_string();
    let cite = [("build", &*link.build), ("scenario", &*link.name), ("seed", &*seed), ("link", &*full)];
    html! {
        <>
            <Copyable label={words().link} text={full.clone()} rows={2} />
            <Copyable label={words().iframe} text={iframe} rows={2} />
            <Copyable label={words().element} text={element} rows={2} />
            <Copyable label={words().cite} text={fill(words().cite_text, &cite)} rows={2} />
        </>
    }
}

/// The page's own address: its home, or where it is, without query and fragment.
fn address(props: &Known) -> String {
    if !props.lab.site.home.is_empty() {
        return props.lab.site.home.clone();
    }
    let href = web_sys::window().and_then(|w| w.location().href().ok()).unwrap_or_default();
    href.split(['#', '?']).next().unwrap_or_default().to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

fn too_long(link: &Link, bytes: usize) -> Html {
    let values = [("bytes", thousands(bytes as u64)), ("most", thousands(LONGEST as u64))];
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let fragment = link.fragment();
    let onclick = move |_: MouseEvent| save::download("moment.lab", fragment.as_bytes());
    html! { <div class="notice"><p>{ fill(words().too_long, &values) }</p>
    <button type="button" {onclick}>{ words().save_file }</button></div> }
}

/// The run in the formats of other tools.
#[component]
fn Exports(props: &Known) -> Html {
    let formats = [
        (words().perfetto, Export::Perfetto),
        (words().chrome, Export::Chrome),
        (words().perf_kvm, Export::PerfKvm),
        (words().pcapng, Export::Pcapng),
        (words().vcd, Export::Vcd),
        (words().ftrace, Export::Ftrace),
        (words().stacks, Export::Stacks),
    ];
    let (format, side) = (use_node_ref(), use_node_ref());
    let chosen = |select: &NodeRef| {
        let select = select.cast::<HtmlSelectElement>();
        select
            .and_then(|s| usize::try_from(s.unchecked_ref::<HtmlSelectElement>().selected_index()).ok())
            .unwrap_or(0)
    };
    let onclick = {
        let (store, format, side) = (props.store.clone(), format.clone(), side.clone());
        move |_: MouseEvent| {
            if let Some((_, format)) = formats.get(chosen(&format)) {
                let side = u8::try_from(chosen(&side)).unwrap_or_default();
                store.send(Command::Export { side, format: *format });
            }
        }
    };
    let perfetto = {
        let (store, side) = (props.store.clone(), side.clone());
        let titles: Vec<_> = props.lab.session.sides.iter().map(|side| side.title.clone()).collect();
        move |_: MouseEvent| {
            let side = chosen(&side);
            if !save::perfetto(side, titles.get(side).map_or("", |title| title)) {
                store.act(Act::Say(Saying::wrong(words().no_tab.into(), Vec::new())));
            }
        }
    };
    let sides = props.lab.session.sides.iter().enumerate();
    let focus = props.lab.focus();
    html! {
        <fieldset class="exports">
            <legend>{ words().export }</legend>
            <select ref={format} aria-label={words().export}>{ for formats.iter().enumerate().map(|(i, (text, _))| html! { <option selected={i == 0}>{ *text }</option> }) }</select>
            <select ref={side} aria-label={words().export_side}>
                { for sides.map(|(i, side)| html! { <option selected={i == focus}>{ &side.title }</option> }) }
            </select>
            <button type="button" {onclick}>{ words().save_file }</button>
            <p><span>{ words().picture }</span>{ for ["svg", "png"].map(|kind| html! {
                <>{ " " }<button type="button" onclick={move |_: MouseEvent| save::picture(kind)}>{ kind.to_uppercase() }</button></>
            }) }</p>
            <p><button type="button" onclick={perfetto}>{ words().open_perfetto }</button>
            <span class="muted">{ " " }{ words().open_perfetto_what }</span></p>
        </fieldset>
    }
}
