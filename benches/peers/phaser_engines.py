"""phaser's ePIE and LSQ-ML on NumPy.

Engines: epie and lsqml, with the steps and groups below. phaser was written for electrons: the wavelength is any
number, for an object of one slice nothing depends on it. It scales the probe to the frames before it starts. The
positions given to it fall on its pixel grid, so that no probe is moved by a fraction of a pixel. phaser gives its
engines no seed: each run visits the frames in an order of its own.

Arguments and output: see bench_common.py.
"""
import logging

import numpy as np
from phaser.execute import execute_plan
from phaser.observer import Observer
from phaser.plan import ReconsPlan
from phaser.state import PartialReconsState, PixelatedObjectState, PixelatedProbeState, ScanState
from phaser.utils.num import Sampling
from phaser.utils.object import ObjectSampling

from bench_common import Recorder, Scan, Task

WAVELENGTH = 0.02
# group: frames that are updated together.
ENGINES = {
    "epie": {"group": 8, "solver": {"type": "epie", "beta_object": 0.5, "beta_probe": 0.5}},
    "lsqml": {"group": 16, "solver": {"type": "lsqml"}},
}
SCAN = None  # what `raw_data` hands to phaser


def raw_data(_arguments, props):
    """phaser's hook for measured frames: zero frequency at the corner."""
    frames = np.fft.ifftshift(SCAN.frames, axes=(-2, -1))
    sampling = Sampling(frames.shape[1:], sampling=(1.0, 1.0))
    mask = np.ones(frames.shape[1:], np.float32)
    return {"patterns": frames, "mask": mask, "sampling": sampling, "wavelength": WAVELENGTH}


def start():
    """The common start; lengths are pixels, positions the centres of the patches."""
    shape = np.array(SCAN.frames.shape[1:])
    centres = (SCAN.corners + (shape - 1) / 2).astype(np.float32)
    # phaser wants one pixel more than the patches cover.
    grid = ObjectSampling(tuple(np.array(SCAN.object_shape) + 1), (1.0, 1.0), corner=(0.0, 0.0))
    ones = np.ones((1, *grid.shape), np.complex64)
    return PartialReconsState(
        probe=PixelatedProbeState(Sampling(tuple(shape), sampling=(1.0, 1.0)), SCAN.probe[None].copy()),
        object=PixelatedObjectState(grid, ones, np.array([], np.float32)),
        scan=ScanState(centres, centres.copy()),
    )


def plan(engine, iterations):
    """phaser's plan for one engine of ENGINES."""
    conventional = {
        "type": "conventional",
        "niter": iterations,
        "grouping": ENGINES[engine]["group"],
        "obj_pad_px": 0.0,
        "noise_model": {"type": "amplitude"},
        "solver": ENGINES[engine]["solver"],
        "group_constraints": [],
        "iter_constraints": [],
    }
    hook = f"{__name__}:raw_data"
    return ReconsPlan.from_data({"name": "bench", "backend": "numpy", "raw_data": hook, "engines": [conventional]})


class Clock(Observer):
    """Tells `recorder` about every iteration; the rescaling before the first is not timed."""

    def __init__(self, recorder):
        self.recorder = recorder

    def start_engine(self, init_state):
        self.recorder.start()

    def update_iteration(self, state, i, n, errors):
        ny, nx = SCAN.object_shape
        self.recorder.iteration_done(lambda: state.object.data[0, :ny, :nx])


def main():
    global SCAN
    task = Task.from_arguments()
    SCAN = Scan.read(task.data)
    logging.disable(logging.INFO)
    for iterations, recorder in ((1, Recorder(task._replace(kept=()))), (task.iterations, Recorder(task))):
        # The first run fills caches.
        observer = Clock(recorder)
        execute_plan(plan(task.engine, iterations), init_state=start(), override_observers=observer)
    recorder.finish("phaserEM", "numpy")


if __name__ == "__main__":
    main()
