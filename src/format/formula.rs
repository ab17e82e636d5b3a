//! Cells that a spreadsheet would calculate: written with an apostrophe in
//! front, which comes off when the file is read back.

/// Whether a spreadsheet would take the text for a formula.
pub(super) fn is_formula(text: &str) -> bool {
    text.trim_start_matches([' ', '\u{3000}', '\n'])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// The text without the apostrophe that stood before a formula.
pub(super) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}
