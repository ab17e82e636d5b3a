//! What a caller may see. Every query takes one, so that rights never need a
//! rewrite; until accounts exist there is one scope that sees all.

/// What a caller may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    grid_codes: Option<Vec<String>>,
}

impl Scope {
    /// Sees everything.
    pub const fn all() -> Scope {
        Scope { grid_codes: None }
    }

    /// True if nothing is hidden.
    pub const fn sees_all(&self) -> bool {
        self.grid_codes.is_none()
    }

    /// True if the scope covers the grid with this code.
    pub fn sees_grid(&self, code: &str) -> bool {
        self.grid_codes
            .as_ref()
            .is_none_or(|codes| codes.iter().any(|c| c == code))
    }
}
