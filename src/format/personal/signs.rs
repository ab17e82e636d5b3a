//! Sets of characters, looked up in two steps: masking asks about every
//! character of every text.

/// Characters of the basic plane.
pub(in crate::format) struct Signs([u64; 1024]);

impl Signs {
    const NONE: Signs = Signs([0; 1024]);

    /// All characters of the texts.
    pub(in crate::format) const fn all(texts: &[&str]) -> Signs {
        let mut signs = Signs::NONE;
        let mut n = 0;
        while n < texts.len() {
            let bytes = texts[n].as_bytes();
            let mut at = 0;
            while at < bytes.len() {
                let (sign, next) = decode(bytes, at);
                signs.0[sign / 64] |= 1 << (sign % 64);
                at = next;
            }
            n += 1;
        }
        signs
    }

    /// The first character of each word.
    pub(in crate::format) const fn first_of(words: &[&str]) -> Signs {
        let mut signs = Signs::NONE;
        let mut n = 0;
        while n < words.len() {
            let (sign, _) = decode(words[n].as_bytes(), 0);
            signs.0[sign / 64] |= 1 << (sign % 64);
            n += 1;
        }
        signs
    }

    pub(in crate::format) fn has(&self, c: char) -> bool {
        let sign = u32::from(c) as usize;
        self.0
            .get(sign / 64)
            .is_some_and(|word| word & (1 << (sign % 64)) != 0)
    }
}

/// The character at `at` and where the next begins; UTF-8 of at most three
/// bytes, which the compiler checks: a longer one has no place in the set.
const fn decode(bytes: &[u8], at: usize) -> (usize, usize) {
    let first = bytes[at] as usize;
    if first < 0x80 {
        (first, at + 1)
    } else if first < 0xe0 {
        (
            (first & 0x1f) << 6 | (bytes[at + 1] as usize & 0x3f),
            at + 2,
        )
    } else if first < 0xf0 {
        let sign = (first & 0x0f) << 12
            | (bytes[at + 1] as usize & 0x3f) << 6
            | (bytes[at + 2] as usize & 0x3f);
        (sign, at + 3)
    } else {
        // Ends the compilation: the sets are constants.
        (usize::MAX, at + 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_its_texts_have() {
        static ALL: Signs = Signs::all(&["京a", "é—"]);
        static FIRST: Signs = Signs::first_of(&["京a", "é—"]);
        for sign in '\0'..='\u{1ffff}' {
            assert_eq!(ALL.has(sign), "京aé—".contains(sign), "{sign}");
            assert_eq!(FIRST.has(sign), "京é".contains(sign), "{sign}");
        }
    }
}
