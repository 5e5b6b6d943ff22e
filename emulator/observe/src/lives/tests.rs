//! Interrupts as sentences of records, and the names of moments.

use super::*;

/// A trace that a test writes step by step, a nanosecond apart.
#[derive(Default)]
struct Story {
    lives: Lives,
    records: Vec<Record>,
}

impl Story {
    fn is(&mut self, kind: Kind, life: u32, a: u64, b: u64) -> &mut Story {
        let time = Time::ns(self.records.len() as u64);
        let record = Record { time, a, b, life: LifeId(life), kind, cpu: 0 };
        self.lives.push(&record);
        self.records.push(record);
        self
    }

    fn raised(&mut self, life: u32) -> &mut Story {
        let (a, b) = Origin::Device { source: NIC, vector: 0 }.words();
        self.is(Kind::Raised, life, a, b).is(Kind::Pending, life, 0, 0x51)
    }

    fn life(&self, text: &str) -> &Life {
        let Ok(Anchor::Life { class, number, .. }) = text.parse() else { panic!("{text}") };
        self.lives.numbered(class, number).unwrap_or_else(|| panic!("no {text}"))
    }
}

const EXIT: u64 = 1 | 3 << 32;
const INJECT: u64 = 0x8000_0000 | 0x41;

/// Through the host: exit, the host's EOI, injection, the guest's EOI with another exit.
fn through_the_host(story: &mut Story, life: u32) {
    story.raised(life).is(Kind::Acknowledged, life, 1, 0x51).is(Kind::VmExit, life, EXIT, 0);
    story.is(Kind::Eoi, life, 0, 0x51).is(Kind::VmEntry, 0, INJECT, 0).is(Kind::Injected, life, INJECT, 0);
    story.is(Kind::Delivered, life, 0x2000, 0x141).is(Kind::VmExit, life, EXIT, 0);
    story.is(Kind::VirtualEoi, life, 0, 0x41).is(Kind::VmEntry, 0, 0, 0);
}

#[test]
fn a_life_through_the_host_has_two_exits_and_ends_by_the_virtual_eoi() {
    let mut story = Story::default();
    through_the_host(&mut story, 9);
    let life = story.life("nic:1");
    assert_eq!((life.exits, life.vector, life.injected_as), (2, Some(0x51), Some(0x41)));
    assert_eq!(life.lost, Time::ns(2 + 2));
    assert_eq!(life.end, Some((Time::ns(9), End::EoiGuest)));
    assert_eq!(life.latency(), Some(Time::ns(7)));
}

#[test]
fn a_life_straight_to_the_guest_ends_by_its_eoi() {
    let mut story = Story::default();
    story.is(Kind::VmEntry, 0, 0, 0).raised(1).is(Kind::Acknowledged, 1, 1, 0x51);
    story.is(Kind::Delivered, 1, 0x2000, 0x151).is(Kind::Eoi, 1, 1, 0x51);
    let life = story.life("nic:1");
    assert_eq!((life.exits, life.lost), (0, Time::ZERO));
    assert_eq!(life.end, Some((Time::ns(5), End::EoiGuest)));
}

#[test]
fn what_the_host_does_not_pass_on_is_superseded_by_the_next() {
    let mut story = Story::default();
    story.is(Kind::VmEntry, 0, 0, 0).raised(1).is(Kind::Acknowledged, 1, 0, 0x51).is(Kind::Eoi, 1, 0, 0x51);
    assert_eq!(story.life("nic:1").end, None, "it may still be injected");
    story.raised(2).is(Kind::Acknowledged, 2, 0, 0x51);
    assert_eq!(story.life("nic:1").end.map(|(_, end)| end), Some(End::Superseded));
}

#[test]
fn without_a_host_the_eoi_ends_it() {
    let mut story = Story::default();
    story.raised(1).is(Kind::Acknowledged, 1, 0, 0x51).is(Kind::Eoi, 1, 0, 0x51);
    assert_eq!(story.life("nic:1").end.map(|(_, end)| end), Some(End::EoiHost));
}

#[test]
fn each_record_has_an_anchor_that_leads_back_to_it() {
    let mut story = Story::default();
    through_the_host(&mut story, 3);
    through_the_host(&mut story, 4);
    for (i, record) in story.records.iter().enumerate() {
        let text = story.lives.anchor(i as u64, record).to_string();
        let anchor: Anchor = text.parse().unwrap();
        assert_eq!(story.lives.index_of(&anchor), Some(i as u64), "{text}");
    }
    let names =
        [("nic:2/exit.1", 14), ("nic:1/exit", 3), ("nic:1/eoi", 9), ("nic:1/eoi.1", 4), ("nic:2", 11)];
    for (text, index) in names {
        assert_eq!(story.lives.index_of(&text.parse().unwrap()), Some(index), "{text}");
    }
    for text in ["nic:3", "nic:1/exit.3", "nic:1/blocked", "#22", "t=1us"] {
        assert_eq!(story.lives.index_of(&text.parse().unwrap()), None, "{text}");
    }
}

#[test]
fn times_are_read_exactly_and_nonsense_is_refused_with_what_was_expected() {
    let time = |text: &str| text.parse::<Anchor>();
    assert_eq!(time("t=1204.318us"), Ok(Anchor::Time(Time(1_204_318_000))));
    assert_eq!(time("t=20ms"), Ok(Anchor::Time(Time::ms(20))));
    assert_eq!(Anchor::Time(Time(1_204_318_000)).to_string(), "t=1204.318us");
    assert_eq!(Anchor::Time(Time::us(7)).to_string(), "t=7us");
    let rows = [
        ("", "names no moment"),
        ("t=", "names no moment"),
        ("t=1.0000001us", "names no moment"),
        ("t=99999999999999s", "names no moment"),
        ("#-1", "names no moment"),
        ("nick:1", "nic, device, timer"),
        ("nic:0", "not a number"),
        ("nic:1/exits", "raised, message"),
        ("nic:1/exit.x", "not a number"),
    ];
    for (text, expected) in rows {
        let error = text.parse::<Anchor>().unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
