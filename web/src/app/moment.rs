//! The link that brings another reader to where this one is.

use crate::links::Link;
use crate::store::Lab;
use crate::units;

/// Digits of an image's hash that a link holds.
const HASH_DIGITS: usize = 12;

/// The link of what is shown now: its moment, its inputs, and what it was made with.
pub fn link_of_now(lab: &Lab) -> Link {
    let offer = lab.site.scenario(&lab.link.name);
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
        align: lab.frame.alignment,
        journal: (*lab.journal).clone(),
        build: lab.site.build.clone(),
        images,
        files: lab.dropped.iter().map(|(dropped, hash)| (dropped.name.clone(), hash.clone())).collect(),
        ..(*lab.link).clone()
    }
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
