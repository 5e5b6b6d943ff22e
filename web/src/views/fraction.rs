//! A share in words: two fifths.

use super::words::fractions;

/// How far a name may be from the share, in thousandths of the whole.
const NEAR: u32 = 15;

/// A name for a share in thousandths of the whole, when one is near enough.
pub fn named(permille: u32) -> Option<&'static str> {
    let (at, name) = fractions().iter().min_by_key(|(at, _)| at.abs_diff(permille))?;
    // Small shares deserve a closer name.
    (at.abs_diff(permille) <= NEAR.min(permille / 12)).then_some(*name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_near_a_name_takes_it() {
        for (permille, name) in [
            (388, Some("two fifths")),
            (400, Some("two fifths")),
            (500, Some("half")),
            (335, Some("a third")),
            (367, None),
            (48, Some("a twentieth")),
            (30, None),
            (0, None),
            (990, None),
            (u32::MAX, None),
        ] {
            assert_eq!(named(permille), name, "{permille}");
        }
    }
}
