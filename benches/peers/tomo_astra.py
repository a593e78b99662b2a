"""ASTRA's two-dimensional algorithms on some slices, in one thread.

    tomo_astra.py FOLDER METHOD SLICES   reconstructs rays.f32 (angle, slice, x), angles.f64 (radians), into found.f32 (slice, y, x)

METHOD is fbp, sirt, cgls or art; all but fbp take 20 iterations. The projector is ASTRA's linear one, Joseph's rule. The last
line printed is one JSON object: cpu and wall seconds of all slices, versions.
"""
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import astra
import numpy as np

ITERATIONS = 20


def main(folder, method, slices):
    angles = np.fromfile(folder / "angles.f64", "<f8")
    rays = np.fromfile(folder / "rays.f32", "<f4").reshape(len(angles), slices, -1)
    size = rays.shape[-1]
    volume = astra.create_vol_geom(size, size)
    geometry = astra.create_proj_geom("parallel", 1.0, size, angles)
    projector = astra.create_projector("linear", geometry, volume)
    config = astra.astra_dict(method.upper())
    # One iteration of ASTRA's ART is one ray.
    iterations = {"fbp": 1, "art": ITERATIONS * size * len(angles)}.get(method, ITERATIONS)
    config["option"] = {"fbp": {"FilterType": "ram-lak"}, "art": {"Relaxation": 0.1}}.get(method, {})
    found = np.zeros((slices, size, size), "<f4")
    cpu, wall = time.process_time(), time.perf_counter()
    for k in range(slices):
        data = astra.data2d.create("-sino", geometry, np.ascontiguousarray(rays[:, k]))
        result = astra.data2d.create("-vol", volume)
        config.update(ProjectorId=projector, ProjectionDataId=data, ReconstructionDataId=result)
        algorithm = astra.algorithm.create(config)
        astra.algorithm.run(algorithm, iterations)
        found[k] = astra.data2d.get(result)
        astra.algorithm.delete(algorithm)
        astra.data2d.delete([data, result])
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    found.tofile(folder / "found.f32")
    versions = {package: version(package) for package in ("astra-toolbox", "numpy")}
    print(json.dumps({"cpu": cpu, "wall": wall, "versions": versions}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
