//! The frames of a turning volume: each as a PNG, all of them as one animated PNG.

use super::palette::Palette;
use crate::ReportError;
use crate::figure::Raster;

/// Pictures of one size that follow each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Film {
    pub(super) frames: Vec<Raster>,
    /// Frames per second.
    pub(super) rate: u16,
}

impl Film {
    /// Number of frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// True without a frame.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Height and width of a frame in pixels.
    pub fn size(&self) -> (usize, usize) {
        self.frames.first().map_or((0, 0), |frame| (frame.height, frame.width))
    }

    /// Red, green and blue of pixel `(y, x)` of a frame; `None` outside.
    pub fn pixel(&self, frame: usize, (y, x): (usize, usize)) -> Option<[u8; 3]> {
        let frame = self.frames.get(frame).filter(|f| y < f.height && x < f.width)?;
        let [r, g, b, _] = frame.pixels[y * frame.width + x];
        Some([r, g, b])
    }

    /// PNG bytes of each frame, in full colour.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn to_pngs(&self) -> Result<Vec<Vec<u8>>, ReportError> {
        self.frames.iter().map(|frame| frame.to_png("frame of an animation")).collect()
    }

    /// One animated PNG that runs for ever, in at most 256 colours. Programs that know no animation show its first frame.
    ///
    /// # Errors
    /// If there is no frame, or the encoder fails.
    pub fn to_apng(&self) -> Result<Vec<u8>, ReportError> {
        let palette = Palette::of(&self.frames);
        let mut bytes = Vec::new();
        self.encode(&palette, &mut bytes)
            .map_err(|source| ReportError::Animation { frames: self.frames.len(), source })?;
        Ok(bytes)
    }

    fn encode(&self, palette: &Palette, bytes: &mut Vec<u8>) -> Result<(), png::EncodingError> {
        let (height, width) = self.size();
        let mut encoder = png::Encoder::new(bytes, width as u32, height as u32);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(palette.colours.concat());
        encoder.set_compression(png::Compression::Balanced);
        // Neighbouring indices mean nothing to each other.
        encoder.set_filter(png::Filter::NoFilter);
        encoder.set_animated(self.frames.len() as u32, 0)?;
        encoder.set_frame_delay(1, self.rate.max(1))?;
        let mut writer = encoder.write_header()?;
        for frame in &self.frames {
            let indices: Vec<u8> =
                frame.pixels.iter().map(|&[r, g, b, _]| palette.index([r, g, b])).collect();
            writer.write_image_data(&indices)?;
        }
        writer.finish()
    }
}
