//! Compiles code over lanes once for every machine and once for AVX2, and picks at run time.

/// Defines a free function over vectors of eight lanes, compiled for plain Rust and for AVX2 with FMA; the latter runs
/// where the processor has them. The body names the lanes by the first type parameter.
#[macro_export]
macro_rules! lanewise {
    ($(#[$meta:meta])* fn $name:ident<$lanes:ident $(, $generic:ident: $bound:path)?>($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$meta])*
        pub(crate) fn $name $(<$generic: $bound>)? ($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn body<$lanes: $crate::Lanes $(, $generic: $bound)?>($($argument: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn avx2 $(<$generic: $bound>)? ($($argument: $type),*) $(-> $result)? {
                    body::<$crate::FmaLanes $(, $generic)?>($($argument),*)
                }
                if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
                    // SAFETY: the line above found the features this function is compiled for.
                    #[expect(unsafe_code, reason = "run-time dispatch to a wider instruction set")]
                    return unsafe { avx2 $(::<$generic>)? ($($argument),*) };
                }
            }
            body::<$crate::PortableLanes $(, $generic)?>($($argument),*)
        }
    };
}
