//! Pixels: areas, lines, symbols and text on a canvas, PNG out.
//!
//! Knows shapes and how they look, not what they mean.

mod color;
mod view;
mod canvas;
mod text;
mod label;
mod scale_bar;
mod classes;

pub use canvas::{Canvas, Pen, Symbol};
pub use classes::{class_of, quantile_breaks, ramp_step};
pub use color::Color;
pub use label::{Occupied, PxBox, along_line, text_box};
pub use scale_bar::round_length;
pub use text::{Font, TextStyle};
pub use view::{View, ViewError};
