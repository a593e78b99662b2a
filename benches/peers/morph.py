"""Morphology of edt, cc3d, scikit-image and SciPy on generated volumes.

    morph.py FOLDER make             porous.u8, spheres.u32 (labels of the truth), both 256 cubed
    morph.py FOLDER run TASK         measures one task in one thread

The porous field is a Gaussian random field, smoothed over 4 voxels, of which 30 % is pores. The pack is 140 spheres of
radius 10 to 24 of which most touch another; where two overlap, a voxel belongs to the one it lies deeper in. The last
line printed by run is one JSON object: cpu and wall seconds of the best of three, versions; distances are in
found.f32, labels in found.u32.
"""
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

N = 256
SPHERES = 140


def porous():
    noise = np.fft.rfftn(np.random.default_rng(17).standard_normal((N, N, N)))
    q = 2 * np.pi * np.fft.fftfreq(N)
    for axis, frequency in enumerate((q, q, q[:N // 2 + 1])):
        shape = [1, 1, 1]
        shape[axis] = -1
        noise *= np.exp(-0.5 * (4.0 * frequency) ** 2).reshape(shape)
    field = np.fft.irfftn(noise, (N, N, N), (0, 1, 2))
    return field > np.quantile(field, 0.7)


def spheres():
    """Each sphere is put beside a sphere that is there, overlapping by a tenth of its radius, in a random direction."""
    random = np.random.default_rng(5)
    placed = [np.array([128.0, 128.0, 128.0, 20.0])]
    while len(placed) < SPHERES:
        radius = random.uniform(10, 24)
        host = placed[random.integers(len(placed))]
        direction = random.standard_normal(3)
        reach = host[3] + radius - 0.1 * min(radius, host[3])
        centre = host[:3] + direction / np.linalg.norm(direction) * reach
        if random.uniform() < 0.05:
            centre = random.uniform(radius + 1, N - radius - 1, 3)
        others = np.array(placed)
        gaps = np.linalg.norm(others[:, :3] - centre, axis=1) - others[:, 3] - radius
        inside = (centre > radius + 1).all() and (centre < N - 1 - radius).all()
        if inside and (gaps > -0.11 * np.minimum(others[:, 3], radius)).all():
            placed.append(np.append(centre, radius))
    labels, depth = np.zeros((N, N, N), np.uint32), np.zeros((N, N, N), np.float32)
    for number, (*centre, radius) in enumerate(placed, 1):
        box = tuple(slice(int(c - radius), int(c + radius) + 2) for c in centre)
        axes = np.ogrid[box]
        power = sum((axis - c) ** 2 for axis, c in zip(axes, centre)) - radius ** 2
        deeper = power < depth[box]
        labels[box][deeper], depth[box][deeper] = number, power[deeper]
    return labels


def make(folder):
    porous().astype("u1").tofile(folder / "porous.u8")
    spheres().astype("<u4").tofile(folder / "spheres.u32")


def task(folder, name):
    """What is timed, and the packages it takes."""
    pores = np.fromfile(folder / "porous.u8", "u1").reshape(N, N, N).astype(bool)
    labels = np.fromfile(folder / "spheres.u32", "<u4").reshape(N, N, N)
    solid = labels > 0
    if name.startswith("edt"):
        import edt
        volume, anisotropy = {"edt": (pores, (1, 1, 1)), "edt-anisotropic": (pores, (2, 1, 1)), "edt-labels": (labels, (1, 1, 1))}[name]
        return lambda: edt.edt(volume, anisotropy=anisotropy, black_border=False, parallel=1), "edt"
    if name == "scipy-distance":
        from scipy import ndimage
        return lambda: ndimage.distance_transform_edt(pores), "scipy"
    if name.startswith("components"):
        import cc3d
        return lambda: cc3d.connected_components(pores.view("u1"), connectivity=int(name[10:]), return_N=True)[0], "connected-components-3d"
    from scipy import ndimage
    from skimage import morphology, segmentation
    distance = ndimage.distance_transform_edt(solid).astype(np.float32)

    def split():
        rebuilt = morphology.reconstruction(distance - 1, distance, method="dilation")
        tops = distance - rebuilt >= 1 - 1e-4
        markers, _ = ndimage.label(tops & solid, np.ones((3, 3, 3)))
        return segmentation.watershed(-distance, markers, mask=solid)
    return split, "scikit-image"


def run(folder, name):
    work, package = task(folder, name)
    best = (np.inf, np.inf)
    for _ in range(1 if name == "split" else 3):
        cpu, wall = time.process_time(), time.perf_counter()
        found = work()
        best = min(best, (time.process_time() - cpu, time.perf_counter() - wall))
    if found.dtype.kind == "f":
        found.astype("<f4").tofile(folder / "found.f32")
    else:
        found.astype("<u4").tofile(folder / "found.u32")
    print(json.dumps({"cpu": best[0], "wall": best[1], "versions": {package: version(package)}}))


if __name__ == "__main__":
    folder, job = Path(sys.argv[1]), sys.argv[2]
    make(folder) if job == "make" else run(folder, sys.argv[3])
