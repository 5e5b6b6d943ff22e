//! The whole way of an interrupt as one line, with a stop for each step: where a token is.

use lab_protocol::{StepKind, Token, TokenKind};

use super::course::Course;
use super::layout::Layout;
use super::routes::{Route, Way};
use crate::views::geometry::{Path, Point, Rect};

/// The way of an interrupt, and how far along it each step is.
#[derive(Clone, Debug)]
pub struct Track {
    path: Path,
    stops: Vec<(StepKind, f32)>,
    wire: Path,
    exit: Path,
    /// The right edge of the box that a token leaves.
    leave: f32,
}

/// Where a token rests at a box: on its lower edge, off its name.
fn dock(part: Rect) -> Point {
    Point::new(part.middle().x, part.bottom())
}

impl Track {
    /// The track through a picture's ways.
    pub fn new(it: &Layout, course: Course, routes: &[Route]) -> Self {
        let way = |way| routes.iter().find(|r| r.way == way).map(|r| r.path.clone()).unwrap_or_default();
        let mut track = Self {
            path: Path::from(dock(it.nic)),
            stops: vec![(StepKind::Packet, 0.0), (StepKind::Raised, 0.0)],
            wire: way(Way::Packet),
            exit: way(Way::EoiExit),
            leave: it.nic.right(),
        };
        track.to(StepKind::Message, Point::new(it.nic.right() + 2.0, it.nic.middle().y));
        track.through(it.iommu, StepKind::Remapped);
        track.through(it.apic, StepKind::Pending);
        if course.arrival_exits {
            track
                .over(&way(Way::ArrivalExit), &[(StepKind::ArrivalExit, 0.45), (StepKind::HostHandler, 1.0)]);
            track.over(&way(Way::Injection), &[(StepKind::Injected, 0.0), (StepKind::Delivered, 1.0)]);
        } else {
            track.over(&way(Way::Straight), &[(StepKind::Delivered, 1.0)]);
        }
        track.to(StepKind::Handler, dock(it.handler));
        if course.eoi_exits {
            track.over(&way(Way::EoiExit), &[(StepKind::EoiExit, 0.5), (StepKind::Eoi, 1.0)]);
            track.over(&way(Way::Entry), &[(StepKind::Resumed, 1.0)]);
        } else {
            track.over(&way(Way::Eoi), &[(StepKind::Eoi, 1.0)]);
        }
        track
    }

    /// Straight on to a stop.
    fn to(&mut self, stop: StepKind, point: Point) {
        self.path = std::mem::take(&mut self.path).line(point);
        self.stops.push((stop, self.path.length()));
    }

    /// Into a box from its left, to its dock.
    fn through(&mut self, part: Rect, stop: StepKind) {
        let middle = part.middle().y;
        let leave = Point::new(self.leave, middle);
        self.path = std::mem::take(&mut self.path).line(leave).line(Point::new(part.x, middle));
        self.leave = part.right();
        self.to(stop, dock(part));
    }

    /// Along a way, with stops at shares of it.
    fn over(&mut self, way: &Path, stops: &[(StepKind, f32)]) {
        let start = self.path.length() + self.path.end().distance(way.at(0.0));
        self.path = std::mem::take(&mut self.path).then(way);
        self.stops.extend(stops.iter().map(|(kind, share)| (*kind, start + way.length() * share)));
    }

    /// How far along a step is: its own stop, or the last one before it in a life.
    fn stop(&self, kind: StepKind) -> f32 {
        self.stops.iter().filter(|(k, _)| *k <= kind).map(|(_, d)| *d).fold(0.0, f32::max)
    }

    /// Where a token is. With less motion it stands at its step.
    pub fn place(&self, token: &Token, still: bool) -> Point {
        let share = if still { 0.0 } else { f32::from(token.permille.min(1000)) / 1000.0 };
        if token.kind == TokenKind::Packet {
            // One that no interrupt follows leaves, the other way.
            let along = if token.next.is_none() { 1.0 - share } else { share };
            return self.wire.at(self.wire.length() * if still { 0.5 } else { along });
        }
        if token.kind == TokenKind::Exit && token.life == 0 && self.exit.length() > 0.0 {
            return self.exit.at(self.exit.length() * if still { 0.5 } else { share });
        }
        let from = self.stop(token.at);
        let to = token.next.map_or(from, |next| self.stop(next));
        self.path.at(from + (to - from) * share)
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::layout;
    use super::super::routes::routes;
    use super::*;
    use StepKind::*;

    const THROUGH: Course = Course { has_host: true, arrival_exits: true, eoi_exits: true };
    const STRAIGHT: Course = Course { has_host: true, arrival_exits: false, eoi_exits: false };

    fn track(course: Course) -> (Layout, Track) {
        let it = layout(640.0, course, true);
        let routes = routes(&it, course);
        let track = Track::new(&it, course, &routes);
        (it, track)
    }

    fn token(at: StepKind, next: Option<StepKind>, permille: u16) -> Token {
        Token { kind: TokenKind::Interrupt, life: 1, vector: None, at, next, permille }
    }

    #[test]
    fn at_each_step_a_token_is_at_its_part() {
        let (it, track) = track(THROUGH);
        let host = it.host.unwrap_or_default();
        for (step, part) in [
            (Raised, it.nic),
            (Remapped, it.iommu),
            (Pending, it.apic),
            (Handler, it.handler),
            (Injected, host),
            (Resumed, it.guest),
        ] {
            let p = track.place(&token(step, None, 0), false);
            assert!(part.holds(p), "{step:?} at {p:?}, not in {part:?}");
        }
    }

    #[test]
    fn a_token_only_goes_forward() {
        let life = [
            Raised,
            Message,
            Remapped,
            Pending,
            ArrivalExit,
            HostHandler,
            Injected,
            Delivered,
            Handler,
            EoiExit,
            Eoi,
            Resumed,
        ];
        let (_, track) = track(THROUGH);
        for pair in life.windows(2) {
            assert!(track.stop(pair[0]) < track.stop(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn straight_to_the_guest_never_enters_the_host() {
        let (it, track) = track(STRAIGHT);
        let host = it.host.unwrap_or_default();
        for (at, next) in [(Raised, Pending), (Pending, Delivered), (Delivered, Handler), (Handler, Eoi)] {
            for permille in (0..=1000).step_by(20) {
                assert!(!host.holds(track.place(&token(at, Some(next), permille), false)));
            }
        }
    }

    #[test]
    fn with_less_motion_a_token_jumps() {
        let (_, track) = track(THROUGH);
        let stood = track.place(&token(Pending, Some(ArrivalExit), 0), false);
        assert_eq!(track.place(&token(Pending, Some(ArrivalExit), 700), true), stood);
        assert_ne!(track.place(&token(Pending, Some(ArrivalExit), 700), false), stood);
    }

    #[test]
    fn a_strange_token_stays_in_the_picture() {
        let (it, track) = track(STRAIGHT);
        for (at, next) in [(ArrivalExit, Some(Injected)), (Ended, None), (Resumed, Some(Raised))] {
            let p = track.place(&token(at, next, u16::MAX), false);
            assert!(p.x >= 0.0 && p.x <= it.size.0 && p.y >= 0.0 && p.y <= it.size.1, "{at:?} {p:?}");
        }
    }
}
