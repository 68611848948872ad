"""Compiling once: what is kept on disk, and by how many at a time."""

import multiprocessing
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numba
import numpy as np
import pytest
from numba.core.caching import CacheImpl, IndexDataCacheFile
from numba.core.event import RecordingListener, install_listener
from sklearn.base import clone

from skrnn import GRURegressor
from skrnn._recurrent._compiled import _kernels

# -- kernels, of a function that takes no time to compile --------------------------


class One(NamedTuple):
    """Stands for a cell."""


class Other(NamedTuple):
    """Stands for another cell."""


def build_sum(stamp):
    def add_up(values, cell, out):
        _ = stamp
        out[0] = values.sum()

    return add_up


@pytest.fixture
def compile_sum(tmp_path, monkeypatch):
    """Compile as a new process that keeps its results in a folder; tell whether it had to."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))

    def compile_sum(cell=One(), *, dtype=np.float64, new_process=True):  # noqa: B008
        if new_process:
            monkeypatch.setattr(_kernels, "_kernels", {})
            _kernels._stamp.cache_clear()
        values, out = np.ones(3, dtype), np.zeros(1, dtype)
        values.flags.writeable = False
        with install_listener("numba:compile", RecordingListener()) as events:
            code = _kernels.kernel(build_sum, cell, (values, cell, out))
        code(values, cell, out)
        assert out[0] == 3
        return len(events.buffer) > 0

    yield compile_sum
    _kernels._stamp.cache_clear()


def test_a_kernel_is_compiled_once_and_found_on_disk_later(compile_sum):
    assert compile_sum()
    assert not compile_sum(new_process=False)
    assert not compile_sum()
    assert compile_sum(dtype=np.float32)
    assert not compile_sum(dtype=np.float32)
    assert not compile_sum()


def test_each_cell_has_files_of_its_own(compile_sum, tmp_path):
    def indices():
        return set(tmp_path.rglob("*.nbi"))

    compile_sum(One())
    first = indices()
    contents = {path: path.read_bytes() for path in first}
    compile_sum(Other())
    assert len(first) == 1
    assert len(indices()) == 2
    assert {path: path.read_bytes() for path in first} == contents


def test_a_change_of_any_source_is_compiled_anew(compile_sum, tmp_path, monkeypatch):
    package = shutil.copytree(Path(_kernels.__file__).parent, tmp_path / "_compiled")
    monkeypatch.setattr(_kernels, "__file__", str(package / "_kernels.py"))
    assert compile_sum()
    assert not compile_sum()
    sources = list(package.glob("*.py"))
    assert len(sources) > 10
    stamps = {_kernels._stamp()}
    for path in sources:
        path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
        _kernels._stamp.cache_clear()
        stamps.add(_kernels._stamp())
    assert len(stamps) == len(sources) + 1
    assert compile_sum()


@pytest.mark.parametrize("trouble", ["no folder", "full disk", "damaged"])
def test_without_a_place_on_disk_it_is_compiled_each_time(
    trouble, compile_sum, tmp_path, monkeypatch
):
    def full(*args):
        raise OSError(28, "No space left on device")

    if trouble == "no folder":
        monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    elif trouble == "full disk":
        monkeypatch.setattr(IndexDataCacheFile, "_save_data", full)
    else:
        compile_sum()
        for path in tmp_path.rglob("*.nb?"):
            path.write_bytes(b"")
    assert compile_sum()
    assert not compile_sum(new_process=False)
    assert compile_sum()


def test_threads_that_start_together_compile_once(compile_sum, monkeypatch):
    monkeypatch.setattr(_kernels, "_kernels", {})
    with (
        mock.patch.object(_kernels, "_compile", wraps=_kernels._compile) as compiled,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(lambda _: compile_sum(new_process=False), range(8)))
    assert compiled.call_count == 1


# -- processes -------------------------------------------------------------------------


def compile_in_step(folders, cells, barrier):
    """Compile one kernel for each folder, at the same time as another process does."""
    for folder, cell in zip(folders, cells, strict=True):
        numba.config.CACHE_DIR = folder
        _kernels._kernels.clear()
        barrier.wait(60)
        values, out = np.ones(3), np.zeros(1)
        values.flags.writeable = False
        arguments = (values, cell, out)
        _kernels.kernel(build_sum, cell, arguments)(*arguments)
        assert out[0] == 3


def test_processes_that_start_together_do_not_disturb_each_other(
    compile_sum, tmp_path, monkeypatch
):
    folders = [str(tmp_path / str(i)) for i in range(10)]
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    cells = [One()] * 10, [One(), Other()] * 5  # the same one, or different ones
    processes = [
        context.Process(target=compile_in_step, args=(folders, each, barrier)) for each in cells
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    for each in cells:
        for folder, cell in zip(folders, each, strict=True):
            monkeypatch.setattr(numba.config, "CACHE_DIR", folder)
            assert not compile_sum(cell)


FIT = """
import numpy as np
from skrnn import RNNRegressor
X = np.random.default_rng(0).normal(size=(50, 6, 2))
model = RNNRegressor(5, max_epochs=3, backend="compiled", random_state=0)
print(model.fit(X, X[:, -1, 0]).predict(X).tobytes().hex())
print(model.fit(X, X[:, -1, 0]).loss_curve_)
"""


def test_a_fresh_installation_gives_the_numbers_of_a_later_run(tmp_path):
    results = []
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", FIT],
            # LLVM's optimizations take long, and are not the matter here.
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_OPT": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        results.append(run.stdout.splitlines())
        assert list(tmp_path.rglob("*.nbc"))
    assert len(results[0]) == 2
    assert results[0] == results[1]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # of processes with threads
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_however_they_start_give_the_same_numbers(method, windows):
    model = GRURegressor(
        4, num_layers=2, dropout=0.2, max_epochs=3, backend="compiled", random_state=0
    )
    expected = clone(model).fit(*windows)
    with multiprocessing.get_context(method).Pool(1) as pool:
        fitted = pool.apply(clone(model).fit, windows)
        predicted = pool.apply(expected.predict, windows[:1])
    assert fitted.loss_curve_ == expected.loss_curve_
    np.testing.assert_array_equal(fitted.predict(windows[0]), predicted)
    np.testing.assert_array_equal(expected.predict(windows[0]), predicted)


def test_threads_give_the_same_numbers(windows):
    models = [
        GRURegressor(4, num_layers=2, dropout=0.2, backend="compiled", random_state=seed)
        for seed in range(6)
    ]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda model: clone(model).fit(*windows), models))
    for fitted, model in zip(together, models, strict=True):
        assert fitted.loss_curve_ == clone(model).fit(*windows).loss_curve_
