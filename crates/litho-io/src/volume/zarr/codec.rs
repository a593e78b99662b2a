//! What may be done to the bytes of a chunk.

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Read;

/// One step from numbers to the bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    /// Zstandard (RFC 8878).
    Zstd,
    /// gzip (RFC 1952).
    Gzip,
    /// zlib (RFC 1950).
    Zlib,
    /// Four bytes of a checksum at the end, which are taken off.
    Checksum,
}

impl Codec {
    /// The bytes before this step, at most `limit` of them and one more; the error is in words.
    pub(super) fn undo(self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
        let most = (limit as u64).saturating_add(1);
        let mut out = Vec::new();
        let words = |e: std::io::Error| e.to_string();
        match self {
            Self::Zstd => {
                let decoder = StreamingDecoder::new(bytes).map_err(|e| e.to_string())?;
                decoder.take(most).read_to_end(&mut out).map_err(words)?;
            }
            Self::Gzip => {
                MultiGzDecoder::new(bytes).take(most).read_to_end(&mut out).map_err(words)?;
            }
            Self::Zlib => {
                ZlibDecoder::new(bytes).take(most).read_to_end(&mut out).map_err(words)?;
            }
            Self::Checksum => {
                let end = bytes.len().checked_sub(4).ok_or("it is too short for its checksum")?;
                out.extend_from_slice(&bytes[..end]);
            }
        }
        Ok(out)
    }
}

/// Magic number, descriptor and window of a frame's header (RFC 8878, 3.1.1.1).
const FRAME_HEADER: usize = 6;
/// Bits of the descriptor that say which fields follow: size of content, one segment, dictionary.
const FIELDS: u8 = 0b1110_0011;
/// The content's size follows in four bytes.
const SIZE_IN_FOUR: u8 = 0b1000_0000;

/// Zstandard at its fastest, with the size of the content in the header: several readers need it there to make room.
pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut frame = compress_to_vec(bytes, CompressionLevel::Fastest);
    let descriptor = frame.get(4).copied().unwrap_or(FIELDS);
    if let Ok(size) = u32::try_from(bytes.len())
        && descriptor & FIELDS == 0
        && frame.len() >= FRAME_HEADER
    {
        frame[4] = descriptor | SIZE_IN_FOUR;
        frame.splice(FRAME_HEADER..FRAME_HEADER, size.to_le_bytes());
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_tells_the_size_of_its_content_and_reads_back() {
        let bytes: Vec<u8> = (0..300_000_u32).flat_map(|v| ((v / 7) as f32).to_le_bytes()).collect();
        let frame = zstd(&bytes);
        assert_eq!(frame[4] & FIELDS, SIZE_IN_FOUR);
        assert_eq!(frame[FRAME_HEADER..FRAME_HEADER + 4], 1_200_000_u32.to_le_bytes());
        assert_eq!(Codec::Zstd.undo(&frame, bytes.len()), Ok(bytes.clone()));
        // A bomb is not unpacked further than it may be long.
        assert_eq!(Codec::Zstd.undo(&zstd(&vec![0; 1 << 20]), 99).map(|out| out.len()), Ok(100));
        assert!(Codec::Zstd.undo(&frame[..frame.len() / 2], bytes.len()).is_err());
        assert!(Codec::Gzip.undo(&frame, 10).is_err() && Codec::Checksum.undo(&[1, 2], 10).is_err());
    }
}
