//! What may be done to the bytes of a chunk.

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;
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

/// Beyond level 1 noisy numbers take longer and become no smaller.
pub(super) const ZSTD_LEVEL: i32 = 1;

/// One frame of Zstandard that tells the size of its content, as several readers need it to make room.
pub(super) fn zstd(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, ZSTD_LEVEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_tells_the_size_of_its_content_and_reads_back() {
        let bytes: Vec<u8> = (0..300_000_u32).flat_map(|v| ((v / 7) as f32).to_le_bytes()).collect();
        let frame = zstd(&bytes).expect("compressed");
        // RFC 8878, 3.1.1.1: the two high bits of the descriptor announce the size; 2 stands for four bytes. With one
        // segment (bit 5) there is no window before it.
        let (descriptor, start) = (frame[4], if frame[4] & 0b10_0000 == 0 { 6 } else { 5 });
        assert_eq!(descriptor >> 6, 2);
        assert_eq!(frame[start..start + 4], 1_200_000_u32.to_le_bytes());
        assert_eq!(Codec::Zstd.undo(&frame, bytes.len()), Ok(bytes.clone()));
        // A bomb is not unpacked further than it may be long.
        let bomb = zstd(&vec![0; 1 << 20]).expect("compressed");
        assert_eq!(Codec::Zstd.undo(&bomb, 99).map(|out| out.len()), Ok(100));
        assert!(Codec::Zstd.undo(&frame[..frame.len() / 2], bytes.len()).is_err());
        assert!(Codec::Gzip.undo(&frame, 10).is_err() && Codec::Checksum.undo(&[1, 2], 10).is_err());
    }
}
