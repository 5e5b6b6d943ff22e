//! Where the parts of the picture are, for a width in pixels. One unit is one pixel, so no text ever shrinks.

use super::course::Course;
use crate::views::geometry::{Point, Rect};

/// Below this width the floors stand above the devices instead of beside them.
pub const NARROW: f32 = 520.0;
/// The narrowest picture.
pub const LEAST: f32 = 272.0;
/// The widest; beyond it the picture stays in the middle.
pub const MOST: f32 = 760.0;
/// A badge's radius.
pub const BADGE: f32 = 11.0;

/// Where everything is.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The picture's size.
    pub size: (f32, f32),
    /// Whether the floors stand above the devices.
    pub narrow: bool,
    /// Where packets come in, left of the NIC.
    pub wire: Point,
    /// The NIC.
    pub nic: Rect,
    /// The IOMMU.
    pub iommu: Rect,
    /// The local APIC.
    pub apic: Rect,
    /// The host's floor, when there is one.
    pub host: Option<Rect>,
    /// The guest's floor, or the only one.
    pub guest: Rect,
    /// What handles the interrupt in the guest.
    pub handler: Rect,
    /// Room for the APIC's vectors.
    pub chips: Rect,
    /// The width of the room at the upper left for the list of ways, where there is some.
    pub aside: Option<f32>,
}

/// The layout for a width and a way, with or without room for the APIC's vectors.
pub fn layout(width: f32, course: Course, chips: bool) -> Layout {
    let width = width.clamp(LEAST, MOST);
    if width < NARROW { narrow(width, course, chips) } else { wide(width, course, chips) }
}

/// Devices in a row, the processor's floors at their right.
fn wide(w: f32, course: Course, chips: bool) -> Layout {
    let device = (w * 0.148).clamp(84.0, 104.0);
    let gap = w * 0.052;
    let left = 26.0;
    let x = |i: f32| left + i * (device + gap);
    let (host_h, air, guest_h) = (82.0, 48.0, 116.0);
    let cpu = x(3.0) + 4.0;
    let guest_y = 1.0 + host_h + air;
    let guest = Rect::new(cpu, guest_y, w - cpu - 1.0, guest_h);
    let handler = Rect::new(cpu + 34.0, guest_y + 34.0, guest.w - 50.0, 42.0);
    let y = handler.middle().y - 32.0;
    let at = |i: f32| Rect::new(x(i), y, device, 64.0);
    Layout {
        size: (w, guest.bottom() + if chips { 14.0 } else { 4.0 }),
        narrow: false,
        wire: Point::new(4.0, y + 32.0),
        nic: at(0.0),
        iommu: at(1.0),
        apic: at(2.0),
        host: course.has_host.then(|| Rect::new(cpu, 1.0, guest.w, host_h)),
        guest,
        handler,
        aside: Some(x(2.0) + device / 2.0 - 24.0),
        chips: Rect::new(x(1.0), y + 78.0, device * 2.0 + gap, 26.0),
    }
}

/// The processor's floors above, devices in a row below, and at the right a shaft past the guest.
fn narrow(w: f32, course: Course, chips: bool) -> Layout {
    let (host_h, air, guest_h) = (64.0, 44.0, 92.0);
    let top = if course.has_host { 1.0 + host_h + air } else { 1.0 };
    let shaft = if course.arrival_exits { 44.0 } else { 0.0 };
    let guest = Rect::new(1.0, top, w - 2.0 - shaft, guest_h);
    let gap = w * 0.07;
    let left = 18.0;
    let device = (w - left - 1.0 - 2.0 * gap) / 3.0;
    let y = guest.bottom() + air + 4.0;
    let at = |i: f32| Rect::new(left + i * (device + gap), y, device, 60.0);
    let apic = at(2.0);
    Layout {
        size: (w, y + 60.0 + if chips { 42.0 } else { 12.0 }),
        narrow: true,
        wire: Point::new(2.0, y + 30.0),
        nic: at(0.0),
        iommu: at(1.0),
        apic,
        host: course.has_host.then(|| Rect::new(1.0, 1.0, w - 2.0, host_h)),
        guest,
        handler: Rect::new(13.0, top + 20.0, guest.w - 24.0, 42.0),
        aside: None,
        chips: Rect::new(at(1.0).x, y + 74.0, apic.right() - at(1.0).x, 26.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COURSES: [Course; 4] = [
        Course { has_host: true, arrival_exits: true, eoi_exits: true },
        Course { has_host: true, arrival_exits: false, eoi_exits: true },
        Course { has_host: true, arrival_exits: false, eoi_exits: false },
        Course { has_host: false, arrival_exits: false, eoi_exits: false },
    ];

    fn all() -> impl Iterator<Item = Layout> {
        (28..80).flat_map(|tens| COURSES.map(|course| layout(tens as f32 * 10.0, course, true)))
    }

    #[test]
    fn nothing_leaves_the_picture_and_nothing_lies_on_another() {
        for it in all() {
            let picture = Rect::new(0.0, 0.0, it.size.0, it.size.1);
            let mut parts = vec![it.nic, it.iommu, it.apic, it.guest];
            parts.extend(it.host);
            for (i, part) in parts.iter().enumerate() {
                assert!(picture.contains(*part), "{part:?} in {picture:?}");
                assert!(parts.iter().skip(i + 1).all(|other| !part.overlaps(*other)), "{it:?}");
            }
            assert!(picture.contains(it.chips) && !it.chips.overlaps(it.apic), "{it:?}");
            assert!(it.guest.contains(it.handler), "{it:?}");
        }
    }

    #[test]
    fn between_devices_a_token_has_room() {
        for it in all() {
            assert!(it.iommu.x - it.nic.right() >= 18.0, "{it:?}");
            assert!(it.apic.x - it.iommu.right() >= 18.0, "{it:?}");
        }
    }

    #[test]
    fn a_bare_machine_has_one_floor() {
        assert!(
            layout(620.0, COURSES[3], false).host.is_none()
                && layout(320.0, COURSES[3], false).host.is_none()
        );
    }
}
