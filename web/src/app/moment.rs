//! The link that brings another reader to where this one is.

use crate::links::Link;
use crate::store::Lab;
use crate::units;

/// Digits of an image's hash that a link holds.
const HASH_DIGITS: usize = 12;

/// The link of what is shown now: its moment, its inputs, and what it was made with.
pub fn link_of_now(lab: &Lab) -> Link {
    let offer = lab.site.scenario(lab.site.of_lesson(&lab.link.name).unwrap_or(&lab.link.name));
    let images = offer.map_or_else(Vec::new, |offer| {
        let short = |hash: &str| hash.get(..HASH_DIGITS).unwrap_or(hash).to_string();
        offer.images.iter().map(|(name, _, hash)| (name.clone(), short(hash))).collect()
    });
    let name = if lab.link.name.is_empty() { offer.map_or("", |o| &o.name) } else { &lab.link.name };
    Link {
        name: name.into(),
        at: anchor(lab),
        seed: Some(lab.session.seed),
        side: lab.frame.selection.side,
        align: Some(lab.frame.alignment),
        cfg: settings(lab),
        journal: (*lab.journal).clone(),
        build: lab.site.build.clone(),
        images,
        files: lab.dropped.as_ref().map_or_else(Vec::new, |(_, hashes)| hashes.clone()),
        ..(*lab.link).clone()
    }
}

/// What holds from power-on: as the link had it, and as the knobs were turned since, by whomever.
fn settings(lab: &Lab) -> Vec<(String, String)> {
    let mut cfg = lab.link.cfg.clone();
    for knob in lab.session.knobs.iter().filter(|knob| !knob.live) {
        let first = lab.first_knobs.iter().find(|(key, _)| *key == knob.key);
        if first.is_some_and(|(_, value)| *value != knob.value) {
            cfg.retain(|(key, _)| *key != knob.key);
            cfg.push((knob.key.clone(), knob.value.clone()));
        }
    }
    cfg
}

/// Where the machine in focus is: by its interrupt's exit, else by its event, else by time.
fn anchor(lab: &Lab) -> String {
    let Some(side) = lab.focused() else { return String::new() };
    let Some(event) = lab.frame.selection.event else { return units::anchor(side.time) };
    let exit = side.life.as_ref().and_then(|life| {
        let place = life.exits.iter().position(|exit| exit.event == event)?;
        Some(format!("nic:{}/exit.{}", life.number, place + 1))
    });
    exit.unwrap_or_else(|| format!("#{event}"))
}
