//! How wide a label is, and which wording of it fits.
//!
//! The advances are those of DejaVu Sans, the widest of the faces that the page may get, so what
//! fits here fits everywhere; a browser is never asked for a width while it lays out.

/// Advances in thousandths of the size, by character; others are `WIDE` letters.
const ADVANCES: [(&str, u32); 8] = [
    ("ijl'|.,:;! \u{202f}", 320),
    ("frt()[]/-·", 412),
    ("csz", 550),
    ("kvxyJ", 592),
    ("abdeghnopqu0123456789_$", 636),
    ("LTFEYZVXS+=<>", 700),
    ("ABCDGHKNOPQRUw", 830),
    ("mMW%@→←", 1000),
];
/// An advance for what is not in the table.
const WIDE: u32 = 850;
/// A monospaced face's advance.
const MONO: f32 = 0.61;
/// How much wider semi-bold is.
const BOLD: f32 = 1.1;

/// Weight of a label, as far as its width goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Running text.
    Plain,
    /// Semi-bold.
    Bold,
    /// Monospaced.
    Mono,
}

/// The width of `text` in pixels at a size in pixels, never less than it will be.
pub fn width(text: &str, size: f32, face: Face) -> f32 {
    if face == Face::Mono {
        return text.chars().count() as f32 * size * MONO;
    }
    let thousandths: u32 = text.chars().map(advance).sum();
    let factor = if face == Face::Bold { BOLD } else { 1.0 };
    thousandths as f32 / 1000.0 * size * factor
}

fn advance(c: char) -> u32 {
    ADVANCES.iter().find(|(set, _)| set.contains(c)).map_or(WIDE, |(_, a)| *a)
}

/// The first wording that fits into `room` pixels; none, when none does.
pub fn fit<'a>(wordings: &[&'a str], room: f32, size: f32, face: Face) -> Option<&'a str> {
    wordings.iter().copied().find(|text| !text.is_empty() && width(text, size, face) <= room)
}

/// As much of `text` as fits, with an ellipsis when it is cut.
pub fn clip(text: &str, room: f32, size: f32, face: Face) -> String {
    if width(text, size, face) <= room {
        return text.into();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size, face) + width("…", size, face) > room {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wording_that_fits_is_taken() {
        let wordings = ["detour on arrival, 5.9 µs", "5.9 µs", "A"];
        for (room, chosen) in [(300.0, Some(0)), (100.0, Some(1)), (16.0, Some(2)), (6.0, None)] {
            assert_eq!(fit(&wordings, room, 13.5, Face::Bold), chosen.map(|i: usize| wordings[i]), "{room}");
        }
    }

    #[test]
    fn bold_is_wider_and_longer_is_wider() {
        assert!(width("handler", 13.0, Face::Bold) > width("handler", 13.0, Face::Plain));
        assert!(width("handlers", 13.0, Face::Plain) > width("handler", 13.0, Face::Plain));
    }

    #[test]
    fn what_is_cut_fits_and_says_so() {
        for room in [20.0, 60.0, 90.0] {
            let text = clip("driver_msix_clean_rings", room, 12.0, Face::Mono);
            assert!(text.ends_with('…'));
            assert!(width(&text, 12.0, Face::Mono) <= room, "{text}");
        }
        assert_eq!(clip("isr", 60.0, 12.0, Face::Mono), "isr");
    }
}
