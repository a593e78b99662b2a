//! From what a voxel does to the wave to what it is made of.
//!
//! | from | to | by |
//! |---|---|---|
//! | phase of a voxel φ | δ | `δ = −φ λ/(2πΔ)` |
//! | φ | electrons per Å³ | `n_e = −10⁻³⁰ φ/(r_e λ Δ)`, since `δ = r_e λ² n_e/2π` |
//! | φ | g/cm³ | `ρ = n_e Σ N_j A_j/(N_A Σ N_j Z_j)` for a known composition |
//! | optical density of a voxel | attenuation 1/m | `μ = OD/Δ` |
//! | optical density of a voxel | β | `β = μλ/4π` |
//!
//! Far from absorption edges f1 = Z, which is what the electron density counts; near one it counts `Σ(Z + f')`.

use crate::error::TomoError;
use litho_types::quantity::{ELECTRON_RADIUS_METRES, ElectronVolts, Metres};
use litho_types::scattering::Composition;
use litho_types::volume::{Volume, VolumeQuantity};
use std::f64::consts::PI;

const NAME: &str = "quantities of voxels";
/// Cubic ångströms in a cubic metre, and in a cubic centimetre.
const CUBIC_ANGSTROMS_PER_CUBIC_METRE: f64 = 1e30;
const CUBIC_ANGSTROMS_PER_CUBIC_CENTIMETRE: f64 = 1e24;

/// What turns the phase and the optical density of voxels into properties of the material.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VoxelScale {
    wavelength: f64,
    voxel: f64,
}

impl VoxelScale {
    /// For photons of `energy` and voxels of edge `voxel`.
    ///
    /// # Errors
    /// [`TomoError::Setting`] if either is not a positive number.
    pub fn new(energy: ElectronVolts, voxel: Metres) -> Result<Self, TomoError> {
        let settings = [
            ("the photon energy in eV", energy.value(), "give the energy of the photons"),
            ("the voxel in metres", voxel.value(), "give the edge of a voxel"),
        ];
        for (setting, value, fix) in settings {
            if !(value.is_finite() && value > 0.0) {
                return Err(TomoError::Setting { operation: NAME, setting, value, fix });
            }
        }
        Ok(Self { wavelength: energy.wavelength().value(), voxel: voxel.value() })
    }

    /// δ of a voxel of phase 1 rad: `−λ/(2πΔ)`.
    pub fn delta_per_radian(self) -> f64 {
        -self.wavelength / (2.0 * PI * self.voxel)
    }

    /// Electrons per Å³ of a voxel of phase 1 rad: `−10⁻³⁰/(r_e λ Δ)`.
    pub fn electron_density_per_radian(self) -> f64 {
        -1.0 / (ELECTRON_RADIUS_METRES * self.wavelength * self.voxel * CUBIC_ANGSTROMS_PER_CUBIC_METRE)
    }

    /// Attenuation μ in 1/m of a voxel of optical density 1.
    pub fn attenuation_per_optical_density(self) -> f64 {
        1.0 / self.voxel
    }

    /// β of a voxel of optical density 1: `λ/(4πΔ)`.
    pub fn beta_per_optical_density(self) -> f64 {
        self.wavelength / (4.0 * PI * self.voxel)
    }

    /// What a voxel of phase 1 rad is in the unit of `quantity`.
    fn per_radian(
        self,
        quantity: VolumeQuantity,
        composition: Option<&Composition>,
    ) -> Result<Option<f64>, TomoError> {
        Ok(match quantity {
            VolumeQuantity::Phase => Some(1.0),
            VolumeQuantity::Delta => Some(self.delta_per_radian()),
            VolumeQuantity::ElectronDensity => Some(self.electron_density_per_radian()),
            VolumeQuantity::MassDensity => {
                let composition = composition.ok_or(TomoError::NoComposition)?;
                Some(self.electron_density_per_radian() * mass_density_per_electron_density(composition)?)
            }
            VolumeQuantity::OpticalDensity | VolumeQuantity::Unknown => None,
        })
    }
}

/// g/cm³ of a material of this composition with one electron per Å³.
///
/// # Errors
/// [`TomoError::Scattering`] if the table of atomic masses cannot be read.
pub fn mass_density_per_electron_density(composition: &Composition) -> Result<f64, TomoError> {
    Ok(CUBIC_ANGSTROMS_PER_CUBIC_CENTIMETRE / composition.electrons_per_gram()?)
}

/// Electrons per Å³ of a material of this composition and `density` in g/cm³: `ρ N_A ΣN_jZ_j/ΣN_jA_j`.
///
/// # Errors
/// [`TomoError::Scattering`] if the table of atomic masses cannot be read.
pub fn electron_density_of(composition: &Composition, density: f64) -> Result<f64, TomoError> {
    Ok(density / mass_density_per_electron_density(composition)?)
}

/// What a voxel of edge `voxel` in the quantity `from` is multiplied by to become `to`. Between phase, δ, electron density and
/// mass density (which needs a `composition`) there is a factor each; optical density stays what it is.
///
/// # Errors
/// [`TomoError::Quantity`] if there is no way from one to the other, [`TomoError::NoComposition`],
/// [`TomoError::Setting`] for an impossible energy or voxel.
pub fn factor(
    from: VolumeQuantity,
    to: VolumeQuantity,
    energy: ElectronVolts,
    voxel: Metres,
    composition: Option<&Composition>,
) -> Result<f64, TomoError> {
    if from == to {
        return Ok(1.0);
    }
    let no_way = TomoError::Quantity { from: from.name(), to: to.name() };
    let scale = VoxelScale::new(energy, voxel)?;
    let from = scale.per_radian(from, composition)?.ok_or(no_way.clone())?;
    let to = scale.per_radian(to, composition)?.ok_or(no_way)?;
    Ok(to / from)
}

/// The volume in another quantity, by its [`factor`].
///
/// # Errors
/// As [`factor`], and [`TomoError::NoVoxel`] if the volume does not know its voxel.
pub fn convert(
    mut volume: Volume,
    wanted: VolumeQuantity,
    energy: ElectronVolts,
    composition: Option<&Composition>,
) -> Result<Volume, TomoError> {
    if volume.quantity == wanted {
        return Ok(volume);
    }
    let voxel = volume.voxel.ok_or(TomoError::NoVoxel)?;
    let factor = factor(volume.quantity, wanted, energy, voxel, composition)? as f32;
    volume.data.par_mapv_inplace(|value| value * factor);
    volume.quantity = wanted;
    Ok(volume)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    fn scale(electron_volts: f64, nanometres: f64) -> VoxelScale {
        VoxelScale::new(ElectronVolts::new(electron_volts), Metres::from_nanometres(nanometres))
            .expect("positive")
    }

    fn composition(formula: &str) -> Composition {
        formula.parse().expect("a formula")
    }

    #[test]
    fn published_numbers_of_nmc_at_7_kev() {
        // r_e λ Δ n_e = 2.81794e-15 · 1.77120e-10 · 20e-9 · 1e30 = 0.009982 rad, and 2π after 629.4 voxels = 12.59 µm.
        let phase = 1.0 / scale(7000.0, 20.0).electron_density_per_radian();
        assert!((phase + 0.009_982).abs() < 1e-6, "{phase}");
        let wrap = -2.0 * PI / phase * 20e-3;
        assert!((wrap - 12.59).abs() < 0.01, "{wrap} µm");
        // The Li-rich NMC of the literature, 3.6 g/cm³: about 1.0 electrons per Å³.
        let nmc = composition("Li1.2Mn0.54Ni0.13Co0.13O2");
        let density = electron_density_of(&nmc, 3.6).expect("known elements");
        assert!((density - 1.0).abs() < 0.03, "{density}");
        // By hand for LiCoO2, 5.05 g/cm³: Z = 3 + 27 + 16 = 46, A = 97.87: 5.05e-24·6.02214e23·46/97.87 = 1.4294.
        let density = electron_density_of(&composition("LiCoO2"), 5.05).expect("known elements");
        assert!((density - 1.4294).abs() < 5e-4, "{density}");
    }

    #[test]
    fn delta_and_beta_of_published_tables() {
        // Silicon at 10 keV (Henke, CXRO): δ = 4.888e-6 at 2.33 g/cm³; attenuation length 133.7 µm, so β = λ/(4π 133.7 µm).
        // Free electrons give δ = r_e λ² n_e/2π = 4.82e-6; f1 = 14.2 of 14 is the difference of 1.5 %.
        let scale = scale(10_000.0, 100.0);
        let n_e = electron_density_of(&composition("Si"), 2.33).expect("silicon");
        let phase = n_e / scale.electron_density_per_radian();
        assert!((phase * scale.delta_per_radian() / 4.888e-6 - 1.0).abs() < 0.02);
        let optical_density = 100e-9 / 133.7e-6;
        assert!((optical_density * scale.beta_per_optical_density() / 7.38e-8 - 1.0).abs() < 0.01);
        assert!((optical_density * scale.attenuation_per_optical_density() - 1.0 / 133.7e-6).abs() < 1.0);
    }

    #[test]
    fn a_volume_goes_to_mass_density_and_back() -> Result<(), TomoError> {
        let volume = Volume {
            data: Array3::from_elem((2, 2, 2), -0.01),
            quantity: VolumeQuantity::Phase,
            voxel: Some(Metres::from_nanometres(20.0)),
        };
        let (energy, water) = (ElectronVolts::new(7000.0), composition("H2O"));
        let mass = convert(volume.clone(), VolumeQuantity::MassDensity, energy, Some(&water))?;
        // 0.01/0.009982 = 1.0018 e/Å³; water has 0.33428 per g/cm³.
        assert!(
            (f64::from(mass.data[(0, 0, 0)]) - 1.0018 / 0.33428).abs() < 0.003,
            "{}",
            mass.data[(0, 0, 0)]
        );
        let back = convert(mass, VolumeQuantity::Phase, energy, Some(&water))?;
        assert!((back.data[(1, 1, 1)] + 0.01).abs() < 1e-8); // two roundings of f32
        let without = convert(volume.clone(), VolumeQuantity::MassDensity, energy, None);
        assert_eq!(without, Err(TomoError::NoComposition));
        let optical = convert(volume.clone(), VolumeQuantity::OpticalDensity, energy, None);
        assert_eq!(optical, Err(TomoError::Quantity { from: "phase", to: "od" }));
        let nowhere = Volume { voxel: None, ..volume.clone() };
        assert_eq!(convert(nowhere, VolumeQuantity::Delta, energy, None), Err(TomoError::NoVoxel));
        assert!(convert(volume, VolumeQuantity::Delta, ElectronVolts::new(0.0), None).is_err());
        Ok(())
    }
}
