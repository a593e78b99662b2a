//! Shared test helpers: deterministic noise, an analytic test object, error
//! measures and the way to measured data. For `dev-dependencies` only.

pub mod compare;
pub mod noise;
pub mod object;
pub mod shared;

pub use compare::relative_rms;
pub use noise::Lcg;
pub use object::TestObject;
