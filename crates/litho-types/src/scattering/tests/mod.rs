//! Tests against published numbers, an independent program and the physics between f' and f''.

mod elements;
mod source_tables;
mod transform;
mod values;

use super::{Element, ScatteringError};

fn element(symbol: &str) -> Result<Element, ScatteringError> {
    Element::from_symbol(symbol)
}
