"""Simulates the scan of the ptychography benchmark and writes it to an HDF5 file.

400 frames of 128 x 128 on a jittered raster of 8 px, one coherent mode of an annular pupil, 1e6 photons in
the beam, Poisson noise. Lengths in object pixels; zero frequency at the centre [n/2, n/2].
The random numbers are drawn from default_rng(7) in a fixed order: the same arrays on every machine.

Datasets: frames (position, y, x) float32, pos_px (position, [y, x]) first pixel of each patch, probe and
object complex64, pupil float32, probe_start complex64: what every program starts from.

Usage: make_ptycho_data.py OUT.h5
"""
import sys

import h5py
import numpy as np

SIDE = 128             # frame, px
GRID = 20              # positions along each axis
STEP = 8.0             # raster, px
JITTER = 0.35          # of a step, each way
PHOTONS = 1e6          # in the beam
PUPIL = (0.05, 0.16)   # inner and outer radius, cycles per px
DEFOCUS = 160.0        # of the true probe: pupil phase pi * defocus * |u|^2
START_DEFOCUS = 130.0  # of the probe to start from


def to_detector(wave):
    """Unitary centred Fourier transform of the last two axes."""
    return np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(wave), norm="ortho"))


def to_sample(wave):
    """Inverse of to_detector."""
    return np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(wave), norm="ortho"))


def radius():
    """|u| of the centred frequencies of a frame, cycles per px."""
    u = np.fft.fftshift(np.fft.fftfreq(SIDE))
    return np.hypot(*np.meshgrid(u, u))


def defocused(pupil, defocus, power):
    """The probe of a pupil, with the given total power."""
    probe = to_sample(pupil * np.exp(1j * np.pi * defocus * radius() ** 2))
    return probe * np.sqrt(power / np.sum(np.abs(probe) ** 2))


def jittered_raster(rng):
    """First pixels (y, x) of the patches."""
    line = np.arange(GRID) * STEP
    y, x = np.meshgrid(line, line, indexing="ij")
    at = np.stack([y.ravel(), x.ravel()], 1) + rng.uniform(-JITTER, JITTER, (GRID * GRID, 2)) * STEP
    at -= at.min(0)
    return np.round(at).astype(int)


def smooth_noise(rng, shape, sigma):
    """Gaussian-filtered white noise of unit variance."""
    noise = rng.standard_normal(shape)
    ky, kx = np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None]
    low_pass = np.exp(-2 * np.pi**2 * sigma**2 * (kx**2 + ky**2))
    smooth = np.real(np.fft.ifft2(np.fft.fft2(noise) * low_pass))
    return smooth / smooth.std()


def grains(rng, shape):
    """Transmission of smooth grains: |O| in about [0.75, 1], phase in about [-0.9, 0.1]."""
    fine = smooth_noise(rng, shape, 2.0)
    coarse = smooth_noise(rng, shape, 6.0)
    thickness = 0.5 * (coarse > 0.3) + 0.15 * (fine > 0) + 0.05 * fine
    return np.exp(-0.25 * np.clip(thickness, 0, None)) * np.exp(-1j * thickness)


def main(out):
    rng = np.random.default_rng(7)
    inner, outer = PUPIL
    pupil = ((radius() < outer) & (radius() > inner)).astype(float)
    probe = defocused(pupil, DEFOCUS, PHOTONS)
    corners = jittered_raster(rng)
    truth = grains(rng, tuple(corners.max(0) + SIDE))
    frames = np.empty((len(corners), SIDE, SIDE), np.float32)
    for frame, (y, x) in zip(frames, corners):
        frame[:] = rng.poisson(np.abs(to_detector(probe * truth[y : y + SIDE, x : x + SIDE])) ** 2)
    start = defocused(pupil, START_DEFOCUS, frames.sum((1, 2)).max())
    with h5py.File(out, "w") as file:
        file["frames"] = frames
        file["pos_px"] = corners
        file["probe"] = probe.astype(np.complex64)
        file["object"] = truth.astype(np.complex64)
        file["pupil"] = pupil.astype(np.float32)
        file["probe_start"] = start.astype(np.complex64)


if __name__ == "__main__":
    main(sys.argv[1])
