//! Links are read as they were written, and nonsense is refused.

use lab_protocol::{Alignment, Input};

use super::*;

fn full() -> Link {
    Link {
        name: "lab".into(),
        at: "nic:17/exit.1".into(),
        cfg: vec![("exit-cost".into(), "1.5".into()), ("message".into(), "a,b:c&d=e#f%".into())],
        seed: Some(u64::MAX),
        workload: "stream".into(),
        pair: vec!["one".into(), "two".into()],
        level: Level::Inspect,
        mode: Mode::Embed,
        speed: Speed::Rate(20_000_000),
        theme: Theme::Dark,
        lang: "de".into(),
        align: Some(Alignment::Interrupt),
        side: 1,
        panels: vec!["scene".into(), "bill".into()],
        journal: vec![
            Input { time: 5, key: "rate".into(), value: "10".into() },
            Input { time: 5, key: "rate".into(), value: "1 000 µs".into() },
        ],
        build: "0a1b".into(),
        images: vec![("net".into(), "ff00".into())],
        files: vec![("my kernel.elf".into(), "1234".into())],
    }
}

#[test]
fn a_link_is_read_as_it_was_written() {
    for link in [full(), Link::default(), Link { name: "lab".into(), ..Link::default() }] {
        let text = link.fragment();
        assert_eq!(parse(&text), (link.clone(), vec![]), "{text}");
        assert!(text.is_ascii(), "{text}");
    }
}

#[test]
fn each_speed_and_anchor_is_read_as_it_was_written() {
    let speeds = [Speed::Event, Speed::Most, Speed::Rate(1), Speed::Rate(1_500), Speed::Rate(3_000_000_000)];
    for speed in speeds {
        let link = Link { name: "x".into(), speed, ..Link::default() };
        assert_eq!(parse(&link.fragment()).0, link);
    }
    for at in ["t=1204.318us", "#12345", "nic:17/exit.1"] {
        let link = Link { name: "x".into(), at: at.into(), ..Link::default() };
        assert_eq!(parse(&link.fragment()).0.at, at);
    }
}

#[test]
fn an_empty_fragment_is_the_pages_beginning() {
    for text in ["", "#", "#/", "/"] {
        assert_eq!(parse(text), (Link::default(), vec![]), "{text}");
    }
}

#[test]
fn what_means_nothing_is_left_out_and_said() {
    let nonsense = |key: &str, value: &str| Complaint::Nonsense(key.into(), value.into());
    let rows = [
        ("#lab", Complaint::NoLink),
        ("#/la%00b", nonsense("name", "lab")),
        ("#/<script>", nonsense("name", "<script>")),
        ("#/lab?level=banana", nonsense("level", "banana")),
        ("#/lab?speed=-1us", nonsense("speed", "-1us")),
        ("#/lab?speed=0ns", nonsense("speed", "0ns")),
        ("#/lab?speed=99999999999999999999s", nonsense("speed", "99999999999999999999s")),
        ("#/lab?speed=99999999999999s", nonsense("speed", "99999999999999s")),
        ("#/lab?speed=é", nonsense("speed", "é")),
        ("#/lab?seed=18446744073709551616", nonsense("seed", "18446744073709551616")),
        ("#/lab?seed=0xfg", nonsense("seed", "0xfg")),
        ("#/lab?side=2", nonsense("side", "2")),
        ("#/lab?cfg=novalue", nonsense("cfg", "novalue")),
        ("#/lab?journal=2:a:1,1:a:1", nonsense("journal", "2:a:1,1:a:1")),
        ("#/lab?pair=a,b,c", nonsense("pair", "a,b,c")),
        ("#/lab?at=%FF", nonsense("at", "\u{fffd}")),
        ("#/lab?evil=1", Complaint::Unknown("evil".into())),
        ("#/lab?v=2", Complaint::Version("2".into())),
    ];
    for (text, complaint) in rows {
        assert_eq!(parse(text).1, vec![complaint], "{text}");
    }
}

#[test]
fn the_rest_of_a_link_with_nonsense_still_holds() {
    let (link, complaints) = parse("#/lab?level=banana&seed=7&theme=dark&v=1");
    assert_eq!((link.name.as_str(), link.seed, link.theme), ("lab", Some(7), Theme::Dark));
    assert_eq!(complaints.len(), 1);
}

#[test]
fn a_link_beyond_its_length_is_not_written_but_its_file_is_read() {
    let input = |time| Input { time, key: "rate".into(), value: "12345".into() };
    let link = Link { name: "lab".into(), journal: (0..300).map(input).collect(), ..Link::default() };
    let text = link.fragment();
    assert_eq!(link.short_fragment(), Err(TooLong(text.len())));
    assert!(text.len() > LONGEST);
    assert_eq!(parse(&text).0, link);
}

#[test]
fn no_bytes_make_reading_fail() {
    let mut seed = 0x9e37_79b9_u64;
    let alphabet: Vec<char> = "#/?&=:,%0f9lab.-µ\u{0}x".chars().collect();
    for _ in 0..20_000 {
        let mut text = String::from("#/");
        for _ in 0..24 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push(alphabet[(seed >> 33) as usize % alphabet.len()]);
        }
        let (link, _) = parse(&text);
        assert_eq!(parse(&link.fragment()).0, link, "{text}");
    }
}
