"""Linear combination fits of NumPy and SciPy on a simulated stack.

    spectro_unmix.py FOLDER make   energies.f64, references.f64 (2 x 40), stack.f32 (energy, pixel) and truth.f64 (2 x pixel)
    spectro_unmix.py FOLDER run lstsq|nnls PIXELS   fits the first PIXELS pixels, in one thread

Two spectra with an edge and a pre-edge peak at 40 energies, mixed with coefficients uniform in 0...0.35, a tenth of them
0, with the noise of 10^5 counts. The last line printed by run is one JSON object: cpu and wall seconds, versions; the
coefficients are in found.f64 (pixel x 2).
"""
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

PIXELS = 512 * 512
COUNTS = 1e5


def make(folder):
    energies = np.sort(np.concatenate([
        [5420, 5435, 5450, 5462], np.arange(5465, 5472.01, 0.5),
        [5473, 5474.5, 5476, 5477, 5478, 5479, 5480, 5481, 5482, 5483.5, 5485, 5487],
        [5490, 5495, 5500, 5505, 5508, 5512, 5520, 5530, 5540]]))
    spectra = [0.5 + np.arctan((energies - edge) / 2) / np.pi + peak / (1 + ((energies - edge + 10) / 1.2) ** 2)
               for edge, peak in ((5477.8, 0.06), (5481.2, 0.35))]
    random = np.random.default_rng(3)
    truth = random.uniform(0, 0.35, (2, PIXELS)) * (random.uniform(size=(2, PIXELS)) > 0.1)
    od = np.array(spectra).T @ truth
    od = -np.log(np.maximum(random.poisson(COUNTS * np.exp(-od)), 1) / COUNTS)
    energies.astype("<f8").tofile(folder / "energies.f64")
    np.array(spectra).astype("<f8").tofile(folder / "references.f64")
    od.astype("<f4").tofile(folder / "stack.f32")
    truth.astype("<f8").tofile(folder / "truth.f64")


def run(folder, solver, pixels):
    from scipy.optimize import nnls

    references = np.fromfile(folder / "references.f64").reshape(2, -1).T.copy()
    stack = np.fromfile(folder / "stack.f32", "<f4").reshape(len(references), -1)[:, :pixels].astype(np.float64)
    spectra = np.ascontiguousarray(stack.T)
    cpu, wall = time.process_time(), time.perf_counter()
    if solver == "lstsq":
        found = np.linalg.lstsq(references, stack, rcond=None)[0].T
    else:
        found = np.array([nnls(references, spectrum)[0] for spectrum in spectra])
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    found.astype("<f8").tofile(folder / "found.f64")
    print(json.dumps({"cpu": cpu, "wall": wall, "versions": {package: version(package) for package in ("numpy", "scipy")}}))


if __name__ == "__main__":
    folder, task = Path(sys.argv[1]), sys.argv[2]
    make(folder) if task == "make" else run(folder, sys.argv[3], int(sys.argv[4]))
