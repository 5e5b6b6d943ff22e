//! Writing a link.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::link::{Level, Link, Mode, Speed, Theme, Words};

/// The longest fragment that a link may have, bytes; beyond that a file holds it.
pub const LONGEST: usize = 2048;

/// Units of virtual time, picoseconds, greatest first.
pub(super) const UNITS: [(&str, u64); 5] =
    [("s", 1_000_000_000_000), ("ms", 1_000_000_000), ("us", 1_000_000), ("ns", 1_000), ("ps", 1)];

/// What a name or a list's entry may hold as it is.
const ENTRY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What a whole value may hold as it is.
const VALUE: &AsciiSet = &ENTRY.remove(b':').remove(b'/').remove(b'=').remove(b'+');

/// A link that does not fit: how many bytes it would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong(pub usize);

impl Link {
    /// The fragment, with its `#`, as long as it is.
    pub fn fragment(&self) -> String {
        let mut text = format!("#/{}?", entry(&self.name));
        for (key, value) in self.parameters() {
            if !value.is_empty() {
                text.push_str(&format!("{key}={value}&"));
            }
        }
        text.push_str("v=1");
        text
    }

    /// The fragment, when it fits into a link.
    pub fn short_fragment(&self) -> Result<String, TooLong> {
        let text = self.fragment();
        if text.len() > LONGEST { Err(TooLong(text.len())) } else { Ok(text) }
    }

    /// Every parameter, encoded; an empty one is not written.
    fn parameters(&self) -> [(&'static str, String); 17] {
        let journal =
            self.journal.iter().map(|i| format!("{}:{}:{}", i.time, entry(&i.key), entry(&i.value)));
        [
            ("at", utf8_percent_encode(&self.at, VALUE).to_string()),
            ("cfg", pairs(&self.cfg)),
            ("seed", self.seed.map(|seed| seed.to_string()).unwrap_or_default()),
            ("work", entry(&self.workload)),
            ("pair", list(&self.pair)),
            ("level", unless_default(self.level, Level::default())),
            ("mode", unless_default(self.mode, Mode::default())),
            ("speed", speed(self.speed)),
            ("theme", unless_default(self.theme, Theme::default())),
            ("lang", entry(&self.lang)),
            ("align", self.align.map_or("", Words::word).to_string()),
            ("side", if self.side == 0 { String::new() } else { self.side.to_string() }),
            ("panels", list(&self.panels)),
            ("journal", journal.collect::<Vec<_>>().join(",")),
            ("build", entry(&self.build)),
            ("images", pairs(&self.images)),
            ("files", pairs(&self.files)),
        ]
    }
}

fn entry(text: &str) -> String {
    utf8_percent_encode(text, ENTRY).to_string()
}

fn list(entries: &[String]) -> String {
    entries.iter().map(|text| entry(text)).collect::<Vec<_>>().join(",")
}

fn pairs(entries: &[(String, String)]) -> String {
    entries
        .iter()
        .map(|(key, value)| format!("{}:{}", entry(key), entry(value)))
        .collect::<Vec<_>>()
        .join(",")
}

fn unless_default<T: Words>(value: T, default: T) -> String {
    if value == default { String::new() } else { value.word().to_string() }
}

fn speed(speed: Speed) -> String {
    match speed {
        speed if speed == Speed::default() => String::new(),
        Speed::Event => "event".into(),
        Speed::Most => "max".into(),
        Speed::Rate(rate) => {
            let unit = UNITS.iter().find(|(_, scale)| rate.is_multiple_of(*scale));
            unit.map_or_else(String::new, |(name, scale)| format!("{}{name}", rate / scale))
        }
    }
}
