//! Points, boxes and paths in pixels; y grows downwards.

use super::format::px;

/// A point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

impl Point {
    /// A point.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// The distance to another.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// So far on the way to another, from 0 to 1.
    pub fn towards(self, other: Self, share: f32) -> Self {
        Self::new(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)
    }
}

/// A box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// A box by its top left corner and its size.
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    /// The right edge.
    pub fn right(self) -> f32 {
        self.x + self.w
    }

    /// The bottom edge.
    pub fn bottom(self) -> f32 {
        self.y + self.h
    }

    /// The middle.
    pub fn middle(self) -> Point {
        Point::new(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Whether it holds a point, edges included.
    #[cfg(test)]
    pub fn holds(self, p: Point) -> bool {
        p.x >= self.x && p.x <= self.right() && p.y >= self.y && p.y <= self.bottom()
    }

    /// Whether it holds another box.
    #[cfg(test)]
    pub fn contains(self, other: Self) -> bool {
        self.holds(Point::new(other.x, other.y)) && self.holds(Point::new(other.right(), other.bottom()))
    }

    /// Whether two boxes share more than an edge.
    #[cfg(test)]
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// Pieces into which a curve is cut to measure it.
const PIECES: u8 = 24;

/// A path: how it is drawn, and how long it is anywhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    drawn: String,
    /// Points with the distance from the start.
    points: Vec<(Point, f32)>,
}

impl Path {
    /// A path that starts here.
    pub fn from(start: Point) -> Self {
        Self { drawn: format!("M{} {}", px(start.x), px(start.y)), points: vec![(start, 0.0)] }
    }

    /// Straight on.
    pub fn line(mut self, to: Point) -> Self {
        self.drawn.push_str(&format!("L{} {}", px(to.x), px(to.y)));
        self.push(to);
        self
    }

    /// A cubic curve.
    pub fn curve(mut self, c1: Point, c2: Point, to: Point) -> Self {
        let start = self.end();
        let [a, b, c] = [c1, c2, to].map(|p| format!("{} {}", px(p.x), px(p.y)));
        self.drawn.push_str(&format!("C{a} {b} {c}"));
        for i in 1..=PIECES {
            self.push(cubic([start, c1, c2, to], f32::from(i) / f32::from(PIECES)));
        }
        self
    }

    /// Another path after this one, without a jump when it starts where this one ends.
    pub fn then(mut self, other: &Self) -> Self {
        other.points.iter().for_each(|(p, _)| self.push(*p));
        self.drawn.push_str(&other.drawn);
        self
    }

    fn push(&mut self, to: Point) {
        let length = self.length() + self.end().distance(to);
        self.points.push((to, length));
    }

    /// Its length.
    pub fn length(&self) -> f32 {
        self.points.last().map_or(0.0, |(_, length)| *length)
    }

    /// Its last point.
    pub fn end(&self) -> Point {
        self.points.last().map_or(Point::default(), |(p, _)| *p)
    }

    /// The point at a distance from its start; beyond its ends, the ends.
    pub fn at(&self, distance: f32) -> Point {
        let next = self.points.partition_point(|(_, d)| *d < distance);
        let Some(&(to, far)) = self.points.get(next) else { return self.end() };
        let Some(&(from, near)) = next.checked_sub(1).and_then(|i| self.points.get(i)) else { return to };
        from.towards(to, if far > near { (distance - near) / (far - near) } else { 1.0 })
    }

    /// For the `d` attribute.
    pub fn drawn(&self) -> &str {
        &self.drawn
    }

    /// The triangle of an arrow at its end, for the `points` attribute.
    pub fn arrow(&self, size: f32) -> String {
        let tip = self.end();
        let before = self.at(self.length() - size);
        let span = tip.distance(before).max(0.01);
        let (dx, dy) = ((tip.x - before.x) / span, (tip.y - before.y) / span);
        let corner =
            |side: f32| Point::new(before.x - dy * side * size * 0.6, before.y + dx * side * size * 0.6);
        let corners = [tip, corner(1.0), corner(-1.0)];
        corners.map(|p| format!("{},{}", px(p.x), px(p.y))).join(" ")
    }
}

fn cubic(p: [Point; 4], t: f32) -> Point {
    let [a, b, c, d] = p;
    let (ab, bc, cd) = (a.towards(b, t), b.towards(c, t), c.towards(d, t));
    ab.towards(bc, t).towards(bc.towards(cd, t), t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_path_is_measured_exactly() {
        let path = Path::from(Point::new(0.0, 0.0)).line(Point::new(30.0, 0.0)).line(Point::new(30.0, 40.0));
        assert_eq!(path.length(), 70.0);
        for (distance, x, y) in
            [(-5.0, 0.0, 0.0), (0.0, 0.0, 0.0), (15.0, 15.0, 0.0), (50.0, 30.0, 20.0), (99.0, 30.0, 40.0)]
        {
            assert_eq!(path.at(distance), Point::new(x, y), "{distance}");
        }
        assert_eq!(path.drawn(), "M0 0L30 0L30 40");
    }

    #[test]
    fn a_token_keeps_its_pace_on_a_curve() {
        let (a, b, c, d) =
            (Point::new(0.0, 0.0), Point::new(0.0, 80.0), Point::new(20.0, 90.0), Point::new(100.0, 90.0));
        let path = Path::from(a).curve(b, c, d);
        let step = path.length() / 50.0;
        for i in 0..50 {
            let moved = path.at(i as f32 * step).distance(path.at((i + 1) as f32 * step));
            assert!((moved - step).abs() < step * 0.1, "step {i} moved {moved}, not {step}");
        }
        assert_eq!(path.end(), d);
    }

    #[test]
    fn paths_joined_go_through_both() {
        let first = Path::from(Point::new(0.0, 0.0)).line(Point::new(10.0, 0.0));
        let second = Path::from(Point::new(10.0, 0.0)).line(Point::new(10.0, 5.0));
        let both = first.then(&second);
        assert_eq!((both.length(), both.end()), (15.0, Point::new(10.0, 5.0)));
    }

    #[test]
    fn an_arrow_points_where_the_path_goes() {
        let path = Path::from(Point::new(0.0, 0.0)).line(Point::new(20.0, 0.0));
        assert_eq!(path.arrow(10.0), "20,0 10,6 10,-6");
    }

    #[test]
    fn an_empty_path_is_nowhere_but_harmless() {
        assert_eq!(Path::default().at(3.0), Point::default());
        assert!(!Path::default().arrow(8.0).is_empty());
    }
}
