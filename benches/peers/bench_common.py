"""What the benchmark's Python programs share: arguments, clocks, and the files they read and write.

A program is called as PROGRAM DATA.h5 ENGINE ITERATIONS OUT.h5 KEPT. It reads the scan that make_ptycho_data.py
wrote, starts from its probe_start and an object of ones, and takes ITERATIONS iterations in one thread. The objects
after the iterations listed in KEPT (1,5,20) go to OUT.h5; the last line printed is one JSON object:
{"cpu": [...], "wall": [...], "versions": {...}} with the seconds of each iteration.
"""
import json
import sys
import time
from importlib.metadata import version
from typing import NamedTuple

import h5py
import numpy as np


class Task(NamedTuple):
    """What the program is asked for."""
    data: str
    engine: str
    iterations: int
    out: str
    kept: set

    @classmethod
    def from_arguments(cls):
        data, engine, iterations, out, kept = sys.argv[1:]
        return cls(data, engine, int(iterations), out, {int(number) for number in kept.split(",") if number})


class Scan(NamedTuple):
    """The simulated scan: centred frames and probe, first pixels (y, x) of the patches."""
    frames: np.ndarray
    corners: np.ndarray
    probe: np.ndarray

    @classmethod
    def read(cls, path):
        with h5py.File(path) as file:
            return cls(*(file[name][()] for name in ("frames", "pos_px", "probe_start")))

    @property
    def object_shape(self):
        """The smallest object that holds every patch."""
        return tuple(self.corners.max(0) + self.frames.shape[1:])


class Recorder:
    """Clocks that stand still while an object is copied."""

    def __init__(self, task):
        self.task = task
        self.cpu, self.wall, self.objects = [], [], {}
        self.start()

    def start(self):
        """Starts the clocks of the next iteration."""
        self.since = time.process_time(), time.perf_counter()

    def iteration_done(self, object_now=None):
        """Ends an iteration; `object_now()` is the object (y, x), asked for only if it is to be kept."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.cpu.append(cpu - self.since[0])
        self.wall.append(wall - self.since[1])
        if object_now is not None and len(self.cpu) in self.task.kept:
            self.objects[len(self.cpu)] = np.array(object_now(), np.complex64)
        self.start()

    def finish(self, *packages):
        """Writes the objects, prints costs and the versions of `packages`."""
        with h5py.File(self.task.out, "w") as file:
            for iteration, found in self.objects.items():
                file[f"object_{iteration}"] = found
        versions = {package: version(package) for package in packages}
        print(json.dumps({"cpu": self.cpu, "wall": self.wall, "versions": versions}))
