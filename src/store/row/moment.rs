//! Days and instants as GeoPackage writes them: `2026-11-22` and
//! `2026-11-22T13:40:00.000Z`.

use geopackage_core::datetime::DateTime as GpkgDateTime;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::model::Timestamp;

/// Writes an instant in UTC.
pub(in crate::store) fn instant_text(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_second(at.0).unwrap_or(if at.0 < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    });
    let utc = Offset::UTC.to_datetime(moment);
    format!(
        "{}T{:02}:{:02}:{:02}.000Z",
        utc.date(),
        utc.hour(),
        utc.minute(),
        utc.second()
    )
}

/// Reads an instant: our own form quickly, else every form that the standard
/// and GDAL use. Fractions of a second are dropped.
pub(in crate::store) fn read_instant(text: &str) -> Option<Timestamp> {
    quick(text.as_bytes()).or_else(|| {
        let micros = GpkgDateTime::parse_lenient(text)
            .ok()?
            .micros_since_epoch()
            .ok()?;
        Some(Timestamp(micros.div_euclid(1_000_000)))
    })
}

/// Reads `YYYY-MM-DD`, also the day of a longer text.
pub(in crate::store) fn read_date(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

fn quick(text: &[u8]) -> Option<Timestamp> {
    let shape: &[u8; 24] = text.try_into().ok()?;
    let marks = [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (19, b'.'),
        (23, b'Z'),
    ];
    if marks.iter().any(|&(at, mark)| shape[at] != mark) {
        return None;
    }
    let number = |from: usize, to: usize| {
        shape[from..to].iter().try_fold(0_i16, |sum, &digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + i16::from(digit - b'0'))
        })
    };
    let part = |from: usize| i8::try_from(number(from, from + 2)?).ok();
    let date = Date::new(number(0, 4)?, part(5)?, part(8)?).ok()?;
    let time = jiff::civil::Time::new(part(11)?, part(14)?, part(17)?, 0).ok()?;
    let moment = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
    Some(Timestamp(moment.as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_back_from_text() {
        for seconds in [0, -1, 694_195_200, 1_795_355_600, 253_402_207_199] {
            let text = instant_text(Timestamp(seconds));
            assert_eq!(read_instant(&text), Some(Timestamp(seconds)), "{text}");
        }
        assert_eq!(instant_text(Timestamp(0)), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn other_programs_write_other_forms() {
        let at = read_instant("2026-11-22T13:40:00.000Z");
        assert!(at.is_some());
        assert_eq!(read_instant("2026-11-22T13:40:00Z"), at);
        assert_eq!(read_instant("2026-13-22T13:40:00.000Z"), None);
        assert_eq!(read_instant("soon"), None);
    }
}
