"""tools/pretrain.py: the data do not depend on processes, a piece continues, a network learns."""

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from skrnn._pretrained.windows import CONTEXT, HORIZON

TOOLS = str(Path(__file__).parents[1] / "tools")


@pytest.fixture(scope="module")
def tool():
    """Import the script in such a way that the processes that draw series can import it."""
    sys.path.insert(0, TOOLS)
    yield importlib.import_module("pretrain")
    sys.path.remove(TOOLS)


@pytest.fixture
def tiny(tool):
    return tool.Plan(hidden_size=8, head_size=16, n_steps=40, batch_size=8)


def equal(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # torch
def test_batches_do_not_depend_on_processes_or_on_the_step_they_start_from(tool, tiny):
    alone = list(tool.batches(tiny, 0))
    assert len(alone) == 48  # whole blocks of 16
    with_process = list(tool.batches(tiny, 1))
    later = list(tool.batches(tiny, 0, first_step=21))
    assert all(equal(a, b) for a, b in zip(alone, with_process, strict=True))
    assert all(equal(a, b) for a, b in zip(alone[21:], later, strict=True))
    other = next(iter(tool.batches(replace(tiny, seed=1), 0)))
    assert not equal(alone[0], other)


def test_targets_continue_the_inputs(tool):
    rng = np.random.default_rng(0)
    series = np.cumsum(rng.normal(size=(64, CONTEXT + HORIZON)), axis=1)
    seasons = np.repeat([1, 4, 12, 24], 16)
    features, positions, base, earlier, target = tool.examples(series, seasons, CONTEXT, rng)
    assert features.shape[:2] == (64, CONTEXT)
    assert positions.max() == CONTEXT - 1
    assert (positions[:, -1] == positions.min(axis=1)).all()
    assert np.isfinite(features).all()
    assert np.isfinite(earlier).all()
    # The targets of the first position are inputs of later steps.
    row = int(positions.min(axis=1).argmin())
    first = positions[row].min()
    assert first < CONTEXT - 10
    known = 4 * features[row, first + 1 :, 0]
    early = target[row, -1]
    n_common = min(len(known), HORIZON)
    np.testing.assert_allclose(known[:n_common], early[:n_common].clip(-15, 15), rtol=1e-5)
    # Without a season, the last value is repeated.
    assert (np.ptp(base[seasons == 1], axis=2) == 0).all()


def test_a_tiny_network_learns(tool):
    size = {"hidden_size": 16, "head_size": 32, "n_steps": 96, "batch_size": 64}
    plan = tool.Plan(**size, learning_rate=0.01, averaging=0.9)
    held_out = [tool.Examples(plan, range(1), tool.HELD_OUT)[0]]
    training = tool.Training(plan, "cpu")
    before = tool.held_out_loss(training.average(), held_out, "cpu")
    for batch in tool.batches(plan, 0):
        training.update(batch)
    after = tool.held_out_loss(training.average(), held_out, "cpu")
    assert before == pytest.approx(1, abs=0.05)  # the seasonal naive forecast
    assert after < 0.85


def test_a_training_in_pieces_gives_the_weights_of_one_piece(tool, tiny, tmp_path, capsys):
    def pretrain(folder, minutes):
        folder.mkdir(exist_ok=True)
        place = {"checkpoint": folder / "checkpoint.pt", "out": folder}
        return tool.pretrain(tiny, minutes=minutes, device="cpu", processes=0, **place)

    assert pretrain(tmp_path / "whole", minutes=10)
    pieces = tmp_path / "pieces"
    assert not pretrain(pieces, minutes=0)
    assert "Run the command again" in capsys.readouterr().out
    assert not (pieces / "weights.npz").exists()
    assert pretrain(pieces, minutes=10)
    assert not (pieces / "checkpoint.pt").exists()

    whole = np.load(tmp_path / "whole" / "weights.npz")
    for name, weights in np.load(pieces / "weights.npz").items():
        np.testing.assert_array_equal(weights, whole[name])
    manifest = json.loads((pieces / "weights.json").read_text())
    assert manifest["plan"]["n_steps"] == 40
    assert manifest["prior_sha256"] == tool.prior_hash()


def test_another_plan_does_not_continue_a_checkpoint(tool, tiny):
    state = tool.Training(tiny, "cpu").state()
    with pytest.raises(ValueError, match="The checkpoint has the plan"):
        tool.Training(replace(tiny, seed=1), "cpu").load_state(state)
