//! What a link holds.

use lab_protocol::{Alignment, Input};

/// Everything that a link says. What it does not say is the scenario's own choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// A scenario's or a lesson's name; the catalogue's first scenario when empty.
    pub name: String,
    /// Where to go: an anchor; the prepared moment when empty.
    pub at: String,
    /// Parameters that hold from power-on.
    pub cfg: Vec<(String, String)>,
    /// The seed.
    pub seed: Option<u64>,
    /// The workload.
    pub workload: String,
    /// The modes, left one first.
    pub pair: Vec<String>,
    /// How much is shown.
    pub level: Level,
    /// Which surroundings the page has.
    pub mode: Mode,
    /// How fast virtual time goes.
    pub speed: Speed,
    /// Colours.
    pub theme: Theme,
    /// The language; English when empty.
    pub lang: String,
    /// How the machines are set beside each other; the session's own way when absent.
    pub align: Option<Alignment>,
    /// The machine in focus.
    pub side: u8,
    /// Panels that an embedding page asks for; the level's own when empty.
    pub panels: Vec<String>,
    /// Inputs at their times.
    pub journal: Vec<Input>,
    /// The build that made the link.
    pub build: String,
    /// The images' hashes, by name.
    pub images: Vec<(String, String)>,
    /// Files that the reader brought, and their hashes: they are asked for.
    pub files: Vec<(String, String)>,
}

impl Link {
    /// Whether it says where a run is to be, and so depends on the build that made it.
    pub fn names_a_moment(&self) -> bool {
        !self.at.is_empty() || !self.journal.is_empty()
    }
}

/// A word of a link with its meaning, in a table that is read both ways.
pub trait Words: Copy + PartialEq + 'static {
    /// Every word.
    const TABLE: &'static [(&'static str, Self)];

    /// The word for it.
    fn word(self) -> &'static str {
        Self::TABLE.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }

    /// What a word means.
    fn of(word: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }
}

/// How much is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// One sentence, two pictures, the bill.
    #[default]
    Story,
    /// With controls, the life bar, timeline and log.
    Explain,
    /// With state, code and plots.
    Inspect,
}

impl Words for Level {
    const TABLE: &'static [(&'static str, Level)] =
        &[("story", Level::Story), ("explain", Level::Explain), ("inspect", Level::Inspect)];
}

/// Which surroundings the page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The whole page.
    #[default]
    Full,
    /// Inside another page: no header, a link back.
    Embed,
    /// Pictures only: nothing to press.
    View,
    /// For a lecture: large type, no chrome, the next beat on Space.
    Lecture,
}

impl Words for Mode {
    const TABLE: &'static [(&'static str, Mode)] =
        &[("full", Mode::Full), ("embed", Mode::Embed), ("view", Mode::View), ("lecture", Mode::Lecture)];
}

/// Colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Words for Theme {
    const TABLE: &'static [(&'static str, Theme)] =
        &[("auto", Theme::Auto), ("light", Theme::Light), ("dark", Theme::Dark)];
}

impl Words for Alignment {
    const TABLE: &'static [(&'static str, Alignment)] =
        &[("time", Alignment::Time), ("interrupt", Alignment::Interrupt)];
}

/// How fast virtual time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// One event of the machine in focus a second.
    Event,
    /// Virtual picoseconds in a second of the reader's, at least 1.
    Rate(u64),
    /// As fast as it goes.
    Most,
}

impl Default for Speed {
    /// 1 us takes 2 s.
    fn default() -> Speed {
        Speed::Rate(500_000)
    }
}
