//! Dates and times of day, and seconds from one to another.

const SECONDS_A_DAY: u64 = 86_400;

/// What the clock's ten time registers hold, decoded. Software may write what is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    pub second: u8,
    pub minute: u8,
    pub hour: u8,
    /// Sunday is 1.
    pub weekday: u8,
    pub day: u8,
    pub month: u8,
    pub year: u16,
}

impl Moment {
    /// Seconds later; what was written stays as it is until then.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Moment {
        if seconds == 0 { self } else { self.carried(seconds) }
    }

    /// Seconds later, as a date and a time of day: what is none becomes one by carrying.
    #[must_use]
    pub fn carried(self, seconds: u64) -> Moment {
        let total =
            u64::from(self.second) + 60 * u64::from(self.minute) + 3600 * u64::from(self.hour) + seconds;
        let (days, rest) = (total / SECONDS_A_DAY, total % SECONDS_A_DAY);
        let (year, month, day) =
            date(days_before(self.year, self.month) + u64::from(self.day.max(1)) - 1 + days);
        Moment {
            second: (rest % 60) as u8,
            minute: (rest / 60 % 60) as u8,
            hour: (rest / 3600) as u8,
            weekday: ((u64::from(self.weekday) + 6 + days) % 7 + 1) as u8,
            day,
            month,
            year,
        }
    }
}

/// The Gregorian calendar, as far as firmware's century byte reaches.
fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_in(year: u16, month: u8) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the beginning of year 0 to that of a year.
fn days_before_year(year: u16) -> u64 {
    let Some(last) = year.checked_sub(1).map(u64::from) else { return 0 };
    366 + 365 * last + last / 4 - last / 100 + last / 400
}

fn days_before(year: u16, month: u8) -> u64 {
    let months = 1..month.clamp(1, 12);
    days_before_year(year) + months.map(|month| days_in(year, month)).sum::<u64>()
}

fn date(days: u64) -> (u16, u8, u8) {
    // No year has more than 366 days, so this is the year or one before it, or a few.
    let mut year = u16::try_from(days / 366).unwrap_or(u16::MAX);
    while year < u16::MAX && days_before_year(year + 1) <= days {
        year += 1;
    }
    let mut left = days - days_before_year(year);
    for month in 1..12 {
        let length = days_in(year, month);
        if left < length {
            return (year, month, left as u8 + 1);
        }
        left -= length;
    }
    (year, 12, left.min(30) as u8 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(year: u16, month: u8, day: u8, weekday: u8) -> Moment {
        Moment { second: 59, minute: 59, hour: 23, weekday, day, month, year }
    }

    #[test]
    fn a_day_follows_another() {
        // The day before and the day after, with its number in the week.
        let rows = [
            ((2026, 1, 31, 7), (2026, 2, 1, 1)),
            ((2026, 2, 28, 7), (2026, 3, 1, 1)),
            ((2028, 2, 28, 2), (2028, 2, 29, 3)),
            ((2100, 2, 28, 1), (2100, 3, 1, 2)),
            ((2000, 2, 28, 2), (2000, 2, 29, 3)),
            ((1999, 12, 31, 6), (2000, 1, 1, 7)),
            ((0, 12, 31, 1), (1, 1, 1, 2)),
        ];
        for ((year, month, day, weekday), after) in rows {
            let next = moment(year, month, day, weekday).plus(1);
            assert_eq!((next.year, next.month, next.day, next.weekday), after);
            assert_eq!((next.second, next.minute, next.hour), (0, 0, 0));
        }
        // From one 400 years' cycle to the next.
        let later = moment(2026, 5, 17, 1).plus(146_097 * SECONDS_A_DAY);
        assert_eq!((later.year, later.month, later.day, later.weekday), (2426, 5, 17, 1));
    }

    #[test]
    fn what_is_no_date_becomes_one() {
        let wrong =
            Moment { second: 75, minute: 255, hour: 99, weekday: 0, day: 0, month: 0, year: u16::MAX };
        let next = wrong.plus(1);
        assert!(next.second < 60 && next.minute < 60 && next.hour < 24 && (1..=7).contains(&next.weekday));
        let feb = Moment { day: 31, month: 2, ..moment(2026, 1, 1, 1) }.plus(1);
        assert_eq!((feb.month, feb.day), (3, 4));
    }
}
