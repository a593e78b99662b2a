"""Fits some pixels of the spectroscopy benchmark's stack. Called as PROGRAM FOLDER METHOD PIXELS.

METHOD is curve_fit (SciPy, bounded, with the analytic Jacobian) or lmfit (bounded, its own composite model). PIXELS pixels,
spread evenly over the stack, are fitted in one thread from the starts a user would type, between the bounds of
`litho_spectro::fit::Model::vanadium`. Parameters go to FOLDER/METHOD.f64 (pixel, parameter), NaN where the fit failed; the
last line printed is {"cpu": seconds, "wall": seconds, "versions": {...}}.
"""
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.special import erf

LOWER = [-1, 0, 5470, 0.5, 0, 5464, 0.5, 0, 5480, 1]
UPPER = [2, 3, 5490, 15, 2, 5473, 4, 3, 5495, 15]


def start(spectrum):
    offset = spectrum[:4].mean()
    jump = max(spectrum[-4:].mean() - offset, 1e-3)
    return np.clip([offset, jump, 5479, 4.5, 0.1 * jump, 5468.6, 1.2, 0.4 * jump, 5485.5, 4], LOWER, UPPER)


def model(e, a, b1, b2, b3, c11, c12, c13, c21, c22, c23):
    peaks = c11 / (1 + ((e - c12) / c13) ** 2) + c21 / (1 + ((e - c22) / c23) ** 2)
    return a + b1 / 2 * (1 + erf((e - b2) / b3)) + peaks


def jacobian(e, a, b1, b2, b3, c11, c12, c13, c21, c22, c23):
    u, v, w = (e - b2) / b3, (e - c12) / c13, (e - c22) / c23
    step, first, second = b1 / np.sqrt(np.pi) / b3 * np.exp(-u * u), 1 / (1 + v * v), 1 / (1 + w * w)
    slope1, slope2 = 2 * c11 * first ** 2 * v / c13, 2 * c21 * second ** 2 * w / c23
    return np.stack([np.ones_like(e), (1 + erf(u)) / 2, -step, -step * u, first, slope1, slope1 * v,
                     second, slope2, slope2 * w], -1)


def scipy_fitter(energies):
    from scipy.optimize import curve_fit

    def fit(spectrum):
        found, _ = curve_fit(model, energies, spectrum, start(spectrum), bounds=(LOWER, UPPER), jac=jacobian)
        return found
    return fit


def lmfit_fitter(energies):
    from lmfit.models import ConstantModel, LorentzianModel, StepModel
    whole = (ConstantModel(prefix="k_") + StepModel(form="erf", prefix="s_")
             + LorentzianModel(prefix="p_") + LorentzianModel(prefix="q_"))

    def fit(spectrum):
        s = start(spectrum)
        parameters = whole.make_params(k_c=s[0])
        for prefix, at, area in (("s", 1, 1.0), ("p", 4, np.pi * s[6]), ("q", 7, np.pi * s[9])):
            parameters[f"{prefix}_amplitude"].set(s[at] * area, min=0)
            for part, index in (("center", at + 1), ("sigma", at + 2)):
                parameters[f"{prefix}_{part}"].set(s[index], min=LOWER[index], max=UPPER[index])
        v = whole.fit(spectrum, parameters, x=energies).best_values
        peaks = [(v[f"{p}_amplitude"] / np.pi / v[f"{p}_sigma"], v[f"{p}_center"], v[f"{p}_sigma"]) for p in "pq"]
        return np.array([v["k_c"], v["s_amplitude"], v["s_center"], v["s_sigma"], *peaks[0], *peaks[1]])
    return fit


def main(folder, method, count):
    warnings.filterwarnings("ignore")
    folder = Path(folder)
    energies = np.fromfile(folder / "energies.f64")
    spectra = np.fromfile(folder / "spectra.f32", "<f4").reshape(-1, len(energies)).astype(float)
    chosen = np.arange(count) * len(spectra) // count
    fit = {"curve_fit": scipy_fitter, "lmfit": lmfit_fitter}[method](energies)
    found = np.full((count, 10), np.nan)
    fit(spectra[0])
    cpu, wall = time.process_time(), time.perf_counter()
    for row, pixel in zip(found, chosen):
        try:
            row[:] = fit(spectra[pixel])
        except (RuntimeError, ValueError):
            pass
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    found.astype("<f8").tofile(folder / f"{method}.f64")
    packages = ("numpy", "scipy") if method == "curve_fit" else ("scipy", "lmfit")
    print(json.dumps({"cpu": cpu, "wall": wall, "versions": {name: version(name) for name in packages}}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
