//! Text: what Markdown says, without Markdown.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// A few paragraphs.
pub type Text = Vec<Block>;

/// A paragraph or what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// A heading below a step's.
    Heading(Vec<Span>),
    /// A list: whether it is numbered, and its items.
    List(bool, Vec<Text>),
    /// Lines of code, as they stand.
    Code(String),
    /// A quotation, or a remark set apart.
    Quote(Text),
    /// A table: its head, and its rows.
    Table(Vec<Vec<Span>>, Vec<Vec<Vec<Span>>>),
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    /// Plain words.
    Words(String),
    /// Emphasised words.
    Emphasis(String),
    /// Important words.
    Strong(String),
    /// Code.
    Code(String),
    /// A link: its words, and where it goes.
    Link(String, String),
    /// A figure of the last check, by its name: a number is never typed in.
    Figure(String),
}
