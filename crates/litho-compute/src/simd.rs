//! Compiles a plain loop once for every machine and once for AVX2, and picks at run time.

/// Defines a free function whose body is also compiled with AVX2 and FMA
/// enabled; the faster one runs where the processor has them. Rust never fuses
/// a multiplication with an addition by itself, so both give the same bits.
macro_rules! vectorised {
    ($(#[$meta:meta])* fn $name:ident $(<$generic:ident: $bound:path>)? ($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$meta])*
        pub(crate) fn $name $(<$generic: $bound>)? ($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn body $(<$generic: $bound>)? ($($argument: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn avx2 $(<$generic: $bound>)? ($($argument: $type),*) $(-> $result)? {
                    body($($argument),*)
                }
                if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
                    // SAFETY: the line above found the features this function is compiled for.
                    #[expect(unsafe_code, reason = "run-time dispatch to a wider instruction set")]
                    return unsafe { avx2($($argument),*) };
                }
            }
            body($($argument),*)
        }
    };
}

pub(crate) use vectorised;
