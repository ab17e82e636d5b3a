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
    let Ok(year @ 0..=9999) = u16::try_from(utc.year()) else {
        // Six digits and a sign.
        let (date, time) = (utc.date(), utc.time());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        return format!("{date}T{hour:02}:{minute:02}:{second:02}.000Z");
    };
    let mut text = String::from("0000-00-00T00:00:00.000Z").into_bytes();
    let mut put = |at: usize, number: u8| {
        text[at] = b'0' + number / 10 % 10;
        text[at + 1] = b'0' + number % 10;
    };
    let part = |number: i8| number.unsigned_abs();
    put(0, (year / 100) as u8);
    put(2, (year % 100) as u8);
    put(5, part(utc.month()));
    put(8, part(utc.day()));
    put(11, part(utc.hour()));
    put(14, part(utc.minute()));
    put(17, part(utc.second()));
    // Digits only.
    String::from_utf8(text).unwrap_or_default()
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
    fn instants_are_written_as_the_calendar_writes_them() {
        for step in -9_000..40_000 {
            let at = Timestamp(step * 6_312_345);
            let moment = jiff::Timestamp::from_second(at.0).unwrap();
            let text = moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
            assert_eq!(instant_text(at), text);
        }
        assert!(instant_text(Timestamp(i64::MIN)).starts_with("-009999-"));
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
