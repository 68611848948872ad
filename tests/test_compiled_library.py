"""The compiled libraries: how they are built and found, and that all of them compute the same."""

import ctypes
import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from compiled_gradients import assert_same_gradients, make_net, make_rows
from sklearn.base import clone

from skrnn import GRURegressor
from skrnn._recurrent._compiled import build, library
from skrnn._recurrent._network.modules import ManyToOne

# -- building ------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Let the build work on copies of the sources and libraries."""
    monkeypatch.setattr(build, "SOURCES", shutil.copytree(build.SOURCES, tmp_path / "kernel"))
    monkeypatch.setattr(build, "LIBRARIES", shutil.copytree(build.LIBRARIES, tmp_path / "built"))
    return tmp_path


def test_the_libraries_are_built_from_these_sources():
    assert build.is_up_to_date()
    assert library.why_unavailable() is None


def test_nothing_is_built_anew_without_need(copied, monkeypatch):
    monkeypatch.setattr(build, "_compilers", lambda folder: pytest.fail("compiles"))
    assert all(path.exists() for path in build.build())


def test_a_change_of_any_source_makes_the_libraries_stale(copied):
    sources = list(build.SOURCES.iterdir())
    assert len(sources) > 10
    hashes = {build.source_hash()}
    for path in sources:
        path.write_text(path.read_text(encoding="utf-8") + "// changed\n", encoding="utf-8")
        hashes.add(build.source_hash())
    assert len(hashes) == len(sources) + 1
    assert not build.is_up_to_date()


def test_where_no_compiler_works_the_error_says_what_each_answered(copied, monkeypatch):
    (copied / "kernel" / "vectors.h").write_text("#error broken on purpose\n", encoding="utf-8")
    monkeypatch.setattr(build, "_compilers", lambda folder: [["c++"], ["no-such-compiler"]])
    with pytest.raises(build.BuildError, match=r"(?s)c[+][+]: .*on purpose.*no-such-compiler: "):
        build.build()
    assert not build.LIBRARIES.exists()


def test_the_compiler_of_the_environment_comes_first(monkeypatch, tmp_path):
    monkeypatch.setenv("CXX", "ccache g++-12")
    assert next(iter(build._compilers(tmp_path))) == ["ccache", "g++-12"]


def test_without_a_compiler_zig_is_installed_and_used(monkeypatch, tmp_path):
    """What pip would do, without the download."""

    def install(command, **kwargs):
        assert command[-1] == "ziglang"
        folder = Path(command[command.index("--target") + 1], "ziglang")
        folder.mkdir()
        (folder / "zig").touch()

    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(build.subprocess, "run", install)
    zig = [str(tmp_path / "ziglang" / "zig"), "c++"]
    assert list(build._compilers(tmp_path)) == [zig]
    commands = []
    monkeypatch.setattr(build.subprocess, "run", lambda command, **kwargs: commands.append(command))
    build._compile(zig, "avx2")
    assert "-mcpu=x86_64+avx2+fma" in commands[0]
    assert "-mavx2" not in commands[0]


# -- choosing ----------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("name", library._usable_instructions())
def test_each_library_has_the_gradients_of_autograd(name, cell, monkeypatch):
    monkeypatch.setattr(library, "_usable_instructions", lambda: [name])
    for n_units in (3, 9, 17):  # one vector and several, full and not
        net = make_net(ManyToOne, cell, hidden_size=n_units, num_layers=2, bidirectional=True)
        assert_same_gradients(net, make_rows(net, [5, 0, 3, 5, 1, 2], 5))


def test_a_batch_of_more_rows_than_the_cache_holds():
    net = make_net(ManyToOne, "gru", hidden_size=40, num_layers=2, dropout=0.3, batch_size=200)
    assert_same_gradients(net, make_rows(net, np.arange(200) % 30 + 1, 30))


@pytest.mark.parametrize("n_rows", [65, 70, 97])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_last_batch_that_is_a_little_smaller_has_room(cell, n_rows):
    for n_timesteps in (1, 10):
        net = make_net(ManyToOne, cell, hidden_size=32, batch_size=33)
        assert_same_gradients(net, make_rows(net, [n_timesteps] * n_rows, n_timesteps))


FIT = """
import pickle, sys, warnings
import numpy as np
warnings.simplefilter("error")
# Old releases of torch leave a temporary folder to be removed at the end.
warnings.simplefilter("ignore", ResourceWarning)
from skrnn import GRURegressor
X = np.random.default_rng(0).normal(size=(50, 6, 2))
y = X[:, -1, 0]
"""


def run_python(code, **variables):
    return subprocess.run(
        [sys.executable, "-c", FIT + code],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_variable_forces_the_instructions():
    code = """
from skrnn._recurrent._compiled import library
print(library.instructions(), GRURegressor(9, max_epochs=3, random_state=0).fit(X, y).backend_)
"""
    for name in library._usable_instructions():
        ran = run_python(code, SKRNN_ISA=name)
        assert (ran.stdout, ran.stderr) == (f"{name} compiled\n", "")
    ran = run_python("GRURegressor(backend='compiled').fit(X, y)", SKRNN_ISA="avx1024")
    assert "SKRNN_ISA is 'avx1024', and this processor can run baseline" in ran.stderr


WITHOUT_LIBRARY = """
from pathlib import Path
from skrnn._recurrent._compiled import library
library.library_path = lambda name: Path("nowhere", name)
model = GRURegressor(4, max_epochs=3, early_stopping=True, random_state=0)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model.fit(X, y).set_params(early_stopping=False).partial_fit(X, y)
print([str(warning.message) for warning in caught])
assert model.backend_ == "torch", model.backend_
assert np.isfinite(model.score(X, y))
try:
    GRURegressor(backend="compiled").fit(X, y)
except ValueError as error:
    print(error)
fitted_elsewhere = pickle.loads(bytes.fromhex(sys.argv[1]))
assert fitted_elsewhere.backend_ == "compiled"
print(fitted_elsewhere.predict(X).tobytes().hex())
print(fitted_elsewhere.partial_fit(X, y).backend_)
"""


def test_without_a_library_everything_works_through_torch_and_one_warning_says_so():
    X = np.random.default_rng(0).normal(size=(50, 6, 2))
    y = X[:, -1, 0]
    compiled = GRURegressor(4, max_epochs=3, backend="compiled", random_state=0).fit(X, y)
    pickled = pickle.dumps(compiled.set_params(backend="auto"))
    ran = subprocess.run(
        [sys.executable, "-c", FIT + WITHOUT_LIBRARY, pickled.hex()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    caught, error, predicted, resumed = ran.stdout.splitlines()
    assert caught.count("skrnn trains through torch") == 1
    for message in (caught, error):
        assert "installed without its compiled library" in message
    assert "is not possible: " in error
    assert pytest.approx(compiled.predict(X), rel=1e-9) == np.frombuffer(bytes.fromhex(predicted))
    assert resumed == "torch"


def test_a_stale_library_is_not_used(monkeypatch):
    monkeypatch.setattr(library, "source_hash", lambda: "of other sources")
    library._load.cache_clear()
    try:
        with pytest.raises(OSError, match="built from other sources; build it with pip install"):
            library._load("baseline")
    finally:
        library._load.cache_clear()


def test_a_job_is_described_as_it_is(monkeypatch):
    class Longer(library.Job):
        _fields_ = [("one_more", ctypes.c_double)]

    monkeypatch.setattr(library, "Job", Longer)
    library._load.cache_clear()
    try:
        with pytest.raises(OSError, match="describe a job differently"):
            library._load("baseline")
    finally:
        library._load.cache_clear()


def test_no_memory_for_a_batch_is_an_error(windows, monkeypatch):
    class NoMemory:
        def skrnn_run(self, job):
            return 1

    model = GRURegressor(4, batch_size=32, backend="compiled", random_state=0)
    before = clone(model).fit(*windows)
    monkeypatch.setattr(library, "_load", lambda name: NoMemory())
    with pytest.raises(MemoryError, match=r"a batch of 32 rows.*smaller batch_size"):
        model.fit(*windows)
    assert not hasattr(model, "net_")
    with pytest.raises(MemoryError):
        before.predict(windows[0])


# -- several at once -----------------------------------------------------------------------


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


def test_the_first_fit_waits_for_no_compiler():
    ran = run_python("""
from skrnn import LSTMRegressor
LSTMRegressor(4, max_epochs=2, early_stopping=True).fit(X, y).predict(X)
print("torch._dynamo" in sys.modules, "sympy" in sys.modules)
import torch
torch.optim.Adam([torch.nn.Parameter(torch.zeros(3))])
print("torch._dynamo" in sys.modules)
""")
    assert (ran.stdout.split(), ran.stderr) == (["False", "False", "True"], "")
