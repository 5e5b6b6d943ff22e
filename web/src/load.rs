//! From a link to machines: its files are fetched, its claims looked at, and the worker is told.

use lab_protocol::{Command, Setup};
use wasm_bindgen_futures::spawn_local;

use crate::app::drop;
use crate::host::{self, Offer};
use crate::links::{self, Link};
use crate::store::{Act, Breakpoint, Far, Intent, Lab, Replay, Saying, Store, Way, complaint};
use crate::words::{fill, speak, words};

/// Goes by a link's fragment.
pub fn follow(store: &Store, fragment: &str) {
    let (mut link, complaints) = links::parse(fragment);
    let mut sayings: Vec<Saying> = complaint(&complaints).into_iter().collect();
    let lab = store.now();
    if !link.lang.is_empty() && !speak(&link.lang) {
        sayings.push(Saying::wrong(words().no_language.into(), Vec::new()));
        link.lang.clear();
    }
    let lesson = lab.site.of_lesson(&link.name).is_some();
    if lab.site.scenario(&link.name).is_none() && !lesson && !link.name.is_empty() {
        sayings.push(Saying::wrong(fill(words().no_scenario, &[("name", &link.name)]), Vec::new()));
        link = Link { name: String::new(), ..beginning(link) };
    }
    if let Some(saying) = foreign(&lab, &link) {
        sayings.push(saying);
        link = beginning(link);
    }
    store.act(Act::Open(Box::new(link)));
    host::played(&store.now().link.fragment());
    sayings.into_iter().for_each(|saying| store.act(Act::Say(saying)));
    load(store);
}

/// Takes a link as it is, whatever build made it.
pub fn trust(store: &Store, link: Link) {
    store.act(Act::Open(Box::new(link)));
    host::played(&store.now().link.fragment());
    load(store);
}

/// A link without its moment.
fn beginning(link: Link) -> Link {
    Link { at: String::new(), journal: Vec::new(), build: String::new(), images: Vec::new(), ..link }
}

/// Whether a moment's link was made with something else, and what may be done.
fn foreign(lab: &Lab, link: &Link) -> Option<Saying> {
    if !link.names_a_moment() {
        return None;
    }
    let here = Way::OpenHere(Box::new(Link { build: String::new(), images: Vec::new(), ..link.clone() }));
    let ours = &lab.site.build;
    if !link.build.is_empty() && link.build != *ours {
        let text = fill(words().other_build, &[("theirs", &link.build), ("ours", ours)]);
        let there = (!lab.site.versions.is_empty())
            .then(|| Way::OpenThere(lab.site.versions.replace("{build}", &link.build) + &link.fragment()));
        return Some(Saying::wrong(text, there.into_iter().chain([here]).collect()));
    }
    let offer = lab.site.scenario(lab.site.of_lesson(&link.name).unwrap_or(&link.name))?;
    let differs = |(name, hash): &&(String, String)| {
        offer.images.iter().any(|(known, _, its)| known == name && !its.starts_with(hash.as_str()))
    };
    let names: Vec<&str> = link.images.iter().filter(differs).map(|(name, _)| name.as_str()).collect();
    (!names.is_empty())
        .then(|| Saying::wrong(fill(words().other_images, &[("names", &names.join(", "))]), vec![here]))
}

/// Builds the machines that the link asks for.
pub fn load(store: &Store) {
    let store = store.clone();
    spawn_local(async move {
        let lab = store.now();
        if lab.far != Far::Here {
            store.connect();
        }
        if awaits_lesson(&lab) {
            return;
        }
        let Some(offer) = lab.site.scenario(scenario_of(&lab)).cloned() else {
            if cfg!(feature = "demo") {
                store.send(Command::Load(Box::default()));
                store.renew_views();
            }
            return;
        };
        if let Some(names) = missing(&lab) {
            return store.act(Act::Say(Saying::note(fill(words().wants_files, &[("names", &names)]))));
        }
        store.act(Act::Loading);
        let files = files(&offer).await;
        let now = store.now();
        match files {
            // The reader may have gone on meanwhile.
            _ if now.opened != lab.opened => {}
            Ok(files) => {
                store.send(Command::Load(Box::new(drop::place(setup(&now, files)))));
                store.renew_views();
            }
            Err(text) => store.act(Act::Say(Saying::wrong(text, vec![Way::Reload]))),
        }
    });
}

/// The worker lacks something: one that leaves nothing out takes its place, at the same moment.
pub fn whole(store: &Store, runs: bool, then: Option<Command>) {
    let lab = store.now();
    let replay = || Box::new(Replay { link: crate::app::link_of_now(&lab), runs, sent: false, then });
    store.act(Act::Whole(lab.shows().then(replay)));
    let store = store.clone();
    spawn_local(async move {
        match host::whole().await {
            Ok(()) => {
                store.connect();
                load(&store);
            }
            Err(why) => {
                store.act(Act::Far(Far::Gone));
                store.act(Act::Say(Saying::wrong(
                    fill(words().no_worker, &[("why", &why)]),
                    vec![Way::Restart],
                )));
            }
        }
    });
}

/// Where the machines are to go: where another worker was, or where the link says.
fn target(lab: &Lab) -> &Link {
    lab.replay.as_ref().map_or(&*lab.link, |replay| &replay.link)
}

/// The scenario's name, or that of the lesson's scenario.
fn scenario_of(lab: &Lab) -> &str {
    lab.site.of_lesson(&lab.link.name).unwrap_or(&lab.link.name)
}

/// Whether it is a lesson that has not said yet with which machines it begins: what plays it will.
fn awaits_lesson(lab: &Lab) -> bool {
    lab.link.pair.is_empty() && lab.site.of_lesson(&lab.link.name).is_some()
}

/// Once the first moment is there: how the machines are aligned, and who is in focus.
pub fn arrive(store: &Store) {
    let lab = store.now();
    let link = target(&lab);
    link.align.into_iter().for_each(|alignment| store.send(Command::Align(alignment)));
    match (link.side, link.at.is_empty()) {
        (0, _) => {}
        (side, true) => store.perform(Intent::Focus(side)),
        (side, false) => store.send(Command::Seek { side, anchor: link.at.clone() }),
    }
    if lab.replay.is_some() {
        let again =
            |b: &Breakpoint| Command::Break { side: b.side, address: b.address, root: b.root, on: true };
        lab.breakpoints.iter().for_each(|b| store.send(again(b)));
        store.act(Act::Sought);
    }
}

/// The files that a link wants and the reader has not brought.
fn missing(lab: &Lab) -> Option<String> {
    if lab.link.files.is_empty() || lab.dropped.is_some() {
        return None;
    }
    Some(lab.link.files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "))
}

/// A scenario and its images, by name.
type Files = (Vec<u8>, Vec<(String, Vec<u8>)>);

async fn files(offer: &Offer) -> Result<Files, String> {
    let scenario = fetch(&offer.file);
    let coming: Vec<_> = offer.images.iter().map(|(name, file, _)| (name, fetch(file))).collect();
    let scenario = scenario.await?;
    let mut images = Vec::new();
    for (name, image) in coming {
        images.push((name.clone(), image.await?));
    }
    Ok((scenario, images))
}

/// The machines that the link asks for as it is now: settings may have changed while the files came.
fn setup(lab: &Lab, (scenario, images): Files) -> Setup {
    let link = target(lab);
    let seed = link.seed.map(|seed| (String::from("seed"), seed.to_string()));
    Setup {
        scenario,
        images,
        workload: link.workload.clone(),
        modes: link.pair.clone(),
        config: link.cfg.iter().cloned().chain(seed).collect(),
        journal: link.journal.clone(),
        at: if link.side == 0 { link.at.clone() } else { String::new() },
        dropped: lab.dropped.as_ref().map(|(dropped, _)| (**dropped).clone()),
    }
}

fn fetch(file: &str) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
    let (asset, file) = (host::asset(file), file.to_string());
    async move { asset.await.map_err(|why| fill(words().no_asset, &[("file", &file), ("why", &why)])) }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::host::Site;

    fn lab() -> Lab {
        let image = ("net".to_string(), "net.elf".to_string(), "aabbccddeeff0011".to_string());
        let offer = Offer { name: "lab".into(), images: vec![image], ..Offer::default() };
        let versions = "../{build}/".to_string();
        let site = Site { build: "ours".into(), versions, scenarios: vec![offer], ..Site::default() };
        Lab { site: Rc::new(site), ..Lab::default() }
    }

    fn link(build: &str, hash: &str) -> Link {
        let images = vec![("net".to_string(), hash.to_string())];
        Link {
            name: "lab".into(),
            at: "nic:17/exit.1".into(),
            build: build.into(),
            images,
            ..Link::default()
        }
    }

    #[test]
    fn a_moment_of_this_build_is_taken() {
        assert_eq!(foreign(&lab(), &link("ours", "aabbccddeeff")), None);
        assert_eq!(foreign(&lab(), &link("", "aabb")), None);
    }

    #[test]
    fn a_moment_of_another_build_is_refused_with_two_ways_out() {
        let link = link("theirs", "aabbccddeeff");
        let saying = foreign(&lab(), &link).expect("it is refused");
        assert!(saying.text.contains("theirs") && saying.text.contains("ours"), "{}", saying.text);
        let Some(Way::OpenThere(address)) = saying.ways.first() else { panic!("{:?}", saying.ways) };
        assert_eq!(*address, format!("../theirs/{}", link.fragment()));
        let Some(Way::OpenHere(here)) = saying.ways.get(1) else { panic!("{:?}", saying.ways) };
        assert_eq!((here.at.as_str(), foreign(&lab(), here)), ("nic:17/exit.1", None));
    }

    #[test]
    fn a_moment_of_other_images_is_refused_by_their_names() {
        let saying = foreign(&lab(), &link("ours", "001122")).expect("it is refused");
        assert!(saying.text.contains("net"), "{}", saying.text);
    }

    #[test]
    fn a_link_without_a_moment_belongs_to_any_build() {
        assert_eq!(foreign(&lab(), &beginning(link("theirs", "001122"))), None);
        let settings = Link { build: "theirs".into(), seed: Some(3), ..Link::default() };
        assert_eq!(foreign(&lab(), &settings), None);
    }
}
