//! One configuration laid over another.

/// Defines `or`: each field of `self` where it is set, of `other` where not. `tables` are always there, those that are
/// `optional` may be missing.
macro_rules! layered {
    ($name:ident { $($field:ident),* $(,)? } $(tables { $($nested:ident),* $(,)? })? $(optional { $($optional:ident),* $(,)? })?) => {
        impl $name {
            /// Lays this configuration over `other`: what is set here wins.
            #[must_use]
            pub fn or(self, other: Self) -> Self {
                Self {
                    $($field: self.$field.or(other.$field),)*
                    $($($nested: self.$nested.or(other.$nested),)*)?
                    $($($optional: match (self.$optional, other.$optional) {
                        (Some(over), Some(under)) => Some(over.or(under)),
                        (over, under) => over.or(under),
                    },)*)?
                }
            }
        }
    };
}

pub(super) use layered;
