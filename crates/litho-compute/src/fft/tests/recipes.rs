//! Plans as data, and what cannot be planned.

use crate::fft::{ColumnRecipe, Fft2, FftError, FftRecipe, InstructionSet, Radix};

#[test]
fn recipes_take_lengths_apart() {
    use Radix::{Eight, Five, Four, Seven, Six, Three, Two};
    for (rows, radices) in [
        (1, vec![]),
        (2, vec![Two]),
        (3, vec![Three]),
        (7, vec![Seven]),
        (64, vec![Four, Four, Four]),
        (96, vec![Four, Four, Six]),
        (100, vec![Four, Five, Five]),
        (128, vec![Four, Four, Eight]),
        (192, vec![Three, Four, Four, Four]),
        (210, vec![Five, Six, Seven]),
        (256, vec![Four, Four, Four, Four]),
        (512, vec![Four, Four, Four, Eight]),
    ] {
        let recipe = FftRecipe::new(rows, 5);
        assert_eq!(recipe, Ok(FftRecipe { ny: rows, nx: 5, columns: ColumnRecipe::Stockham(radices) }));
    }
}

/// Exactly the lengths without a prime factor above 7 get radices, and these multiply up to the length.
#[test]
fn radices_multiply_up_to_the_length() {
    for rows in 1..2000 {
        let mut rest = rows;
        for prime in [2, 3, 5, 7] {
            while rest % prime == 0 {
                rest /= prime;
            }
        }
        match ColumnRecipe::new(rows) {
            ColumnRecipe::Stockham(radices) => {
                assert_eq!(rest, 1);
                assert_eq!(radices.iter().map(|radix| radix.points()).product::<usize>(), rows);
            }
            ColumnRecipe::Rustfft => assert_ne!(rest, 1, "{rows} has radices"),
        }
    }
}

#[test]
fn shapes_without_a_transform_are_refused() {
    assert_eq!(Fft2::new(0, 8).err(), Some(FftError::EmptyFrame { ny: 0, nx: 8 }));
    assert_eq!(Fft2::new(8, 0).err(), Some(FftError::EmptyFrame { ny: 8, nx: 0 }));
    let half = usize::MAX / 2;
    assert_eq!(Fft2::new(half, 2).err(), Some(FftError::FrameTooLarge { ny: half, nx: 2 }));
}

#[test]
fn plans_name_their_instruction_set() {
    for instruction_set in InstructionSet::ALL {
        let plan = Fft2::with_instruction_set(8, 8, instruction_set);
        if instruction_set.is_supported() {
            assert_eq!(plan.map(|plan| plan.instruction_set()).ok(), Some(instruction_set));
        } else {
            assert_eq!(plan.err(), Some(FftError::UnsupportedInstructionSet { instruction_set }));
        }
    }
    assert_eq!(Fft2::new(8, 8).map(|plan| plan.instruction_set()), Ok(InstructionSet::best()));
}
