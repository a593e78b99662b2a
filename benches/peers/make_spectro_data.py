"""Writes the simulated vanadium stack that the spectroscopy benchmark's fitters share. Called as PROGRAM FOLDER.

Three round particles in 256 x 256 pixels, 40 energies from 5420 to 5540 eV, the ten-parameter model of the vanadium paper's
eq. 1, Poisson noise of 1e5 counts per pixel and energy (0.0033 in optical density). Little-endian files without headers:
energies.f64 (40); of the pixels with an edge jump above 0.02 spectra.f32 (pixel, energy), truth.f64 (pixel, parameter) and
particles.u32, 1 to 3.
"""
import sys
from pathlib import Path

import numpy as np
from scipy.special import erf

FINE = np.arange(5465, 5472.01, 0.5)
EDGE = [5473, 5474.5, 5476, 5477, 5478, 5479, 5480, 5481, 5482, 5483.5, 5485, 5487]
AFTER = [5490, 5495, 5500, 5505, 5508, 5512, 5520, 5530, 5540]
ENERGIES = np.concatenate([[5420, 5435, 5450, 5462], FINE, EDGE, AFTER]).astype(float)


def smooth(rng, n, width):
    """Gaussian noise smoothed over `width` pixels, mean 0, standard deviation 1."""
    q = np.fft.fftfreq(n)
    window = np.exp(-2 * (np.pi * width) ** 2 * (q[:, None] ** 2 + q[None] ** 2))
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal((n, n))) * window).real
    return (field - field.mean()) / field.std()


def model(e, a, b1, b2, b3, c11, c12, c13, c21, c22, c23):
    """Eq. 1."""
    peaks = c11 / (1 + ((e - c12) / c13) ** 2) + c21 / (1 + ((e - c22) / c23) ** 2)
    return a + b1 / 2 * (1 + erf((e - b2) / b3)) + peaks


def main(folder, n=256, counts=1e5):
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:n, :n] / n - 0.5
    balls = [2.6 / 0.28 * np.sqrt(np.clip(r * r - (y - cy) ** 2 - (x - cx) ** 2, 0, None))
             for cy, cx, r in ((-0.12, -0.15, 0.28), (0.18, 0.12, 0.24), (-0.2, 0.25, 0.17))]
    thickness, particle = np.max(balls, 0), np.argmax(balls, 0) + 1
    b1 = np.clip(0.131 * thickness * (1 + 0.1 * smooth(rng, n, 10)), 0, None)
    valence = smooth(rng, n, 12)
    pre_edge = np.clip(0.12 + 0.06 * smooth(rng, n, 12) + 0.05 * valence, 0.02, None) * b1
    b3 = 4.5 + 0.3 * smooth(rng, n, 12)
    same = np.ones((n, n))
    truth = np.stack([0.25 * b1 + 0.01, b1, 5479 + valence, b3, pre_edge, 5468.6 + 0.35 * valence, 1.2 * same,
                      0.45 * b1, 5485.5 + 0.8 * valence, 4.0 * same], -1)[b1 > 0.02]
    clean = model(ENERGIES, *(column[:, None] for column in truth.T))
    density = -np.log(np.maximum(rng.poisson(counts * np.exp(-clean)), 1) / counts)
    folder = Path(folder)
    ENERGIES.astype("<f8").tofile(folder / "energies.f64")
    density.astype("<f4").tofile(folder / "spectra.f32")
    truth.astype("<f8").tofile(folder / "truth.f64")
    particle[b1 > 0.02].astype("<u4").tofile(folder / "particles.u32")


if __name__ == "__main__":
    main(sys.argv[1])
