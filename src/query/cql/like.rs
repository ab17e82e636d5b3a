//! `LIKE`: `%` for any text, `_` for one character, `\` before either for
//! itself. Time grows with the product of pattern and text at most.

/// The longest pattern, characters.
pub(super) const MAX_PATTERN: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Any,
    One,
    Char(char),
}

/// A pattern that is ready to be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a pattern; `None` when it is too long.
    pub(super) fn new(text: &str) -> Option<Pattern> {
        let mut pieces = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let piece = match c {
                '%' => Piece::Any,
                '_' => Piece::One,
                '\\' => Piece::Char(chars.next().unwrap_or('\\')),
                other => Piece::Char(other),
            };
            // %% is %.
            if piece != Piece::Any || pieces.last() != Some(&Piece::Any) {
                pieces.push(piece);
            }
            if pieces.len() > MAX_PATTERN {
                return None;
            }
        }
        Some(Pattern(pieces))
    }

    /// True if the whole text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        let pieces = &self.0;
        let mut rest = text.chars();
        let mut at = 0;
        // Where to go on when a guess was wrong: one character more for the
        // last `%`. An earlier `%` need not be tried again.
        let mut again: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            match pieces.get(at) {
                Some(Piece::Any) => {
                    at += 1;
                    again = Some((at, rest.clone()));
                    continue;
                }
                Some(piece) => {
                    let mut next = rest.clone();
                    let fits = match (piece, next.next()) {
                        (_, None) => return false,
                        (Piece::Char(wanted), Some(c)) => c == *wanted,
                        (_, Some(_)) => true,
                    };
                    if fits {
                        rest = next;
                        at += 1;
                        continue;
                    }
                }
                None if rest.as_str().is_empty() => return true,
                None => {}
            }
            let Some((after, from)) = &mut again else {
                return false;
            };
            if from.next().is_none() {
                return false;
            }
            at = *after;
            rest = from.clone();
        }
    }
}

/// Capitals and small letters made alike.
pub(super) fn casei(text: &str) -> String {
    text.to_lowercase()
}

/// Letters without their accents.
pub(super) fn accenti(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(text)
    }

    #[test]
    fn patterns() {
        for (text, pattern) in [
            ("", ""),
            ("", "%"),
            ("元一名城", "元%"),
            ("元一名城", "%名_"),
            ("元一名城", "____"),
            ("50%", "50\\%"),
            ("a_b", "a\\_b"),
            ("a\\b", "a\\\\b"),
            ("aXbXc", "%X%c"),
            ("aab", "%ab"),
            ("mississippi", "m%iss%pi"),
        ] {
            assert!(like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [
            ("a", ""),
            ("", "_"),
            ("元一名城", "一%"),
            ("50x", "50\\%"),
            ("axb", "a\\_b"),
            ("mississippi", "m%iss%pp"),
            ("ab", "abc"),
            ("abc", "ab"),
        ] {
            assert!(!like(text, pattern), "{text} {pattern}");
        }
        assert_eq!(Pattern::new(&"a".repeat(MAX_PATTERN + 1)), None);
        assert_eq!(Pattern::new(&"%".repeat(5000)), Pattern::new("%"));
    }

    #[test]
    fn letters_alike() {
        assert_eq!(accenti("Élévation ü 街 é"), "Elevation u 街 e");
        assert_eq!(casei("ÀBC"), "àbc");
    }

    proptest::proptest! {
        #[test]
        fn as_the_slow_way(text in "[ab_%]{0,8}", pattern in "[ab_%]{0,6}") {
            fn slow(text: &[char], pattern: &[char]) -> bool {
                match pattern.split_first() {
                    None => text.is_empty(),
                    Some(('%', rest)) => (0..=text.len()).any(|n| slow(&text[n..], rest)),
                    Some((p, rest)) => text.split_first()
                        .is_some_and(|(c, more)| (*p == '_' || p == c) && slow(more, rest)),
                }
            }
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            proptest::prop_assert_eq!(like(&text, &pattern), slow(&chars(&text), &chars(&pattern)));
        }
    }
}
