//! Which lane is where.

use lab_protocol::Lane;

use super::window::Area;
use crate::views::Level;

/// A lane's height; the processor's is a bar.
pub const LANE: f32 = 26.0;
/// The overview strip's height.
pub const STRIP: f32 = 26.0;
/// The column of names, where there is room for one.
const NAMES: f32 = 118.0;
/// The height of a side's title.
const TITLE: f32 = 20.0;
/// Below this width names stand in their lanes.
const NARROW: f32 = 560.0;

/// One lane of one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Which machine.
    pub side: usize,
    /// Which lane.
    pub lane: Lane,
    /// The top edge.
    pub y: f32,
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where time is drawn.
    pub area: Area,
    /// The lanes from top to bottom.
    pub rows: Vec<Row>,
    /// The sides' titles: side and top edge.
    pub titles: Vec<(usize, f32)>,
    /// The axis' line.
    pub axis: f32,
    /// The overview strip's top edge.
    pub strip: f32,
    /// Whole width and height.
    pub size: (f32, f32),
}

/// The lanes that a level shows.
pub fn lanes(level: Level) -> &'static [Lane] {
    const ALL: [Lane; 6] =
        [Lane::Processor, Lane::Interrupts, Lane::Eois, Lane::Nic, Lane::Iommu, Lane::Apic];
    if level == Level::Inspect { &ALL } else { &ALL[..3] }
}

impl Plan {
    /// The plan for so many machines in a width.
    pub fn new(width: f32, sides: usize, level: Level) -> Self {
        let left = if width < NARROW { 4.0 } else { NAMES };
        let (mut y, mut rows, mut titles) = (10.0, Vec::new(), Vec::new());
        for side in 0..sides {
            titles.push((side, y));
            y += TITLE;
            for lane in lanes(level) {
                rows.push(Row { side, lane: *lane, y });
                y += LANE;
            }
            y += 10.0;
        }
        let axis = y;
        let strip = axis + 28.0;
        let area = Area { left, width: (width - left - 6.0).max(40.0) };
        Self { area, rows, titles, axis, strip, size: (width, strip + STRIP + 2.0) }
    }

    /// The lane at a height.
    pub fn row_at(&self, y: f32) -> Option<&Row> {
        self.rows.iter().find(|row| y >= row.y && y < row.y + LANE)
    }

    /// Whether names have a column of their own.
    pub fn named(&self) -> bool {
        self.area.left >= NAMES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_do_not_overlap_and_all_have_a_place() {
        for level in [Level::Explain, Level::Inspect] {
            let plan = Plan::new(900.0, 2, level);
            assert_eq!(plan.rows.len(), 2 * lanes(level).len());
            for pair in plan.rows.windows(2) {
                assert!(pair[0].y + LANE <= pair[1].y);
            }
            assert!(
                plan.rows.iter().all(|row| row.y + LANE <= plan.axis) && plan.strip + STRIP < plan.size.1
            );
        }
    }

    #[test]
    fn a_height_finds_its_lane() {
        let plan = Plan::new(900.0, 2, Level::Explain);
        for row in &plan.rows {
            assert_eq!(plan.row_at(row.y + 3.0), Some(row));
        }
        assert_eq!(plan.row_at(-4.0), None);
    }
}
