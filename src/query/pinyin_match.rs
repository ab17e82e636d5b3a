//! Matching Latin letters with Chinese names: full pinyin, initials, or any
//! mixture, with every reading of a character (长 is chang and zhang).

use pinyin::ToPinyinMulti;

/// The most letters of a question that count: one bit each.
const MAX_LETTERS: usize = 60;

/// A name as the letters it may be typed by, character by character.
#[derive(Debug, Clone, Default)]
pub(super) struct Letters(Vec<Vec<String>>);

/// Where and how far a question matches a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    /// It starts at the first character.
    pub(super) from_start: bool,
    /// It ends with the last character.
    pub(super) to_end: bool,
}

impl Letters {
    /// The readings of a name, in lower case; characters that are neither
    /// Chinese nor letters or digits are passed over.
    pub(super) fn of(name: &str) -> Letters {
        let readings = |c: char| -> Vec<String> {
            if c.is_ascii_alphanumeric() {
                return vec![c.to_ascii_lowercase().to_string()];
            }
            let Some(multi) = c.to_pinyin_multi() else {
                return Vec::new();
            };
            let mut all: Vec<String> = multi
                .into_iter()
                .map(|reading| reading.plain().replace('ü', "v"))
                .collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        Letters(
            name.chars()
                .map(readings)
                .filter(|r| !r.is_empty())
                .collect(),
        )
    }

    /// The best match of a question in lower-case letters and digits.
    pub(super) fn find(&self, question: &str) -> Option<Reach> {
        let question = question.as_bytes();
        if question.is_empty() || question.len() > MAX_LETTERS {
            return None;
        }
        let matches = (0..self.0.len()).filter_map(|start| {
            let end = self.match_from(start, question)?;
            Some(Reach {
                from_start: start == 0,
                to_end: end == self.0.len(),
            })
        });
        matches.max_by_key(|reach| (reach.from_start, reach.from_start && reach.to_end))
    }

    /// The character after the match; the longest if there are several.
    fn match_from(&self, start: usize, question: &[u8]) -> Option<usize> {
        // Bit k: the first k letters are used up by the characters so far.
        let mut used = 1_u64;
        let mut end = None;
        for (at, readings) in self.0.iter().enumerate().skip(start) {
            let mut next = 0;
            for reading in readings {
                for k in (0..question.len()).filter(|k| used & (1 << k) != 0) {
                    let rest = &question[k..];
                    // Any beginning of a reading stands for the character.
                    let same = reading
                        .bytes()
                        .zip(rest)
                        .take_while(|(a, b)| a == *b)
                        .count();
                    for length in 1..=same {
                        next |= 1 << (k + length);
                    }
                }
            }
            if next & (1 << question.len()) != 0 {
                end = Some(at + 1);
            }
            if next == 0 {
                break;
            }
            used = next;
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(name: &str, question: &str) -> Option<(bool, bool)> {
        let found = Letters::of(name).find(question);
        found.map(|reach| (reach.from_start, reach.to_end))
    }

    #[test]
    fn initials_full_pinyin_and_mixtures() {
        assert_eq!(reach("元一名城", "yymc"), Some((true, true)));
        assert_eq!(reach("元一名城", "yuanyimingcheng"), Some((true, true)));
        assert_eq!(reach("元一名城", "yuanymc"), Some((true, true)));
        assert_eq!(reach("元一名城", "yuany"), Some((true, false)));
        assert_eq!(reach("元一名城", "mc"), Some((false, true)));
        assert_eq!(reach("元一名城", "ymx"), None);
        assert_eq!(reach("蓝光时代红街", "lgsdhj"), Some((true, true)));
    }

    #[test]
    fn every_reading_counts() {
        assert_eq!(reach("长江路", "cjl"), Some((true, true)));
        assert_eq!(reach("长江路", "zhangjiang"), Some((true, false)));
        assert_eq!(reach("绿地", "lvdi"), Some((true, true)));
    }

    #[test]
    fn letters_and_digits_of_the_name_are_themselves() {
        assert_eq!(reach("A12号路", "a12h"), Some((true, false)));
        assert_eq!(reach("", "a"), None);
        assert_eq!(reach("路", ""), None);
        assert_eq!(reach("路", &"l".repeat(100)), None);
    }
}
