"""The figure of docs/spectroscopy.md: absorption spectra at a tenth of the dose with and without the constraint.

usage: kramers_kronig.py TRUTH.h5 SAMPLE ON/stack.h5 OFF/stack.h5 FIGURE.svg
Needs numpy, h5py, scipy and matplotlib. Prints root mean square errors over the sample's pixels.
"""

import sys

import h5py
import matplotlib
import numpy as np
from scipy.ndimage import map_coordinates
from scipy.optimize import minimize

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

# Phase at the lowest energy below which a pixel belongs to the sample, rad.
SAMPLE = -0.3


def rms(values):
    return np.sqrt(np.mean(values**2))


def read(path, truth):
    """Energies and (found, true) of optical density and phase on the pixels of the sample.

    Ptychography does not know where the object is: one translation, that of the phase at the lowest energy, is taken out.
    """
    with h5py.File(path) as file:
        entry = file["entry"]
        energies = entry["energy"][:]
        origin = entry["registration/origin"][:]
        found = [entry[name + "/data"][:].astype(float) for name in ("optical_density", "phase")]
        places = [entry["optical_density/" + axis][:] + at for axis, at in zip("yx", origin)]
    steps = [truth["optical_density/" + axis][:] for axis in "yx"]
    index = [(place - step[0]) / (step[1] - step[0]) for place, step in zip(places, steps)]
    images = [truth[name + "/data"][:].astype(float) for name in ("optical_density", "phase")]

    def moved(image, shift):
        return map_coordinates(image, np.meshgrid(index[0] + shift[0], index[1] + shift[1], indexing="ij"), order=3)

    known = np.isfinite(found[1][0])
    misfit = minimize(lambda shift: rms((moved(images[1][0], shift) - found[1][0])[known]), [0.0, 0.0], method="Nelder-Mead")
    true = [np.array([moved(image, misfit.x) for image in stack]) for stack in images]
    inside = np.isfinite(found[0]).all(0) & (true[1][0] < SAMPLE)
    return energies, [(a[:, inside], b[:, inside]) for a, b in zip(found, true)]


truth_file, sample, on_file, off_file, figure = sys.argv[1:]
with h5py.File(truth_file) as file:
    truth = file["entry/" + sample]
    results = {"with": read(on_file, truth), "without": read(off_file, truth)}

for name, (_, pairs) in results.items():
    for channel, (found, true) in zip(("optical density", "phase"), pairs):
        error = found - true
        shape = error - error.mean(0)
        print(f"{name:8} {channel:16} rms {rms(error):.5f}, of the spectrum's shape {rms(shape):.5f}")

energies, pairs = results["with"]
found, true = pairs[0]
pixel = int(np.argsort(true[-1])[len(true[-1]) // 2])
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
left.plot(energies, true[:, pixel], "k", lw=1, label="truth")
for name, colour in (("without", "#d55e00"), ("with", "#0072b2")):
    other = results[name][1][0]
    left.plot(energies, other[0][:, pixel], ".-", color=colour, lw=0.8, ms=4, label=name + " the constraint")
    error = other[0] - other[1]
    right.plot(energies, [rms(e) for e in error - error.mean(0)], ".-", color=colour, label=name)
left.set(xlabel="energy (eV)", ylabel="optical density", title="one pixel")
right.set(xlabel="energy (eV)", ylabel="rms error of the shape", title="all pixels of the sample", ylim=(0, None))
left.legend(frameon=False)
fig.tight_layout()
fig.savefig(figure)
