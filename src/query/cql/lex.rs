//! Text to words.

use super::CqlError;

/// A word, number, text or sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Word(String),
    /// A name in double quotes, never a keyword.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    /// A number without sign.
    Number(f64),
    /// `(`, `)`, `,`, an operator.
    Sign(&'static str),
    /// The end.
    End,
}

/// A token and the byte at which it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) at: usize,
}

/// Longest first: `<=` before `<`.
const SIGNS: &[&str] = &[
    "<=", ">=", "<>", "(", ")", ",", "=", "<", ">", "+", "-", "*", "/", "%", "^",
];

/// All tokens, the last one [`Token::End`].
pub(super) fn lex(text: &str) -> Result<Vec<Lexeme>, CqlError> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let rest = &text[at..];
        let (token, length) = if c == '\'' {
            quoted(rest, at, '\'').map(|(text, n)| (Token::Text(text), n))?
        } else if c == '"' {
            quoted(rest, at, '"').map(|(name, n)| (Token::Quoted(name), n))?
        } else if c.is_ascii_digit()
            || c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit())
        {
            number(rest, at)?
        } else if starts_name(c) {
            let end = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
            (Token::Word(rest[..end].to_owned()), end)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            return Err(CqlError::new(
                at,
                format!("这里不能有“{c}”"),
                format!("`{c}` has no place here"),
            ));
        };
        out.push(Lexeme { token, at });
        at += length;
    }
    out.push(Lexeme {
        token: Token::End,
        at: text.len(),
    });
    Ok(out)
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | ':')
}

fn continues_name(c: char) -> bool {
    starts_name(c) || c.is_alphanumeric() || c == '.'
}

/// What stands between quotes, and its length with them. A quote inside is
/// doubled, or has a backslash before it.
fn quoted(text: &str, at: usize, quote: char) -> Result<(String, usize), CqlError> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(|(_, next)| *next == quote) => {
                chars.next();
                out.push(quote);
            }
            _ if c == quote => {
                if chars.peek().is_some_and(|(_, next)| *next == quote) {
                    chars.next();
                    out.push(quote);
                } else {
                    return Ok((out, i + 1));
                }
            }
            _ => out.push(c),
        }
    }
    Err(CqlError::new(
        at,
        "这里的引号没有结束",
        "the quote that begins here never ends",
    ))
}

fn number(text: &str, at: usize) -> Result<(Token, usize), CqlError> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let value = text[..end].parse::<f64>().ok().filter(|n| n.is_finite());
    match value {
        Some(value) => Ok((Token::Number(value), end)),
        None => Err(CqlError::new(at, "这个数太大", "this number is too large")),
    }
}
