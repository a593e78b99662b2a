//! Chemical elements from hydrogen to uranium.

use std::fmt;
use std::str::FromStr;

use xraydb::XrayDb;

use super::ScatteringError;

const SYMBOLS: [&str; 92] = [
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K",
    "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr",
    "Rb", "Sr", "Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe",
    "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu",
    "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra",
    "Ac", "Th", "Pa", "U",
];

/// A chemical element, Z = 1 to 92.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element(u8);

impl Element {
    /// Every element with tabulated scattering factors, in the order of Z.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=92).map(Self)
    }

    /// The element with this number of protons.
    ///
    /// # Errors
    ///
    /// [`ScatteringError::UnknownAtomicNumber`] outside 1 to 92.
    pub fn from_atomic_number(atomic_number: u32) -> Result<Self, ScatteringError> {
        u8::try_from(atomic_number)
            .ok()
            .filter(|z| (1..=92).contains(z))
            .map(Self)
            .ok_or(ScatteringError::UnknownAtomicNumber { atomic_number })
    }

    /// The element with this symbol, in the usual capitals (`Co` is cobalt, `CO` is not an element).
    ///
    /// # Errors
    ///
    /// [`ScatteringError::UnknownSymbol`] with what may have been meant.
    pub fn from_symbol(symbol: &str) -> Result<Self, ScatteringError> {
        SYMBOLS.iter().position(|known| *known == symbol).map(|index| Self(index as u8 + 1)).ok_or_else(
            || ScatteringError::UnknownSymbol { symbol: symbol.to_owned(), suggestion: suggestion(symbol) },
        )
    }

    /// Z, the number of protons and of electrons of the neutral atom.
    pub const fn atomic_number(self) -> u8 {
        self.0
    }

    /// The symbol, such as `Fe`.
    pub const fn symbol(self) -> &'static str {
        SYMBOLS[self.0 as usize - 1]
    }

    /// Molar mass in g/mol, of `XrayDB`.
    ///
    /// # Errors
    ///
    /// [`ScatteringError::DamagedData`] if the embedded database cannot be read.
    pub fn molar_mass(self) -> Result<f64, ScatteringError> {
        XrayDb::try_new()
            .and_then(|database| database.molar_mass(self.symbol()))
            .map_err(|error| ScatteringError::DamagedData { reason: error.to_string() })
    }

    pub(super) const fn index(self) -> usize {
        self.0 as usize - 1
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl FromStr for Element {
    type Err = ScatteringError;

    fn from_str(symbol: &str) -> Result<Self, Self::Err> {
        Self::from_symbol(symbol)
    }
}

/// What to write instead of `text`.
fn suggestion(text: &str) -> String {
    let meant = text.trim();
    if let Some(symbol) = SYMBOLS.iter().find(|known| known.eq_ignore_ascii_case(meant)) {
        return format!("write `{symbol}`");
    }
    // The database also knows names, numbers and the elements beyond uranium.
    if let Ok(z) = XrayDb::try_new().and_then(|database| database.atomic_number(meant)) {
        return SYMBOLS.get(usize::from(z).wrapping_sub(1)).map_or_else(
            || format!("its atomic number {z} is beyond the tables, which end at U (92)"),
            |symbol| format!("write `{symbol}`"),
        );
    }
    let initial = meant.chars().next().map(|c| c.to_ascii_uppercase());
    let alike: Vec<&str> = SYMBOLS.into_iter().filter(|known| known.chars().next() == initial).collect();
    if alike.is_empty() {
        "use a symbol such as `Fe`".to_owned()
    } else {
        format!("the symbols with this initial are {}", alike.join(", "))
    }
}
