//! A side's whole run in a format of another tool: made once more from power-on, for the exporter to hear.

use std::convert::Infallible;

use emulator::time::Time;
use lab_protocol::{Export, File, Notice};
use observe::export::{Exporter, Facts, Format};
use observe::feed::Feed;
use observe::travel::Position;

use super::Session;
use super::tasks::{Piece, Task, slice};
use crate::side::Side;

/// Bytes of a file at most: it stands in memory until the reader has it.
const MOST: usize = 64 << 20;
/// Looks at the machine in one piece of work at most.
const LOOKS: u32 = 64;

/// An export, under way.
pub struct Exporting {
    side: usize,
    /// Of the command that asked for it.
    serial: u32,
    format: Format,
    exporter: Box<dyn Exporter>,
    feed: Feed,
    out: Vec<u8>,
    /// Where the cursor was, and how far the run went; none before it is begun.
    places: Option<(Position, Time)>,
}

fn format(export: Export) -> Format {
    match export {
        Export::Perfetto => Format::Perfetto,
        Export::Chrome => Format::Chrome,
        Export::PerfKvm => Format::PerfKvm,
        Export::Pcapng => Format::Pcapng,
        Export::Vcd => Format::Vcd,
        Export::Ftrace => Format::Ftrace,
        Export::Stacks => Format::Stacks,
    }
}

impl Session {
    pub(super) fn export(&mut self, side: usize, export: Export) {
        self.pause();
        let Some(machine) = self.sides.get(side) else {
            return self.say(format!("there is no machine {side}"), true);
        };
        let facts = Facts {
            title: machine.words.setup.title.clone(),
            writer: concat!("exitless ", env!("CARGO_PKG_VERSION")).to_string(),
            cpus: machine.travel().machine().processors(),
            tsc_hz: machine.hz,
        };
        let format = format(export);
        let feed = Feed::new(std::iter::once(format), machine.words.symbols.clone());
        let (mut exporter, mut out) = (format.exporter(&facts), Vec::new());
        exporter.begin(&mut out);
        let export = Exporting { side, serial: self.serial, format, exporter, feed, out, places: None };
        self.tasks.push_back(Task::Export(Box::new(export)));
    }

    pub(super) fn export_piece(&mut self, export: &mut Exporting, instructions: u64) -> Piece {
        let Some(side) = self.sides.get_mut(export.side) else { return Piece::Done };
        if !export.piece(side, instructions) {
            return Piece::More;
        }
        export.come_back(side);
        if export.out.len() > MOST {
            let most = MOST >> 20;
            return Piece::Never(format!(
                "the file would be larger than {most} MiB; the command line writes any"
            ));
        }
        let name = format!("run-{}.{}", side.words.setup.mode, export.format.extension());
        let (name, bytes) = (name.replace("-.", "."), std::mem::take(&mut export.out));
        self.file = Some(File { serial: export.serial, name, bytes });
        Piece::Done
    }

    /// An export that is given up leaves the cursor where it found it.
    pub(super) fn drop_export(&mut self, mut export: Exporting) {
        if let Some(side) = self.sides.get_mut(export.side) {
            export.come_back(side);
        }
        let text = "the file was given up for something else".to_string();
        self.notice = Some(Notice { text, wrong: true, serial: export.serial });
    }
}

impl Exporting {
    /// Goes on for about so many instructions; true when there is nothing more to hear.
    fn piece(&mut self, side: &mut Side, instructions: u64) -> bool {
        let (_, end) = *self.places.get_or_insert_with(|| {
            let places = (side.position(), side.travel().frontier().time);
            side.hear_from_the_beginning(self.feed.listen());
            places
        });
        let until = side.now().plus(slice(side, instructions)).min(end);
        for _ in 0..LOOKS {
            if side.now() >= end || self.out.len() > MOST {
                self.exporter.finish(side.now().0, &mut self.out);
                return true;
            }
            if side.now() >= until {
                break;
            }
            let to = side.now().plus(self.feed.slice()).min(end);
            let (heard, stopped) = side.hear(to);
            for event in heard {
                self.exporter.event(&event.as_event(), &mut self.out);
            }
            let (exporter, out) = (&mut self.exporter, &mut self.out);
            let sampled: Result<(), Infallible> = self.feed.sample(side.travel().machine(), |event| {
                exporter.event(event, out);
                Ok(())
            });
            let Ok(()) = sampled;
            if stopped {
                self.exporter.finish(side.now().0, &mut self.out);
                return true;
            }
        }
        false
    }

    fn come_back(&mut self, side: &mut Side) {
        if let Some((here, _)) = self.places.take() {
            side.hear_no_more(&here);
        }
    }

    /// Of which machine.
    pub(super) fn side(&self) -> usize {
        self.side
    }

    /// How far it is, in thousandths.
    pub(super) fn progress(&self, side: &Side) -> u64 {
        let Some((_, end)) = self.places else { return 0 };
        (u128::from(side.now().0) * 1000 / u128::from(end.0.max(1))) as u64
    }
}
