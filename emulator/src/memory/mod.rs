//! Guest RAM and what a translator would touch, in one arena; what each page is used for.

mod arena;
mod pages;
mod ram;
mod shared;

pub use arena::{Arena, Parts};
pub use pages::{PAGE_SHIFT, PAGE_SIZE, PageUse, Pages};
pub use ram::Memory;
pub use shared::{Page, PageTable, is_zero, page_of};
