//! The bitshuffle inverse in AVX2: the steps of the portable words on 32 byte columns at a time.

#![expect(
    unsafe_code,
    reason = "vector loads, stores and target-feature calls; each is bounded by an assertion"
)]

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_loadu_si256, _mm256_permute2x128_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_slli_epi64, _mm256_srli_epi64, _mm256_storeu_si256, _mm256_storeu2_m128i,
    _mm256_unpackhi_epi8, _mm256_unpackhi_epi16, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64,
    _mm256_unpacklo_epi8, _mm256_unpacklo_epi16, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
    _mm256_xor_si256,
};

/// Whether this CPU runs [`unshuffle`].
pub(super) fn detected() -> bool {
    is_x86_feature_detected!("avx2")
}

/// Undoes bitshuffle for the first multiple of 32 byte columns; returns that number of columns.
///
/// # Panics
/// If the CPU has no AVX2, or `planes` and `out` differ in length.
pub(super) fn unshuffle<const E: usize>(planes: &[u8], out: &mut [u8]) -> usize {
    assert!(detected() && planes.len() == out.len());
    // SAFETY: AVX2 is present and the slices are equally long, both checked above.
    unsafe { columns_of_32::<E>(planes, out) }
}

/// # Safety
/// The CPU has AVX2; `planes` and `out` have equal lengths.
#[target_feature(enable = "avx2")]
unsafe fn columns_of_32<const E: usize>(planes: &[u8], out: &mut [u8]) -> usize {
    let columns = planes.len() / (8 * E);
    let end = columns / 32 * 32;
    for k in (0..end).step_by(32) {
        // words[q / 8][q % 8] holds output byte q of each of 32 columns, q = m·E + j.
        let mut words = [[_mm256_setzero_si256(); 8]; E];
        for j in 0..E {
            let mut rows = [_mm256_setzero_si256(); 8];
            for (b, row) in rows.iter_mut().enumerate() {
                let at = (8 * j + b) * columns + k;
                // SAFETY: k + 32 ≤ columns and 8j + b < 8E, so at + 32 ≤ 8E·columns ≤ planes.len().
                *row = unsafe { _mm256_loadu_si256(planes.as_ptr().add(at).cast()) };
            }
            let rows = transpose_bits(rows);
            for (m, row) in rows.into_iter().enumerate() {
                let q = m * E + j;
                words[q / 8][q % 8] = row;
            }
        }
        for group in &mut words {
            *group = transpose_bytes(*group);
        }
        // SAFETY: columns k to k + 31 < columns take out[8E·k .. 8E·(k + 32)], which ends within out.len() = 8E·columns.
        unsafe { store_columns::<E>(&words, out.as_mut_ptr().add(8 * E * k)) };
    }
    end
}

/// Stores 32 columns of `8·E` bytes, contiguous from `target`.
///
/// Each 128-bit lane of `groups[g][i]` holds bytes `8g` to `8g + 7` of columns `2i` and `2i + 1` of its 16.
///
/// # Safety
/// `target` is valid for writes of `256·E` bytes.
#[target_feature(enable = "avx2")]
unsafe fn store_columns<const E: usize>(groups: &[[__m256i; 8]; E], target: *mut u8) {
    for (i, &first) in groups[0].iter().enumerate() {
        // Byte q of column c, c ≤ 2·7 + 1 + 16 = 31.
        let place = |c: usize, q: usize| target.wrapping_add(8 * E * c + q);
        if E == 1 {
            // SAFETY: columns 2i and 2i + 1 are adjacent for E = 1, so each 16-byte store ends with column 31 at most.
            unsafe { _mm256_storeu2_m128i(place(2 * i + 16, 0).cast(), place(2 * i, 0).cast(), first) };
            continue;
        }
        for g in (0..E).step_by(4) {
            // 16 bytes of the even and of the odd column, per lane.
            let even = _mm256_unpacklo_epi64(groups[g][i], groups[g + 1][i]);
            let odd = _mm256_unpackhi_epi64(groups[g][i], groups[g + 1][i]);
            if E == 2 {
                // SAFETY: a column has 16 bytes for E = 2, and c ≤ 31.
                unsafe {
                    _mm256_storeu2_m128i(place(2 * i + 16, 0).cast(), place(2 * i, 0).cast(), even);
                    _mm256_storeu2_m128i(place(2 * i + 17, 0).cast(), place(2 * i + 1, 0).cast(), odd);
                }
                continue;
            }
            let even_next = _mm256_unpacklo_epi64(groups[g + 2][i], groups[g + 3][i]);
            let odd_next = _mm256_unpackhi_epi64(groups[g + 2][i], groups[g + 3][i]);
            let q = 8 * g;
            // SAFETY: 32 bytes from q = 8g with g ≤ E − 4 end within the column's 8E bytes, and c ≤ 31.
            unsafe {
                _mm256_storeu_si256(
                    place(2 * i, q).cast(),
                    _mm256_permute2x128_si256::<0x20>(even, even_next),
                );
                _mm256_storeu_si256(
                    place(2 * i + 16, q).cast(),
                    _mm256_permute2x128_si256::<0x31>(even, even_next),
                );
                _mm256_storeu_si256(
                    place(2 * i + 1, q).cast(),
                    _mm256_permute2x128_si256::<0x20>(odd, odd_next),
                );
                _mm256_storeu_si256(
                    place(2 * i + 17, q).cast(),
                    _mm256_permute2x128_si256::<0x31>(odd, odd_next),
                );
            }
        }
    }
}

/// Bit `b` of byte `k` of result `m` is bit `m` of byte `k` of `rows[b]`.
#[target_feature(enable = "avx2")]
#[inline]
fn transpose_bits(mut rows: [__m256i; 8]) -> [__m256i; 8] {
    macro_rules! swap_blocks {
        ($step:literal, $mask:literal) => {
            for low in (0..8).filter(|i| i & $step == 0) {
                let (a, b) = (rows[low], rows[low + $step]);
                let swap = _mm256_xor_si256(_mm256_srli_epi64::<$step>(a), b);
                let swap = _mm256_and_si256(swap, _mm256_set1_epi8($mask));
                rows[low + $step] = _mm256_xor_si256(b, swap);
                rows[low] = _mm256_xor_si256(a, _mm256_slli_epi64::<$step>(swap));
            }
        };
    }
    swap_blocks!(4, 0x0f);
    swap_blocks!(2, 0x33);
    swap_blocks!(1, 0x55);
    rows
}

/// Per 128-bit lane of 16 columns: result `i` holds bytes of words 0–7 for column `2i`, then for `2i + 1`.
#[target_feature(enable = "avx2")]
#[inline]
fn transpose_bytes(w: [__m256i; 8]) -> [__m256i; 8] {
    let (a0, a1) = (_mm256_unpacklo_epi8(w[0], w[1]), _mm256_unpackhi_epi8(w[0], w[1]));
    let (b0, b1) = (_mm256_unpacklo_epi8(w[2], w[3]), _mm256_unpackhi_epi8(w[2], w[3]));
    let (c0, c1) = (_mm256_unpacklo_epi8(w[4], w[5]), _mm256_unpackhi_epi8(w[4], w[5]));
    let (d0, d1) = (_mm256_unpacklo_epi8(w[6], w[7]), _mm256_unpackhi_epi8(w[6], w[7]));
    // Bytes of words 0–3 (low) and 4–7 (high), four columns per register and lane.
    let low = [
        _mm256_unpacklo_epi16(a0, b0),
        _mm256_unpackhi_epi16(a0, b0),
        _mm256_unpacklo_epi16(a1, b1),
        _mm256_unpackhi_epi16(a1, b1),
    ];
    let high = [
        _mm256_unpacklo_epi16(c0, d0),
        _mm256_unpackhi_epi16(c0, d0),
        _mm256_unpacklo_epi16(c1, d1),
        _mm256_unpackhi_epi16(c1, d1),
    ];
    [
        _mm256_unpacklo_epi32(low[0], high[0]),
        _mm256_unpackhi_epi32(low[0], high[0]),
        _mm256_unpacklo_epi32(low[1], high[1]),
        _mm256_unpackhi_epi32(low[1], high[1]),
        _mm256_unpacklo_epi32(low[2], high[2]),
        _mm256_unpackhi_epi32(low[2], high[2]),
        _mm256_unpacklo_epi32(low[3], high[3]),
        _mm256_unpackhi_epi32(low[3], high[3]),
    ]
}
