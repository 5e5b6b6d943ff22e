//! Reading a link.

use lab_protocol::{Alignment, Input};
use percent_encoding::percent_decode_str;

use super::link::{Level, Link, Mode, Speed, Theme, Words};

/// Fragments that are longer are not read, bytes.
const MOST: usize = 256 * 1024;
/// The longest single word, bytes.
const WORD: usize = 128;
/// The most entries of a list.
const ENTRIES: usize = 4096;

/// What in a link means nothing to this page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// A parameter that is not known: left out.
    Unknown(String),
    /// A parameter whose value makes no sense: left out.
    Nonsense(String, String),
    /// A version of links that is not known.
    Version(String),
    /// It does not begin with `#/`, or is too long to be a link.
    NoLink,
}

/// The link in a fragment, with or without its `#`, and what in it was left out. An empty fragment is
/// the page's own beginning.
pub fn parse(fragment: &str) -> (Link, Vec<Complaint>) {
    let text = fragment.strip_prefix('#').unwrap_or(fragment);
    if text.is_empty() || text == "/" {
        return (Link::default(), Vec::new());
    }
    let Some(text) = text.strip_prefix('/').filter(|text| text.len() <= MOST) else {
        return (Link::default(), vec![Complaint::NoLink]);
    };
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let mut link = Link::default();
    let mut complaints = Vec::new();
    match name(path) {
        Some(name) => link.name = name,
        None if path.is_empty() => {}
        None => complaints.push(Complaint::Nonsense("name".into(), short(path))),
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if let Err(complaint) = set(&mut link, key, value) {
            complaints.push(complaint);
        }
    }
    (link, complaints)
}

/// One parameter.
fn set(link: &mut Link, key: &str, value: &str) -> Result<(), Complaint> {
    let understood = match key {
        "at" => word(value).map(|v| link.at = v),
        "cfg" => pairs(value).map(|v| link.cfg = v),
        "seed" => number(value).map(|v| link.seed = Some(v)),
        "work" => name(value).map(|v| link.workload = v),
        "pair" => names(value).filter(|v| v.len() <= 2).map(|v| link.pair = v),
        "level" => Level::of(value).map(|v| link.level = v),
        "mode" => Mode::of(value).map(|v| link.mode = v),
        "speed" => speed(value).map(|v| link.speed = v),
        "theme" => Theme::of(value).map(|v| link.theme = v),
        "lang" => name(value).map(|v| link.lang = v),
        "align" => Alignment::of(value).map(|v| link.align = Some(v)),
        "side" => number(value).filter(|v| *v < 2).map(|v| link.side = v as u8),
        "panels" => names(value).map(|v| link.panels = v),
        "journal" => journal(value).map(|v| link.journal = v),
        "build" => name(value).map(|v| link.build = v),
        "images" => pairs(value).map(|v| link.images = v),
        "files" => pairs(value).map(|v| link.files = v),
        "v" if value == "1" => Some(()),
        "v" => return Err(Complaint::Version(short(value))),
        _ => return Err(Complaint::Unknown(short(key))),
    };
    understood.ok_or_else(|| Complaint::Nonsense(short(key), short(value)))
}

/// A text of printable characters.
fn word(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    (text.len() <= WORD && !text.chars().any(char::is_control)).then(|| text.into_owned())
}

/// A name: letters, digits, `.`, `-`, `_`.
fn name(text: &str) -> Option<String> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    word(text).filter(|text| !text.is_empty() && text.chars().all(known))
}

/// Names with commas between them.
fn names(text: &str) -> Option<Vec<String>> {
    entries(text)?.map(name).collect()
}

/// `key:value`, with commas between them.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |entry: &str| {
        let (key, value) = entry.split_once(':')?;
        Some((word(key)?, word(value)?))
    };
    entries(text)?.map(pair).collect()
}

/// `time:key:value`, with commas between them; times do not fall.
fn journal(text: &str) -> Option<Vec<Input>> {
    let input = |entry: &str| {
        let mut parts = entry.splitn(3, ':');
        let time = parts.next()?.parse().ok()?;
        Some(Input { time, key: name(parts.next()?)?, value: word(parts.next()?)? })
    };
    let inputs: Vec<Input> = entries(text)?.map(input).collect::<Option<_>>()?;
    inputs.is_sorted_by_key(|input| input.time).then_some(inputs)
}

/// A list's entries, when they are not too many.
fn entries(text: &str) -> Option<impl Iterator<Item = &str>> {
    let entries = || text.split(',').filter(|entry| !entry.is_empty());
    (entries().count() <= ENTRIES).then(entries)
}

/// Decimal, or hexadecimal with `0x`.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// `event`, `max`, or virtual time in a second: `500ns`.
fn speed(text: &str) -> Option<Speed> {
    match text {
        "event" => return Some(Speed::Event),
        "max" => return Some(Speed::Most),
        _ => {}
    }
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (amount, unit) = text.split_at_checked(digits)?;
    let (_, scale) = super::format::UNITS.iter().find(|(name, _)| *name == unit)?;
    let rate = amount.parse::<u64>().ok()?.checked_mul(*scale)?;
    (rate > 0).then_some(Speed::Rate(rate))
}

/// The beginning of a text, for a complaint.
fn short(text: &str) -> String {
    let text = percent_decode_str(text).decode_utf8_lossy();
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
