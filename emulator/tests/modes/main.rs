//! Modes other than 64-bit mode, row by row (SDM 3A 2.2, 5, 6, 7, 20), and the loaders of 32-bit kernels.

mod boot;
mod compatibility;
#[path = "../common/elf.rs"]
mod elf;
mod paging;
mod protected;
mod protected_lab;
mod real;
mod real_lab;
mod segments;
mod tasks;
mod trampoline;
mod virtual_8086;
