//! What a material is made of: a chemical formula.

use std::fmt;
use std::str::FromStr;

use super::{Element, ScatteringError};
use crate::quantity::AVOGADRO_PER_MOLE;

/// Atoms of a formula unit, such as `Li1.2Mn0.54Ni0.13Co0.13O2` or `Fe2(SO4)3`.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    formula: String,
    atoms: Vec<(Element, f64)>,
}

impl Composition {
    /// Elements in the order of their first symbol, with the number of atoms of each.
    pub fn atoms(&self) -> &[(Element, f64)] {
        &self.atoms
    }

    /// Electrons of a formula unit, `Σ N_j Z_j`.
    pub fn electrons(&self) -> f64 {
        self.atoms.iter().map(|(element, count)| count * f64::from(element.atomic_number())).sum()
    }

    /// Mass of a mole of formula units in grams, `Σ N_j A_j`.
    ///
    /// # Errors
    /// [`ScatteringError::DamagedData`] if the embedded database cannot be read.
    pub fn molar_mass(&self) -> Result<f64, ScatteringError> {
        self.atoms.iter().map(|(element, count)| Ok(count * element.molar_mass()?)).sum()
    }

    /// Electrons in a gram, `N_A Σ N_j Z_j / Σ N_j A_j`.
    ///
    /// # Errors
    /// [`ScatteringError::DamagedData`] if the embedded database cannot be read.
    pub fn electrons_per_gram(&self) -> Result<f64, ScatteringError> {
        Ok(AVOGADRO_PER_MOLE * self.electrons() / self.molar_mass()?)
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.formula)
    }
}

impl FromStr for Composition {
    type Err = ScatteringError;

    /// Reads symbols, each with its number of atoms (one if there is none), and groups in parentheses.
    fn from_str(text: &str) -> Result<Self, ScatteringError> {
        let formula = text.trim();
        let mut parser = Parser { formula, rest: formula };
        let atoms = parser.group(0)?;
        if !parser.rest.is_empty() {
            return Err(parser.error("a parenthesis is closed that was not opened"));
        }
        if atoms.is_empty() {
            return Err(parser.error("it holds no element"));
        }
        Ok(Self { formula: formula.to_owned(), atoms })
    }
}

/// Deepest nesting of parentheses.
const DEEPEST: usize = 8;

struct Parser<'a> {
    formula: &'a str,
    rest: &'a str,
}

impl Parser<'_> {
    fn error(&self, reason: &str) -> ScatteringError {
        ScatteringError::Formula { formula: self.formula.to_owned(), reason: reason.to_owned() }
    }

    /// Atoms up to a closing parenthesis or the end.
    fn group(&mut self, depth: usize) -> Result<Vec<(Element, f64)>, ScatteringError> {
        if depth > DEEPEST {
            return Err(self.error("its parentheses are nested too deeply"));
        }
        let mut atoms = Vec::new();
        while let Some(first) = self.rest.chars().next().filter(|c| *c != ')') {
            if first == '(' {
                self.rest = &self.rest[1..];
                let inner = self.group(depth + 1)?;
                self.rest =
                    self.rest.strip_prefix(')').ok_or_else(|| self.error("a parenthesis is not closed"))?;
                let times = self.number()?;
                for (element, count) in inner {
                    add(&mut atoms, element, count * times);
                }
            } else {
                let element = self.element()?;
                let count = self.number()?;
                add(&mut atoms, element, count);
            }
        }
        Ok(atoms)
    }

    fn element(&mut self) -> Result<Element, ScatteringError> {
        if !self.rest.starts_with(|c: char| c.is_ascii_uppercase()) {
            let found: String = self.rest.chars().take(1).collect();
            return Err(self.error(&format!("{found:?} begins no symbol of an element")));
        }
        let small = self.rest[1..].find(|c: char| !c.is_ascii_lowercase()).unwrap_or(self.rest.len() - 1);
        let (symbol, rest) = self.rest.split_at(1 + small);
        self.rest = rest;
        Element::from_symbol(symbol)
    }

    /// The number that follows, one if there is none.
    fn number(&mut self) -> Result<f64, ScatteringError> {
        let end = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        if digits.is_empty() {
            return Ok(1.0);
        }
        let number: f64 =
            digits.parse().map_err(|_| self.error(&format!("{digits:?} is not a number of atoms")))?;
        if !(number.is_finite() && number > 0.0) {
            return Err(self.error(&format!("{digits} atoms are not a positive number")));
        }
        self.rest = rest;
        Ok(number)
    }
}

fn add(atoms: &mut Vec<(Element, f64)>, element: Element, count: f64) {
    match atoms.iter_mut().find(|(known, _)| *known == element) {
        Some((_, sum)) => *sum += count,
        None => atoms.push((element, count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(formula: &str) -> Result<Composition, ScatteringError> {
        formula.parse()
    }

    #[test]
    fn formulas_are_counted_by_hand() -> Result<(), ScatteringError> {
        let sulphate = read("Fe2(SO4)3")?;
        let counts: Vec<(&str, f64)> = sulphate.atoms().iter().map(|(e, n)| (e.symbol(), *n)).collect();
        assert_eq!(counts, [("Fe", 2.0), ("S", 3.0), ("O", 12.0)]);
        assert_eq!(sulphate.electrons(), 2.0 * 26.0 + 3.0 * 16.0 + 12.0 * 8.0);
        // IUPAC: 2·55.845 + 3·32.06 + 12·15.999 = 399.858
        assert!((sulphate.molar_mass()? - 399.86).abs() < 0.05);
        assert_eq!(read("CH3CH2OH")?.atoms().iter().map(|(_, n)| *n).collect::<Vec<_>>(), [2.0, 6.0, 1.0]);
        assert_eq!(read(" LiCoO2 ")?.to_string(), "LiCoO2");
        // Water: 10 electrons in 18.015 g, 3.343e23 in a gram (0.334 e/Å³ at 1 g/cm³, as every table says).
        assert!((read("H2O")?.electrons_per_gram()? / 3.343e23 - 1.0).abs() < 1e-3);
        Ok(())
    }

    #[test]
    fn what_is_no_formula_is_named() {
        for (formula, part) in [
            ("", "no element"),
            ("Xq2", "Xq"),
            ("li", "begins no symbol"),
            ("Fe(O", "not closed"),
            ("FeO)", "not opened"),
            ("O0", "positive"),
            ("O1.2.3", "not a number"),
            ("Fe O", "begins no symbol"),
            ("()", "no element"),
            ("Ö", "begins no symbol"),
        ] {
            let message = read(formula).map_err(|error| error.to_string());
            assert!(message.as_ref().is_err_and(|text| text.contains(part)), "{formula}: {message:?}");
        }
        assert!(read(&"(".repeat(100_000)).is_err());
    }
}
