//! Detector masks of one frame or of all, in any polarity.

use super::plan::{FramesPlan, MaskPlan};
use crate::error::IoError;
use crate::h5::H5File;
use litho_types::mask::{DetectorMask, MaskPolarity};
use ndarray::Array2;

/// Reads the mask; without one every pixel is good.
///
/// # Errors
/// If it has not the shape of a frame, or leaves no pixel.
pub(super) fn read_mask(plan: Option<&MaskPlan>, frames: &FramesPlan) -> Result<DetectorMask, IoError> {
    let Some(plan) = plan else { return Ok(DetectorMask::all_good(frames.shape)) };
    let file = H5File::open(&plan.file)?;
    // The bits of all images are joined, so that a pixel is good only where all of them say so.
    let neutral = u32::from(plan.polarity == MaskPolarity::NonZeroIsGood);
    let mut joined = Array2::from_elem(frames.shape, neutral);
    for dataset in &plan.datasets {
        join(&file, dataset, plan.polarity, &mut joined)?;
    }
    let mask = DetectorMask::from_values(joined.view(), plan.polarity);
    if mask.good_count() == 0 {
        return Err(IoError::BadValue {
            path: plan.file.clone(),
            dataset: plan.datasets.join(", "),
            index: "every pixel".to_owned(),
            value: "bad".to_owned(),
            problem: format!(
                "the mask, read as {:?}, leaves no pixel; check whether ones mark good or bad pixels and state the \
                 polarity",
                plan.polarity
            ),
        });
    }
    Ok(mask)
}

fn join(
    file: &H5File,
    dataset: &str,
    polarity: MaskPolarity,
    joined: &mut Array2<u32>,
) -> Result<(), IoError> {
    let (ny, nx) = joined.dim();
    let shape = file.shape(dataset)?;
    let images = match shape.as_slice() {
        [leading @ .., y, x] if (*y, *x) == (ny, nx) => leading.iter().product::<usize>(),
        _ => return Err(file.wrong_shape(dataset, shape, &format!("({ny}, {nx}), the shape of a frame"))),
    };
    // Every image of a stack is read by itself: weights per frame can be as large as the frames.
    let part = super::plan::FramePart {
        file: file.path().to_owned(),
        dataset: dataset.to_owned(),
        shape,
        count: images,
    };
    let mut image = 0;
    while image < images {
        let block = if part.shape.len() == 2 {
            file.numbers::<f64>(dataset)?.1
        } else {
            file.frame_block::<f64>(&part, image, ny * nx * size_of::<f64>())?
        };
        for (index, value) in block.iter().enumerate() {
            let pixel = &mut joined[(index / nx % ny, index % nx)];
            match polarity {
                // Weights may be fractions: anything but zero is good.
                MaskPolarity::NonZeroIsGood => *pixel &= u32::from(*value != 0.0 && !value.is_nan()),
                MaskPolarity::NonZeroIsBad => *pixel |= u32::from(*value != 0.0),
                // Through i64, so that a signed mask keeps its highest bit.
                MaskPolarity::CxiBits | MaskPolarity::NexusBits => *pixel |= *value as i64 as u32,
            }
        }
        image += block.len() / (ny * nx);
    }
    Ok(())
}
