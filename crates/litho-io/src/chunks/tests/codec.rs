//! Chunks written by encoders made here or taken from other crates, decoded; and bytes no encoder wrote.

use crate::chunks::bitshuffle::Width;
use crate::chunks::codec::{CodecScratch, Pipeline};
use crate::chunks::error::CodecError;
use hdf5::filters::Filter;
use proptest::prelude::*;
use std::io::Write;

const WIDTHS: [Width; 4] = [Width::One, Width::Two, Width::Four, Width::Eight];

/// Photon-like counts: mostly zero, `n` elements of `width` little-endian bytes, from a fixed congruential sequence
/// (Numerical Recipes, section 7.1).
fn counts(n: usize, width: Width) -> Vec<u8> {
    let mut state = 12345u32;
    (0..n)
        .flat_map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let count = if state >> 28 == 0 { u64::from(state >> 20 & 0xff) } else { 0 };
            count.to_le_bytes()[..width.bytes()].to_vec()
        })
        .collect()
}

/// Forward bitshuffle of one block of whole groups of 8 elements, bit by bit from the definition.
fn bitshuffle_block(elements: &[u8], width: usize) -> Vec<u8> {
    let columns = elements.len() / (8 * width);
    let mut planes = vec![0; elements.len()];
    for element in 0..8 * columns {
        for bit in 0..8 * width {
            let value = elements[element * width + bit / 8] >> (bit % 8) & 1;
            planes[bit * columns + element / 8] |= value << (element % 8);
        }
    }
    planes
}

/// Filter 32008 with compression: header, blocks, raw rest.
fn bitshuffle_compress(
    data: &[u8],
    width: Width,
    block_elements: usize,
    compress: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let block_bytes = block_elements * width.bytes();
    let mut chunk = (data.len() as u64).to_be_bytes().to_vec();
    chunk.extend((block_bytes as u32).to_be_bytes());
    let (blocks, rest) = data.split_at(data.len() - data.len() % (8 * width.bytes()));
    for block in blocks.chunks(block_bytes) {
        let compressed = compress(&bitshuffle_block(block, width.bytes()));
        chunk.extend((compressed.len() as u32).to_be_bytes());
        chunk.extend(compressed);
    }
    chunk.extend(rest);
    chunk
}

fn zstd(data: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

fn bitshuffle_filter(width: Width, block_elements: u32, compression: u32) -> Filter {
    Filter::user(32008, &[0, 4, width.bytes() as u32, block_elements, compression])
}

fn pipeline(filters: &[Filter], width: Width) -> Pipeline {
    Pipeline::new(filters, width).expect("a pipeline of known filters")
}

fn decode(pipeline: &Pipeline, stored: &[u8], skipped: u32, length: usize) -> Result<Vec<u8>, CodecError> {
    let mut out = vec![0xcd; length];
    pipeline.decode(stored, skipped, &mut out, &mut CodecScratch::default()).map(|()| out)
}

#[test]
fn bitshuffled_chunks_round_trip_for_every_width_block_size_and_rest() {
    for width in WIDTHS {
        // 3 default blocks and some; a rest of 5 elements that are stored raw; less than one group of 8.
        for (elements, block) in [(3 * 8192 / width.bytes() + 72, 8192 / width.bytes()), (1005, 64), (7, 64)]
        {
            let data = counts(elements, width);
            let lz4 = bitshuffle_compress(&data, width, block, lz4_flex::block::compress);
            let by_lz4 = decode(&pipeline(&[bitshuffle_filter(width, 0, 2)], width), &lz4, 0, data.len());
            assert_eq!(by_lz4.as_ref(), Ok(&data), "LZ4, {width:?}, {elements} elements");
            let by_zstd = bitshuffle_compress(&data, width, block, zstd);
            let by_zstd =
                decode(&pipeline(&[bitshuffle_filter(width, 0, 3)], width), &by_zstd, 0, data.len());
            assert_eq!(by_zstd.as_ref(), Ok(&data), "zstd, {width:?}, {elements} elements");

            let (blocks, rest) = data.split_at(data.len() - data.len() % (8 * width.bytes()));
            let mut raw: Vec<u8> = blocks
                .chunks(block * width.bytes())
                .flat_map(|b| bitshuffle_block(b, width.bytes()))
                .collect();
            raw.extend(rest);
            let by_raw =
                decode(&pipeline(&[bitshuffle_filter(width, block as u32, 0)], width), &raw, 0, data.len());
            assert_eq!(by_raw.as_ref(), Ok(&data), "raw, {width:?}, {elements} elements");
        }
    }
}

#[test]
fn lz4_blocks_as_long_as_their_content_are_stored_raw() {
    let data: Vec<u8> = (0..=255).cycle().take(1000).map(|i: u8| i.wrapping_mul(167) ^ i >> 3).collect();
    let mut chunk = 1000u64.to_be_bytes().to_vec();
    chunk.extend(300u32.to_be_bytes());
    for (i, block) in data.chunks(300).enumerate() {
        let compressed = lz4_flex::block::compress(block);
        let stored = if i % 2 == 0 { block } else { &compressed };
        chunk.extend((stored.len() as u32).to_be_bytes());
        chunk.extend(stored);
    }
    assert_eq!(decode(&pipeline(&[Filter::user(32004, &[300])], Width::One), &chunk, 0, 1000), Ok(data));
}

#[test]
fn shuffle_then_deflate_honours_the_skip_mask() {
    let width = Width::Four;
    let data = counts(333, width);
    let shuffled: Vec<u8> = (0..4).flat_map(|j| data.iter().skip(j).step_by(4).copied()).collect();
    let both = pipeline(&[Filter::shuffle(), Filter::deflate(4)], width);
    assert_eq!(decode(&both, &zlib(&shuffled), 0b00, data.len()).as_ref(), Ok(&data));
    assert_eq!(decode(&both, &zlib(&data), 0b01, data.len()).as_ref(), Ok(&data));
    assert_eq!(decode(&both, &shuffled, 0b10, data.len()).as_ref(), Ok(&data));
    assert_eq!(decode(&both, &data, 0b11, data.len()).as_ref(), Ok(&data));
}

#[test]
fn wrong_lengths_are_errors_that_name_both() {
    let width = Width::Two;
    let data = counts(512, width);
    let bitshuffle = pipeline(&[bitshuffle_filter(width, 0, 2)], width);
    let chunk = bitshuffle_compress(&data, width, 64, lz4_flex::block::compress);
    let wrong = decode(&bitshuffle, &chunk, 0, data.len() + 2).expect_err("the header says 1024").to_string();
    assert!(wrong.contains("1024") && wrong.contains("1026"), "{wrong}");
    for end in 0..chunk.len() {
        decode(&bitshuffle, &chunk[..end], 0, data.len()).expect_err("a truncated chunk");
    }
    let deflate = pipeline(&[Filter::deflate(1)], width);
    let stream = zlib(&data);
    for length in [data.len() - 1, data.len() + 1] {
        decode(&deflate, &stream, 0, length).expect_err("a stream of another length");
    }
    for end in 0..stream.len() {
        decode(&deflate, &stream[..end], 0, data.len()).expect_err("a truncated stream");
    }
    decode(&pipeline(&[], width), &data, 0, data.len() + 1)
        .expect_err("an unfiltered chunk of another length");
}

#[test]
fn impossible_block_sizes_are_errors() {
    let mut chunk = 1024u64.to_be_bytes().to_vec();
    chunk.extend(6u32.to_be_bytes());
    let bitshuffle = pipeline(&[bitshuffle_filter(Width::Two, 0, 2)], Width::Two);
    let expected = CodecError::BlockSize { filter: "bitshuffle+LZ4", bytes: 6, multiple: 16 };
    assert_eq!(decode(&bitshuffle, &chunk, 0, 1024), Err(expected));
    chunk[8..].copy_from_slice(&[0; 4]);
    let expected = CodecError::BlockSize { filter: "LZ4", bytes: 0, multiple: 1 };
    assert_eq!(decode(&pipeline(&[Filter::user(32004, &[])], Width::Two), &chunk, 0, 1024), Err(expected));
}

#[test]
fn pipelines_that_are_not_known_are_left_to_hdf5() {
    for filters in [
        vec![Filter::user(32001, &[2, 2, 4, 4096, 5, 1, 1])],
        vec![Filter::fletcher32()],
        vec![Filter::deflate(4), Filter::shuffle()],
        vec![Filter::deflate(4), Filter::deflate(4)],
        vec![bitshuffle_filter(Width::Four, 12, 0)],
        vec![Filter::user(32008, &[0, 4, 3, 0, 2])],
        vec![Filter::user(32008, &[])],
    ] {
        Pipeline::new(&filters, Width::Four).expect_err("a pipeline this module does not undo");
    }
}

/// Every pipeline that decodes by itself, for elements of two bytes.
fn every_pipeline() -> Vec<Pipeline> {
    let width = Width::Two;
    [
        vec![],
        vec![Filter::shuffle()],
        vec![Filter::shuffle(), Filter::deflate(4)],
        vec![Filter::user(32004, &[])],
        vec![Filter::user(32015, &[])],
        vec![bitshuffle_filter(width, 0, 0)],
        vec![bitshuffle_filter(width, 0, 2)],
        vec![bitshuffle_filter(width, 0, 3)],
    ]
    .iter()
    .map(|filters| pipeline(filters, width))
    .collect()
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        stored in prop::collection::vec(any::<u8>(), 0..300),
        length in 0usize..600,
        block in any::<u32>(),
    ) {
        let mut headed = (length as u64).to_be_bytes().to_vec();
        headed.extend(block.to_be_bytes());
        headed.extend(&stored);
        for pipeline in every_pipeline() {
            for bytes in [&stored, &headed] {
                if let Ok(out) = decode(&pipeline, bytes, 0, length) {
                    prop_assert_eq!(out.len(), length);
                }
            }
        }
    }

    /// One byte of a good chunk changed: an error or other numbers, never a panic; unchanged: the numbers.
    #[test]
    fn damaged_chunks_never_panic(at in any::<prop::sample::Index>(), change in any::<u8>(), code in 2u32..4) {
        let width = Width::Two;
        let data = counts(300, width);
        let compress = if code == 2 { lz4_flex::block::compress } else { zstd };
        let mut chunk = bitshuffle_compress(&data, width, 64, compress);
        *at.get_mut(&mut chunk) ^= change;
        let decoded = decode(&pipeline(&[bitshuffle_filter(width, 0, code)], width), &chunk, 0, data.len());
        if change == 0 {
            prop_assert_eq!(decoded, Ok(data));
        }
    }
}
