"""PtyLab's ePIE and mPIE on the processor.

Engines: ePIE with both steps at 1, the published algorithm; mPIE with PtyLab's own settings. PtyLab visits the frames
in their order in the first two iterations and in random order after them.

Arguments and output: see bench_common.py.
"""
import logging
import os
import tempfile

os.environ.setdefault("TQDM_DISABLE", "1")
os.environ["MPLBACKEND"] = "Agg"

import h5py
import numpy as np
from PtyLab import Engines
from PtyLab.ExperimentalData.ExperimentalData import ExperimentalData
from PtyLab.Monitor.Monitor import DummyMonitor
from PtyLab.Params.Params import Params
from PtyLab.Reconstruction.Reconstruction import Reconstruction

from bench_common import Recorder, Scan, Task

# PtyLab wants lengths. Any far field that makes the object pixel PIXEL will do.
PIXEL = 1e-8
WAVELENGTH = 2e-10
DETECTOR_PIXEL = 1e-4
PROBE_WIDTH = 45  # px, PtyLab's pupil diameter; the probe it makes from it is replaced
ORDER_SEED = 0
SETTINGS = {"ePIE": {"betaProbe": 1.0, "betaObject": 1.0}, "mPIE": {}}


def write_input(scan, path):
    """The scan as PtyLab reads it."""
    middle = (scan.corners.max(0) + scan.corners.min(0)) // 2
    with h5py.File(path, "w") as file:
        file["ptychogram"] = scan.frames
        file["encoder"] = (scan.corners - middle) * PIXEL
        file["dxd"] = DETECTOR_PIXEL
        file["zo"] = PIXEL * scan.frames.shape[-1] * DETECTOR_PIXEL / WAVELENGTH
        file["wavelength"] = WAVELENGTH
        file["entrancePupilDiameter"] = PROBE_WIDTH * PIXEL


def make_engine(name, scan, path):
    """An engine ready to start from the common probe and an object of ones."""
    np.random.seed(ORDER_SEED)
    parameters = Params()
    parameters.gpuSwitch = False
    data = ExperimentalData(path, "CPM")
    reconstruction = Reconstruction(data, parameters)
    reconstruction.initialObject = "ones"
    reconstruction.initializeObjectProbe()
    reconstruction.probe = scan.probe.reshape(reconstruction.probe.shape).astype(np.complex64)
    engine = getattr(Engines, name)(reconstruction, data, parameters, DummyMonitor())
    for setting, value in SETTINGS[name].items():
        setattr(engine, setting, value)
    return engine


def run(engine, iterations, iteration_done):
    """Runs `engine`; what would draw the reconstruction after every iteration calls `iteration_done`."""
    engine.showReconstruction = lambda loop, **_: iteration_done()
    engine.numIterations = iterations
    engine.reconstruct()


def patches_only(engine, scan):
    """The part of PtyLab's object that `scan` covers."""
    shift = np.asarray(engine.reconstruction.positions)[0] - scan.corners[0]
    (y, x), (ny, nx) = shift, scan.object_shape
    return np.asarray(engine.reconstruction.object)[0, 0, 0, 0, y : y + ny, x : x + nx]


def main():
    task = Task.from_arguments()
    scan, recorder = Scan.read(task.data), Recorder(task)
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "scan.hdf5")
        write_input(scan, path)
        run(make_engine(task.engine, scan, path), 1, lambda: None)  # plans and caches
        engine = make_engine(task.engine, scan, path)
        recorder.start()
        run(engine, task.iterations, lambda: recorder.iteration_done(lambda: patches_only(engine, scan)))
    recorder.finish("ptylab", "numpy")


if __name__ == "__main__":
    main()
