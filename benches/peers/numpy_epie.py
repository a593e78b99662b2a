"""Plain NumPy/SciPy ePIE, and what SciPy's transforms alone cost: the reference of the ptychography benchmark.

ePIE as published (Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009)), alpha = beta = 1, probe from the third
iteration on, single precision, one thread. Prints one JSON object; costs are seconds per iteration, an
iteration being a forward and an inverse transform of every frame.

Usage: numpy_epie.py DATA.h5 ITERATIONS OBJECT_OUT.h5
"""
import json
import sys
import time

import h5py
import numpy as np
import scipy
import scipy.fft

PROBE_START = 2
ORDER_SEED = 0
FLOOR_REPEATS = 12  # about a second


def cost_per_run(work, runs):
    """CPU and wall seconds of one of `runs` calls of `work(index)`."""
    cpu, wall = time.process_time(), time.perf_counter()
    for run in range(runs):
        work(run)
    return {"cpu": (time.process_time() - cpu) / runs, "wall": (time.perf_counter() - wall) / runs}


class Epie:
    """The state of a reconstruction. Waves are centred in real space and cornered in frequency: the linear
    phase this adds in Fourier space is invisible to a detector."""

    def __init__(self, frames, corners, probe):
        self.amplitude = np.fft.ifftshift(np.sqrt(frames), axes=(-2, -1))
        self.corners = corners
        self.probe = probe.copy()
        self.object = np.ones(tuple(corners.max(0) + frames.shape[1:]), np.complex64)
        self.random = np.random.default_rng(ORDER_SEED)

    def iterate(self, iteration):
        """Visits every frame once in random order."""
        for frame in self.random.permutation(len(self.corners)):
            (y, x), (ny, nx) = self.corners[frame], self.probe.shape
            patch = self.object[y : y + ny, x : x + nx]
            wave = self.probe * patch
            spectrum = scipy.fft.fft2(wave, norm="ortho")
            spectrum *= self.amplitude[frame] / (np.abs(spectrum) + 1e-10)
            change = scipy.fft.ifft2(spectrum, norm="ortho") - wave
            new_patch = patch + self.probe.conj() * change / np.max(np.abs(self.probe) ** 2)
            if iteration >= PROBE_START:
                self.probe = self.probe + patch.conj() * change / np.max(np.abs(patch) ** 2)
            self.object[y : y + ny, x : x + nx] = new_patch


def fft_floors(shape):
    """Cost of the transforms alone: the whole stack in one call, and frame by frame as ePIE needs it."""
    random = np.random.default_rng(0)
    waves = (random.standard_normal(shape) + 1j * random.standard_normal(shape)).astype(np.complex64)

    def stack(_):
        scipy.fft.ifft2(scipy.fft.fft2(waves, workers=1), workers=1)

    def single(_):
        for wave in waves:
            scipy.fft.ifft2(scipy.fft.fft2(wave))

    single(0)  # plans are made and kept on the first call
    return cost_per_run(stack, FLOOR_REPEATS), cost_per_run(single, FLOOR_REPEATS)


def main(data, iterations, object_out):
    with h5py.File(data) as file:
        frames, corners, probe = (file[name][()] for name in ("frames", "pos_px", "probe_start"))
    floor_stack, floor_single = fft_floors(frames.shape)
    epie = Epie(frames, corners, probe)
    cost = cost_per_run(epie.iterate, iterations)
    with h5py.File(object_out, "w") as file:
        file["object"] = epie.object
    versions = {"numpy": np.__version__, "scipy": scipy.__version__}
    print(json.dumps({"epie": cost, "fft_stack": floor_stack, "fft_single": floor_single, "versions": versions}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
