//! Every word that the views say, in one table a language. `{}` stands for what is filled in.

mod en;

/// Makes the table's type and, from the same lines, the English table.
macro_rules! table {
    ($($(#[$doc:meta])* $name:ident: $text:expr,)*) => {
        /// The views' words.
        #[derive(Debug)]
        #[allow(missing_docs)]
        pub struct Words { $($(#[$doc])* pub $name: &'static str,)* }
        /// English.
        pub static EN: Words = Words { $($name: $text,)* };
        /// Every entry with its name, for the tests.
        #[cfg(test)]
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $text),)*];
    };
}
pub(crate) use table;

pub use en::Words;

/// The words of the page's language.
pub fn words() -> &'static Words {
    &en::EN
}

/// Shares that have a name in the page's language, in thousandths.
pub fn fractions() -> &'static [(u32, &'static str)] {
    &en::FRACTIONS
}

#[cfg(test)]
mod tests {
    use super::en::ALL;

    #[test]
    fn no_entry_is_empty_or_has_stray_spaces() {
        for (name, text) in ALL {
            assert!(!text.is_empty() && text.trim() == *text, "{name}: {text:?}");
        }
    }
}
