//! Coordinates in cells: numbers, degrees-minutes-seconds, two in one cell.

use geo::Coord;

use super::personal::fold;
use super::problem::{Code, Refusal, quote};
use super::reason::Reason;

/// Which of the two a cell says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Lon,
    Lat,
}

/// Reads one number of degrees (or metres): `117.28`, `117°17'12.5"E`,
/// `117度17分`, `E117.28`, `－121.4`.
///
/// # Errors
/// `coord_parse` for anything else; comma decimals too, since they may be
/// two numbers. `coord_not_finite` for nan and inf.
pub(super) fn parse_number(cell: &str) -> Result<(f64, Option<Axis>), Refusal> {
    if let Some(value) = plain_degrees(cell) {
        return Ok((value, None));
    }
    let plain: String = cell
        .trim()
        .chars()
        .map(fold)
        .collect::<String>()
        .to_ascii_lowercase();
    let refuse = || {
        Refusal::new(
            Code::CoordParse,
            Reason::NotACoordinate { cell: quote(cell) },
        )
    };
    // A wide minus is a dash as often as a sign.
    if cell.contains(['\u{ff0d}', '—', '–']) {
        return Err(refuse());
    }
    if matches!(
        plain.trim_start_matches(['+', '-']),
        "nan" | "inf" | "infinity"
    ) {
        return Err(Refusal::new(
            Code::CoordNotFinite,
            Reason::NotFinite { cell: quote(cell) },
        ));
    }
    let (plain, side) = take_side(&plain);
    let plain = plain.trim();
    let number = |text: &str| -> Option<f64> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'+' | b'-'));
        // A spelling like 1.2e2 is a number, `e` alone is not.
        (plain && text.contains(|c: char| c.is_ascii_digit()))
            .then(|| text.parse().ok())
            .flatten()
    };
    let value = match number(plain) {
        Some(value) => value,
        None => sexagesimal(plain).ok_or_else(refuse)?,
    };
    if !value.is_finite() {
        return Err(Refusal::new(
            Code::CoordNotFinite,
            Reason::NotFinite { cell: quote(cell) },
        ));
    }
    Ok(match side {
        Some((axis, negative)) => (if negative { -value } else { value }, Some(axis)),
        None => (value, None),
    })
}

/// Nothing but digits, a point and a sign, as nearly all cells are.
fn plain_degrees(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value: f64 = plain.then(|| cell.parse().ok()).flatten()?;
    value.is_finite().then_some(value)
}

/// Takes E, W, N, S or 东经, 西经, 北纬, 南纬 from an end: the axis, and
/// whether it is the negative side.
fn take_side(text: &str) -> (&str, Option<(Axis, bool)>) {
    for (word, axis, negative) in [
        ("东经", Axis::Lon, false),
        ("西经", Axis::Lon, true),
        ("北纬", Axis::Lat, false),
        ("南纬", Axis::Lat, true),
        ("e", Axis::Lon, false),
        ("w", Axis::Lon, true),
        ("n", Axis::Lat, false),
        ("s", Axis::Lat, true),
    ] {
        if let Some(rest) = text.strip_prefix(word).or_else(|| text.strip_suffix(word)) {
            return (rest, Some((axis, negative)));
        }
    }
    (text, None)
}

/// `117°17'12.5"`: degrees, minutes, seconds, the last with a fraction.
fn sexagesimal(text: &str) -> Option<f64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let marks: &[&[char]] = &[
        &['°', '度', 'º', '˚'],
        &['\'', '′', '’', '分'],
        &['"', '″', '”', '秒'],
    ];
    let mut rest = text;
    let (mut value, mut scale, mut parts) = (0.0, 1.0, 0);
    for mark in marks {
        let Some(at) = rest.find(*mark) else { continue };
        let part = rest[..at].trim();
        let n: f64 = part
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.')
            .then(|| part.parse().ok())
            .flatten()?;
        if parts > 0 && n >= 60.0 {
            return None;
        }
        value += n / scale;
        scale *= 60.0;
        parts += 1;
        rest = rest[at..].get(rest[at..].chars().next()?.len_utf8()..)?;
    }
    (parts > 0 && rest.trim().trim_matches('\'').is_empty()).then_some(if negative {
        -value
    } else {
        value
    })
}

/// Two numbers in one cell: `117.28,31.89`, `117.28 31.89`, `POINT(…)`,
/// `[117.28, 31.89]`. The order is that of the text unless the cell says
/// which is which.
///
/// # Errors
/// As [`parse_number`].
pub(super) fn parse_pair(cell: &str) -> Result<Coord, Refusal> {
    let plain: String = cell.trim().chars().map(fold).collect();
    let inner = plain
        .trim_start_matches(|c: char| {
            c.is_ascii_alphabetic() && !matches!(c, 'E' | 'N' | 'W' | 'S' | 'e' | 'n' | 'w' | 's')
        })
        .trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | '"' | '{' | '}' | ' '));
    let inner = if plain.to_ascii_lowercase().starts_with("point") {
        plain[5..].trim_matches(|c: char| matches!(c, '(' | ')' | ' ' | 'Z' | 'z'))
    } else {
        inner
    };
    let parts: Vec<&str> = if inner.contains([',', '，', ';', '、', '|']) {
        inner.split([',', '，', ';', '、', '|']).collect()
    } else {
        inner.split_whitespace().collect()
    };
    let [first, second] = parts.as_slice() else {
        return Err(Refusal::new(
            Code::CoordParse,
            Reason::NotAPair { cell: quote(cell) },
        ));
    };
    let (a, a_axis) = parse_number(first)?;
    let (b, b_axis) = parse_number(second)?;
    Ok(match (a_axis, b_axis) {
        (Some(Axis::Lat), _) | (_, Some(Axis::Lon)) => Coord { x: b, y: a },
        _ => Coord { x: a, y: b },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (cell, want) in [
            ("117.2868290", 117.286829),
            (" 31.89 ", 31.89),
            ("1.2147e2", 121.47),
            ("１２１.４", 121.4),
            ("117°18′12.5″", 117.0 + 18.0 / 60.0 + 12.5 / 3600.0),
            ("121°28'12\"E", 121.47),
            ("31°13'", 31.0 + 13.0 / 60.0),
            ("北纬31度13分", 31.0 + 13.0 / 60.0),
            ("W73.5", -73.5),
            ("3529525.488", 3_529_525.488),
        ] {
            let (value, _) = parse_number(cell).unwrap();
            assert!((value - want).abs() < 1e-9, "{cell}: {value}");
        }
        for cell in [
            "",
            "－121.4",
            "nan",
            "NaN",
            "inf",
            "-inf",
            "121,47",
            "0x79",
            "一百一十七",
            "1e999",
            "e",
            "12°75'",
            "--3",
            "1 2",
            "°",
            "12°x'",
        ] {
            assert!(parse_number(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn pairs_in_one_cell() {
        let want = Coord {
            x: 117.28,
            y: 31.89,
        };
        for cell in [
            "117.28,31.89",
            "117.28 31.89",
            "(117.28, 31.89)",
            "POINT(117.28 31.89)",
            "[117.28,31.89]",
            "117.28，31.89",
            "N31.89,E117.28",
            "117.28;31.89",
        ] {
            assert_eq!(parse_pair(cell).unwrap(), want, "{cell}");
        }
        for cell in ["", "117.28", "117.28,", "1,2,3", "a,b", "nan,31"] {
            assert!(parse_pair(cell).is_err(), "{cell}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "\\PC{0,24}") {
            let _ = (parse_number(&text), parse_pair(&text));
        }
    }
}
