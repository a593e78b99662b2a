"""Plain NumPy/SciPy ePIE, and what SciPy's transforms alone cost.

Engines: epie, as published (Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009)), alpha = beta = 1, probe from the
third iteration on, single precision; fft_single and fft_stack, a forward and an inverse transform of every frame, one
by one as ePIE needs it and all frames in one call.

Arguments and output: see bench_common.py.
"""
import numpy as np
import scipy.fft

from bench_common import Recorder, Scan, Task

PROBE_START = 2
ORDER_SEED = 0


class Epie:
    """The state of a reconstruction. Waves are centred in real space and cornered in frequency: the linear
    phase this adds in Fourier space is invisible to a detector."""

    def __init__(self, scan):
        self.amplitude = np.fft.ifftshift(np.sqrt(scan.frames), axes=(-2, -1))
        self.corners = scan.corners
        self.probe = scan.probe.copy()
        self.object = np.ones(scan.object_shape, np.complex64)
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


def reconstruct(task, scan, recorder):
    """Runs ePIE."""
    epie = Epie(scan)
    recorder.start()
    for iteration in range(task.iterations):
        epie.iterate(iteration)
        recorder.iteration_done(lambda: epie.object)


def transform(task, scan, recorder):
    """Runs the transforms alone, on noise."""
    random = np.random.default_rng(0)
    shape = scan.frames.shape
    waves = (random.standard_normal(shape) + 1j * random.standard_normal(shape)).astype(np.complex64)
    batches = [waves] if task.engine == "fft_stack" else list(waves)

    def once():
        for batch in batches:
            scipy.fft.ifft2(scipy.fft.fft2(batch, workers=1), workers=1)

    once()  # plans are made and kept on the first call
    recorder.start()
    for _ in range(task.iterations):
        once()
        recorder.iteration_done()


def main():
    task = Task.from_arguments()
    scan, recorder = Scan.read(task.data), Recorder(task)
    run = {"epie": reconstruct, "fft_single": transform, "fft_stack": transform}[task.engine]
    run(task, scan, recorder)
    recorder.finish("numpy", "scipy")


if __name__ == "__main__":
    main()
