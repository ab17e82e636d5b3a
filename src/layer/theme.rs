//! The colours of the map, shared by the style and the map image.

/// Colours as `#RRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Beyond the data.
    pub background: &'static str,
    /// Under the data.
    pub land: &'static str,
    /// Borders of grids, casing of streets.
    pub line: &'static str,
    /// Around text and symbols, and the streets themselves.
    pub halo: &'static str,
    /// Text and symbols in ink.
    pub text: &'static str,
    /// Less important text.
    pub text_2: &'static str,
    /// Frames and hatching.
    pub control: &'static str,
    /// Patrol routes.
    pub route: &'static str,
    /// Police, dispute, hotline.
    pub kinds: [&'static str; 3],
    /// Five classes of density, least first.
    pub density: [&'static str; 5],
}

impl Theme {
    /// For daylight and paper.
    pub const LIGHT: Theme = Theme {
        background: "#F3F5F8",
        land: "#F4F3EF",
        line: "#5D6570",
        halo: "#FFFFFF",
        text: "#16202E",
        text_2: "#465264",
        control: "#758194",
        route: "#0B5CAD",
        kinds: ["#C2410C", "#5B3FB5", "#0891B2"],
        density: ["#FFF4D2", "#F9D890", "#EFA75E", "#D86C48", "#A23A3A"],
    };

    /// For dark rooms; bright means more.
    pub const DARK: Theme = Theme {
        background: "#0E131A",
        land: "#141A21",
        line: "#8592A3",
        halo: "#0E131A",
        text: "#E9EEF4",
        text_2: "#AAB6C5",
        control: "#7C8A9D",
        route: "#74B8F5",
        kinds: ["#FFA07A", "#E3DAFF", "#139AAE"],
        density: ["#2A2622", "#553823", "#8A4F28", "#C47233", "#F2AE62"],
    };

    /// A theme by its name in URLs, `light` or `dark`.
    pub fn named(name: &str) -> Option<Theme> {
        match name {
            "light" => Some(Self::LIGHT),
            "dark" => Some(Self::DARK),
            _ => None,
        }
    }
}
