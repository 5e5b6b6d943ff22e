//! Choosing one instance of a generic handler.

/// `$handler` with `$width` standing for the integer of `$bytes` bytes.
macro_rules! by_width {
    ($bytes:expr, $width:ident => $handler:expr) => {
        match $bytes {
            1 => {
                type $width = u8;
                let run: $crate::cpu::op::Handler = $handler;
                run
            }
            _ => $crate::cpu::decode::select::by_wide!($bytes, $width => $handler),
        }
    };
}

/// As [`by_width`], for instructions without a byte form.
macro_rules! by_wide {
    ($bytes:expr, $width:ident => $handler:expr) => {
        match $bytes {
            2 => {
                type $width = u16;
                let run: $crate::cpu::op::Handler = $handler;
                run
            }
            4 => {
                type $width = u32;
                let run: $crate::cpu::op::Handler = $handler;
                run
            }
            8 => {
                type $width = u64;
                let run: $crate::cpu::op::Handler = $handler;
                run
            }
            _ => $crate::cpu::exec::undefined,
        }
    };
}

/// `$handler` with `$kind` standing for `$memory` if the condition holds, else for `$register`.
macro_rules! by_place {
    ($in_memory:expr, $register:ty, $kind:ident => $handler:expr) => {
        if $in_memory {
            type $kind = $crate::cpu::exec::operand::Mem;
            $handler
        } else {
            type $kind = $register;
            $handler
        }
    };
}

/// `$handler` with `$code` standing for the condition's number.
macro_rules! by_condition {
    ($condition:expr, $code:ident => $handler:expr) => {
        $crate::cpu::decode::select::by_condition!(@ $condition, $code, $handler,
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (@ $condition:expr, $code:ident, $handler:expr, $($number:literal)*) => {
        match $condition {
            $($number => {
                const $code: u8 = $number;
                let run: $crate::cpu::op::Handler = $handler;
                run
            })*
            _ => $crate::cpu::exec::undefined,
        }
    };
}

pub(super) use {by_condition, by_place, by_wide, by_width};
