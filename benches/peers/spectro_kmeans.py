"""k-means of scikit-learn on simulated descriptors.

    spectro_kmeans.py FOLDER make   descriptors.f32, points x 3 (edge energy in eV, pre-edge over jump, Re[Neff]/N_V), and truth.u16
    spectro_kmeans.py FOLDER run STARTS   sorts the standardised descriptors into 6 clusters, in one thread

Six overlapping Gaussians with the centres and shares of the vanadium paper's domains, from one seed. The last line
printed by run is one JSON object: cpu and wall seconds, iterations, wcss, ari, versions.
"""
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

POINTS = 1_000_000
CENTRES = np.array([[5478.0, 0.35, 41], [5478.2, 0.7, 37], [5480.6, 0.75, 38], [5480.4, 0.4, 40], [5479.5, 0.55, 75], [5479.2, 0.8, 85]])
SIGMAS = np.array([[0.5, 0.12, 3], [0.5, 0.15, 3], [0.6, 0.15, 3], [0.5, 0.12, 3], [0.9, 0.2, 9], [0.9, 0.25, 12]])
SHARES = [0.36, 0.14, 0.27, 0.13, 0.06, 0.04]


def make(folder):
    random = np.random.default_rng(0)
    truth = random.choice(6, POINTS, p=SHARES)
    points = CENTRES[truth] + SIGMAS[truth] * random.standard_normal((POINTS, 3))
    points.astype("<f4").tofile(folder / "descriptors.f32")
    (truth + 1).astype("<u2").tofile(folder / "truth.u16")


def run(folder, starts):
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score
    from sklearn.preprocessing import StandardScaler

    points = np.fromfile(folder / "descriptors.f32", "<f4").reshape(-1, 3).astype(np.float64)
    truth = np.fromfile(folder / "truth.u16", "<u2")
    points = StandardScaler().fit_transform(points)
    cpu, wall = time.process_time(), time.perf_counter()
    found = KMeans(6, n_init=starts, random_state=0, max_iter=300, tol=1e-4).fit(points)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({
        "cpu": cpu, "wall": wall, "iterations": found.n_iter_, "wcss": found.inertia_,
        "ari": adjusted_rand_score(truth, found.labels_),
        "versions": {package: version(package) for package in ("numpy", "scikit-learn")},
    }))


if __name__ == "__main__":
    folder, task = Path(sys.argv[1]), sys.argv[2]
    make(folder) if task == "make" else run(folder, int(sys.argv[3]))
