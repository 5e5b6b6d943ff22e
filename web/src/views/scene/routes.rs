//! The ways through the picture, numbered in the order of an interrupt's life.

use lab_protocol::StepKind;

use super::course::Course;
use super::layout::Layout;
use crate::views::geometry::{Path, Point, Rect};

/// What a way is, for its colour and its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Packets.
    Packet,
    /// The interrupt's message.
    Message,
    /// The interrupt leaves the guest for the host.
    ArrivalExit,
    /// The host hands it down.
    Injection,
    /// Straight through the IDT.
    Straight,
    /// The EOI leaves the guest for the host.
    EoiExit,
    /// The host goes back to the guest.
    Entry,
    /// The EOI, straight to the APIC.
    Eoi,
}

/// One way.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// What it is.
    pub way: Way,
    /// Its number, from 1, for those that tell the difference.
    pub number: Option<u8>,
    /// Where it goes.
    pub path: Path,
    /// Where its number stands.
    pub badge: Point,
    /// The steps from which and to which it leads.
    pub steps: (StepKind, StepKind),
}

/// Every way of a course.
pub fn routes(it: &Layout, course: Course) -> Vec<Route> {
    let mut routes = vec![
        route(Way::Packet, line(it.wire, left(it.nic)), (StepKind::Packet, StepKind::Raised)),
        route(Way::Message, line(right(it.nic), left(it.iommu)), (StepKind::Message, StepKind::Remapped)),
        route(Way::Message, line(right(it.iommu), left(it.apic)), (StepKind::Remapped, StepKind::Pending)),
    ];
    let floors = Shafts::of(it, course);
    let mut numbered = Vec::new();
    if course.arrival_exits {
        numbered.push((Way::ArrivalExit, up(it), (StepKind::Pending, StepKind::HostHandler)));
        numbered.push((Way::Injection, floors.down(0), (StepKind::Injected, StepKind::Delivered)));
    } else {
        numbered.push((Way::Straight, straight_in(it, course), (StepKind::Pending, StepKind::Delivered)));
    }
    if course.eoi_exits {
        numbered.push((Way::EoiExit, floors.up(), (StepKind::EoiExit, StepKind::Eoi)));
        numbered.push((Way::Entry, floors.down(2), (StepKind::Eoi, StepKind::Resumed)));
    } else {
        numbered.push((Way::Eoi, straight_out(it), (StepKind::Handler, StepKind::Eoi)));
    }
    for (number, (way, path, steps)) in (1..).zip(numbered) {
        let badge = badge(it, way, &path);
        routes.push(Route { number: Some(number), badge, ..route(way, path, steps) });
    }
    routes
}

fn route(way: Way, path: Path, steps: (StepKind, StepKind)) -> Route {
    Route { way, number: None, path, badge: Point::default(), steps }
}

fn line(from: Point, to: Point) -> Path {
    Path::from(from).line(to)
}

/// A little outside the edge, so that arrows do not touch boxes.
fn left(r: Rect) -> Point {
    Point::new(r.x - 2.0, r.middle().y)
}

fn right(r: Rect) -> Point {
    Point::new(r.right() + 2.0, r.middle().y)
}

/// From the APIC past the guest up to the host.
fn up(it: &Layout) -> Path {
    let host = it.host.unwrap_or(it.guest);
    let start = Point::new(it.apic.middle().x, it.apic.y - 2.0);
    if it.narrow {
        let x = it.size.0 - 21.0;
        return line(Point::new(x, start.y), Point::new(x, host.bottom() + 2.0));
    }
    let end = Point::new(host.x - 2.0, host.middle().y);
    let bend = Point::new(start.x, end.y + (start.y - end.y) * 0.25);
    Path::from(start).curve(bend, Point::new(start.x + (end.x - start.x) * 0.2, end.y), end)
}

/// From the APIC into the handler.
fn straight_in(it: &Layout, course: Course) -> Path {
    if it.narrow {
        let x = if course.eoi_exits { it.apic.middle().x } else { it.apic.right() - 16.0 };
        return line(Point::new(x, it.apic.y - 2.0), Point::new(x, it.handler.bottom() + 2.0));
    }
    let y = it.handler.y + if course.eoi_exits { 21.0 } else { 11.0 };
    line(Point::new(it.apic.right() + 2.0, y), Point::new(it.handler.x - 2.0, y))
}

/// From the handler to the APIC.
fn straight_out(it: &Layout) -> Path {
    if it.narrow {
        let x = it.apic.x + 16.0;
        return line(Point::new(x, it.handler.bottom() + 2.0), Point::new(x, it.apic.y - 2.0));
    }
    let y = it.handler.bottom() - 11.0;
    line(Point::new(it.handler.x - 2.0, y), Point::new(it.apic.right() + 2.0, y))
}

/// Three shafts between the floors.
struct Shafts {
    x: [f32; 3],
    host: f32,
    handler: f32,
}

impl Shafts {
    fn of(it: &Layout, course: Course) -> Self {
        let shares = match (course.arrival_exits, it.narrow) {
            (true, false) => [0.17, 0.5, 0.83],
            (true, true) => [0.83, 0.5, 0.17],
            (false, _) => [0.0, 0.3, 0.7],
        };
        let host = it.host.unwrap_or(it.guest);
        Self {
            x: shares.map(|share| it.handler.x + it.handler.w * share),
            host: host.bottom(),
            handler: it.handler.y,
        }
    }

    fn down(&self, i: usize) -> Path {
        let x = self.x.get(i).copied().unwrap_or_default();
        line(Point::new(x, self.host - 12.0), Point::new(x, self.handler - 2.0))
    }

    fn up(&self) -> Path {
        line(Point::new(self.x[1], self.handler - 2.0), Point::new(self.x[1], self.host - 12.0))
    }
}

/// Where a way's number stands: on it where there is air, else beside it.
fn badge(it: &Layout, way: Way, path: &Path) -> Point {
    let beside = |dx, dy| {
        let middle = path.at(path.length() / 2.0);
        Point::new(middle.x + dx, middle.y + dy)
    };
    let between = it.host.map_or(0.0, |host| (host.bottom() + it.guest.y) / 2.0);
    match way {
        Way::ArrivalExit if it.narrow => Point::new(path.end().x, between),
        Way::ArrivalExit => path.at(path.length() * 0.42),
        Way::Injection | Way::EoiExit | Way::Entry => Point::new(path.end().x, between),
        _ if it.narrow => Point::new(path.end().x, (it.guest.bottom() + it.apic.y) / 2.0),
        Way::Straight => Point::new((it.apic.right() + it.guest.x) / 2.0, path.end().y - 22.0),
        Way::Eoi => Point::new((it.apic.right() + it.guest.x) / 2.0, path.end().y + 22.0),
        Way::Packet | Way::Message => beside(0.0, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::{BADGE, layout};
    use super::*;

    const THROUGH: Course = Course { has_host: true, arrival_exits: true, eoi_exits: true };
    const MIXED: Course = Course { has_host: true, arrival_exits: false, eoi_exits: true };
    const STRAIGHT: Course = Course { has_host: true, arrival_exits: false, eoi_exits: false };
    const BARE: Course = Course { has_host: false, arrival_exits: false, eoi_exits: false };

    fn numbered(width: f32, course: Course) -> Vec<Route> {
        routes(&layout(width, course, true), course).into_iter().filter(|r| r.number.is_some()).collect()
    }

    #[test]
    fn ways_are_numbered_in_the_order_of_a_life() {
        for (course, ways) in [
            (THROUGH, vec![Way::ArrivalExit, Way::Injection, Way::EoiExit, Way::Entry]),
            (MIXED, vec![Way::Straight, Way::EoiExit, Way::Entry]),
            (STRAIGHT, vec![Way::Straight, Way::Eoi]),
            (BARE, vec![Way::Straight, Way::Eoi]),
        ] {
            for width in [300.0, 640.0] {
                let found: Vec<_> = numbered(width, course).iter().map(|r| (r.number, r.way)).collect();
                let wanted: Vec<_> = (1..).map(Some).zip(ways.iter().copied()).collect();
                assert_eq!(found, wanted);
            }
        }
    }

    #[test]
    fn numbers_stay_inside_the_picture_and_apart() {
        for width in (28..77).map(|tens| tens as f32 * 10.0) {
            for course in [THROUGH, MIXED, STRAIGHT, BARE] {
                let size = layout(width, course, true).size;
                let badges: Vec<_> = numbered(width, course).iter().map(|r| r.badge).collect();
                for (i, a) in badges.iter().enumerate() {
                    assert!(a.x > BADGE && a.x < size.0 - BADGE / 2.0 && a.y > BADGE && a.y < size.1 - BADGE);
                    let apart = badges.iter().skip(i + 1).all(|b| a.distance(*b) > 2.0 * BADGE + 2.0);
                    assert!(apart, "{width} {course:?} {badges:?}");
                }
            }
        }
    }

    #[test]
    fn ways_lead_from_part_to_part() {
        for width in [300.0, 480.0, 540.0, 700.0] {
            let it = layout(width, THROUGH, true);
            let near = |r: Rect, p: Point| Rect::new(r.x - 4.0, r.y - 4.0, r.w + 8.0, r.h + 8.0).holds(p);
            let host = it.host.unwrap_or_default();
            for r in routes(&it, THROUGH) {
                let end = r.path.end();
                let there = match r.way {
                    Way::Packet => near(it.nic, end),
                    Way::Message => near(it.iommu, end) || near(it.apic, end),
                    Way::ArrivalExit | Way::EoiExit => near(host, end),
                    _ => near(it.handler, end),
                };
                assert!(there, "{width} {:?} ends at {end:?}", r.way);
            }
        }
    }

    #[test]
    fn between_the_floors_there_is_air_for_a_number() {
        for width in [300.0, 640.0] {
            let it = layout(width, THROUGH, true);
            assert!(it.host.is_some_and(|host| it.guest.y - host.bottom() >= 2.0 * BADGE + 8.0));
        }
    }
}
