"""Whether training the pretrained network on the series at hand helps.

Within the training parts of panels, the shipped weights are trained on the newest 24 windows of
some series before an origin, for some epochs, and forecast from that origin. The table shows the
MASE of all series beside that without training.

    python benchmarks/fine_tuning.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from panel_study.panels import inner_origin

from skrnn._pretrained.weights import load_weights
from skrnn._pretrained.windows import CONTEXT, HORIZON, centre_and_size, inputs, past_seasons

sys.path.append(str(Path(__file__).parents[1] / "tools"))

from pretrain import LARGEST_TARGET, Network, quantile_loss

PANELS = ["M3 quarterly", "Tourism quarterly", "M1 monthly"]
SIZES = [20, 100, 1000]  # series to train on
RATES, EPOCHS = [1e-4, 5e-4], [1, 3]
N_WINDOWS, BATCH = 24, 256


def windows_before(past: np.ndarray, horizon: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the newest windows of a series and their futures."""
    ends = range(len(past) - horizon, max(8, len(past) - horizon - N_WINDOWS), -1)
    return [(window(past[:end]), past[end : end + horizon]) for end in ends]


def window(past: np.ndarray) -> np.ndarray:
    padded = np.full(CONTEXT, np.nan)
    padded[-min(len(past), CONTEXT) :] = past[-CONTEXT:]
    return padded


def network_input(X: np.ndarray, season: int) -> tuple[list[torch.Tensor], np.ndarray, np.ndarray]:
    """Return what the network reads of windows (n, CONTEXT), their levels and sizes."""
    seasons = np.full(len(X), season)
    centre, size = centre_and_size(X, seasons)
    size = np.where(size > 0, size, 1)
    Z = ((X - centre) / size).astype(np.float32)
    positions = np.full((len(X), 1), CONTEXT - 1)
    base, earlier = past_seasons(Z, seasons, positions)
    arrays = inputs(Z, seasons, centre / size), positions, base, earlier
    floats = [torch.from_numpy(np.ascontiguousarray(a, dtype=np.float32)) for a in arrays]
    floats[1] = torch.from_numpy(positions)
    return floats, centre, size


def shipped() -> Network:
    network = Network(96, 512)
    network.load_state_dict({k: torch.from_numpy(np.array(v)) for k, v in load_weights().items()})
    return network.float()


def train(network: Network, rows: list, season: int, rate: float, epochs: int) -> None:
    """Train on windows and their futures."""
    X, y = (np.array(part) for part in zip(*rows, strict=True))
    seen, centre, size = network_input(X, season)
    target = torch.from_numpy(np.clip((y - centre) / size, -LARGEST_TARGET, LARGEST_TARGET)).float()
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=1e-3)
    generator = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        for batch in torch.randperm(len(X), generator=generator).split(BATCH):
            optimizer.zero_grad()
            predicted = network(*(part[batch] for part in seen))[:, 0, : y.shape[1]]
            quantile_loss(predicted, target[batch]).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimizer.step()


@torch.no_grad()
def medians(network: Network, X: np.ndarray, season: int, horizon: int) -> np.ndarray:
    seen, centre, size = network_input(X, season)
    quantiles = network(*seen)[:, 0].numpy()
    return np.sort(quantiles, axis=-1)[:, :horizon, 4] * size + centre


def main() -> None:
    settings = [(rate, epochs) for rate in RATES for epochs in EPOCHS]
    columns = "".join(f"{f'{rate:g} x {epochs}':>12}" for rate, epochs in settings)
    print(f"{'panel':20}{'series':>8}{'windows':>9}{'none':>8}{columns}")
    for name in PANELS:
        origin = inner_origin(name, 1)
        season, horizon = origin.season_length, origin.horizon
        assert horizon <= HORIZON
        ends = np.array([window(past) for past in origin.pasts])
        order = np.random.default_rng(0).permutation(len(ends))
        before = origin.mase(medians(shipped(), ends, season, horizon)).mean()
        for n_series in SIZES:
            chosen = order[:n_series]
            rows = [row for i in chosen for row in windows_before(origin.pasts[i], horizon)]
            errors = []
            for rate, epochs in settings:
                network = shipped()
                train(network, rows, season, rate, epochs)
                errors.append(origin.mase(medians(network, ends, season, horizon)).mean())
            figures = "".join(f"{error:12.3f}" for error in errors)
            print(f"{name:20}{len(chosen):8}{len(rows):9}{before:8.3f}{figures}", flush=True)


if __name__ == "__main__":
    main()
