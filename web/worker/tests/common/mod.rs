//! What every test of a session needs: the Lab's own scenario, and a loop that works.

#![allow(dead_code, missing_docs)]

use lab_protocol::{Command, Frame, Setup, Views, encode};
use lab_worker::Session;
use observe::scenario::bundle::Bundle;

fn root(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

/// The Lab's scenario.
pub fn bundle() -> Bundle {
    let text =
        |name: &str| std::fs::read_to_string(root(&format!("examples/scenarios/{name}.toml"))).unwrap();
    Bundle::parse(&text("lab"), &text("compare")).unwrap()
}

/// A guest's image; none where guests are not built.
pub fn image(name: &str) -> Option<Vec<u8>> {
    let path = root(&format!("target/guests/{name}"));
    let bytes = std::fs::read(&path).ok();
    let required = std::env::var("EXITLESS_REQUIRE_ALL").is_ok_and(|v| v == "1");
    assert!(bytes.is_some() || !required, "{path} is missing: cargo xtask guests");
    bytes
}

/// The Lab's scenario with its images.
pub fn setup() -> Option<Setup> {
    let bundle = bundle();
    let names = bundle.modes.iter().flat_map(|m| [Some(&m.image), m.module.as_ref()]).flatten();
    let names: std::collections::BTreeSet<_> = names.collect();
    let images = names.iter().map(|name| Some((name.to_string(), image(name)?)));
    Some(Setup { scenario: encode(&bundle), images: images.collect::<Option<_>>()?, ..Setup::default() })
}

/// A session at its first moment.
pub fn loaded() -> Option<(Session, Frame)> {
    let mut session = Session::default();
    session.command(1, Command::Load(Box::new(setup()?)));
    let frame = settle(&mut session);
    Some((session, frame))
}

/// Works until there is nothing to do.
pub fn settle(session: &mut Session) -> Frame {
    while session.work(20_000) {}
    session.frame()
}

/// Gives a command and works until it is done.
pub fn does(session: &mut Session, command: Command) -> Frame {
    session.command(2, command);
    settle(session)
}

/// Everything open.
pub fn everything(from: u64, to: u64) -> Views {
    Views {
        timeline: Some(lab_protocol::TimelineWindow { from, to, columns: 900 }),
        log: Some(lab_protocol::LogWindow { first: None, rows: 40, kinds: u64::MAX }),
        inspect: Some(vec!["Local APIC".into(), "cpu0".into(), "cpu0/registers".into()]),
        code: Some(24),
        plots: Some(200),
    }
}
