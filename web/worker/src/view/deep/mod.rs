//! What the Inspect level reads: state trees and code.

mod code;
mod idt;
mod inspect;
mod ring;
mod walk;

use emulator::state::Node;

pub use code::view as code;
pub use inspect::{Shown, view as inspect};

/// A value in words: hexadecimal where the register has a width.
fn value(node: &Node) -> String {
    match node {
        Node::Value { value, width: 0, .. } => value.to_string(),
        Node::Value { value, width, .. } => {
            format!("{value:#0digits$x}", digits = usize::from(width.div_ceil(4)) + 2)
        }
        Node::Text { text, .. } => text.clone(),
        Node::Group { .. } => String::new(),
    }
}
