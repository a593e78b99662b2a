//! Shared test helpers: deterministic noise, analytic test objects, error
//! measures and the way to measured data. For `dev-dependencies` only.

pub mod compare;
pub mod noise;
pub mod object;
pub mod shared;
pub mod spheres;

pub use compare::relative_rms;
pub use noise::Lcg;
pub use object::TestObject;
pub use spheres::{Sphere, Spheres, View};
