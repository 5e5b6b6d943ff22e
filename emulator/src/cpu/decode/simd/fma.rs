//! Fused multiply-add: a row for each order and kind.

use iced_x86::{Instruction, Mnemonic as M};

use super::pick::fused;
use crate::cpu::exec::simd::fma::{Fma, kind};
use crate::cpu::op::Handler;

macro_rules! fma {
    ($i:ident: $($ps:ident $pd:ident $($ss:ident $sd:ident)? = $order:literal $kind:ident;)*) => {
        match $i.mnemonic() {
            $(
                M::$ps => fused::<Fma<u32, false, $order, { kind::$kind }>>(),
                M::$pd => fused::<Fma<u64, false, $order, { kind::$kind }>>(),
                $(
                    M::$ss => fused::<Fma<u32, true, $order, { kind::$kind }>>(),
                    M::$sd => fused::<Fma<u64, true, $order, { kind::$kind }>>(),
                )?
            )*
            _ => return None,
        }
    };
}

/// Chooses the handler.
pub fn choose(i: &Instruction) -> Option<Handler> {
    Some(fma! { i:
        Vfmadd132ps Vfmadd132pd Vfmadd132ss Vfmadd132sd = 132 ADD;
        Vfmadd213ps Vfmadd213pd Vfmadd213ss Vfmadd213sd = 213 ADD;
        Vfmadd231ps Vfmadd231pd Vfmadd231ss Vfmadd231sd = 231 ADD;
        Vfmsub132ps Vfmsub132pd Vfmsub132ss Vfmsub132sd = 132 SUB;
        Vfmsub213ps Vfmsub213pd Vfmsub213ss Vfmsub213sd = 213 SUB;
        Vfmsub231ps Vfmsub231pd Vfmsub231ss Vfmsub231sd = 231 SUB;
        Vfnmadd132ps Vfnmadd132pd Vfnmadd132ss Vfnmadd132sd = 132 NEGATED_ADD;
        Vfnmadd213ps Vfnmadd213pd Vfnmadd213ss Vfnmadd213sd = 213 NEGATED_ADD;
        Vfnmadd231ps Vfnmadd231pd Vfnmadd231ss Vfnmadd231sd = 231 NEGATED_ADD;
        Vfnmsub132ps Vfnmsub132pd Vfnmsub132ss Vfnmsub132sd = 132 NEGATED_SUB;
        Vfnmsub213ps Vfnmsub213pd Vfnmsub213ss Vfnmsub213sd = 213 NEGATED_SUB;
        Vfnmsub231ps Vfnmsub231pd Vfnmsub231ss Vfnmsub231sd = 231 NEGATED_SUB;
        Vfmaddsub132ps Vfmaddsub132pd = 132 ADD_SUB;
        Vfmaddsub213ps Vfmaddsub213pd = 213 ADD_SUB;
        Vfmaddsub231ps Vfmaddsub231pd = 231 ADD_SUB;
        Vfmsubadd132ps Vfmsubadd132pd = 132 SUB_ADD;
        Vfmsubadd213ps Vfmsubadd213pd = 213 SUB_ADD;
        Vfmsubadd231ps Vfmsubadd231pd = 231 SUB_ADD;
    })
}
