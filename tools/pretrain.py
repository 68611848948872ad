"""Train the weights of the pretrained network on simulated series.

``make pretrain`` runs it in pieces of at most 90 minutes: run it again until the weights are
written, about three hours on two cores. The plan and its seed alone determine the series of each
step, whatever the device and the number of processes. On a GPU the same steps take two minutes.
Rounding differs between devices, and grows over the steps: the weights differ, their errors are
equal.

    python tools/pretrain.py --minutes 90
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import platform
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from skrnn._pretrained import _prior
from skrnn._pretrained._prior.prior import SHARES, draw_groups
from skrnn._pretrained.windows import (
    CONTEXT,
    HORIZON,
    N_INPUTS,
    N_PAST_SEASONS,
    centre_and_size,
    inputs,
    past_seasons,
)

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "skrnn" / "_pretrained"
QUANTILES = np.arange(1, 10) / 10

N_BATCHES = 16  # that are drawn together, as one block
GROUP_SIZE = 128  # series of one kind and season length
N_POSITIONS = 13  # from which each series is forecast
HELD_OUT = 1_000_000_007  # the seed of the held-out series, beside that of the training
SHARE_COMPLETE = 0.6  # of the series whose level and size are those of the whole window
LARGEST_TARGET = 30.0  # in sizes of the window


@dataclass(frozen=True)
class Plan:
    """Everything that determines the weights, apart from rounding."""

    hidden_size: int = 96
    head_size: int = 512
    n_steps: int = 36_000
    batch_size: int = 256
    context: int = CONTEXT
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    averaging: float = 0.999  # of the weights, over the steps
    seed: int = 0


class Examples(Dataset):
    """Blocks of batches of simulated series. The number of a block is the seed of its series."""

    def __init__(
        self, plan: Plan, blocks: range, seed: int, shares: Mapping[str, float] = SHARES
    ) -> None:
        self.plan, self.blocks, self.seed, self.shares = plan, blocks, seed, shares

    def __len__(self) -> int:
        return len(self.blocks)

    def __getitem__(self, index: int) -> list[torch.Tensor]:
        rng = np.random.default_rng([self.seed, self.blocks[index]])
        context, n_series = self.plan.context, N_BATCHES * self.plan.batch_size
        n_groups = max(1, n_series // GROUP_SIZE)
        length = context + HORIZON
        series, seasons = draw_groups(n_groups, n_series // n_groups, length, rng, self.shares)
        arrays = examples(series, seasons, context, rng)
        shape = (N_BATCHES, self.plan.batch_size)
        return [torch.from_numpy(a).reshape(*shape, *a.shape[1:]) for a in arrays]


def examples(
    series: np.ndarray, seasons: np.ndarray, context: int, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Make the network's inputs, and targets, of series (n, context + HORIZON).

    A series is padded to a random length and centred by a random earlier part. It is
    forecast from the end of that part, and from random later steps.
    """
    n = len(series)
    n_seen = rng.integers(np.minimum(np.maximum(seasons // 2 + 2, 4), context), context + 1, n)
    n_seen = np.where(rng.random(n) < 0.4, context, n_seen)
    is_seen = np.arange(context) >= (context - n_seen)[:, np.newaxis]
    X = np.where(is_seen, series[:, :context], np.nan)
    until = context - (rng.random(n) * 0.5 * n_seen).astype(int)
    until = np.where(rng.random(n) < SHARE_COMPLETE, context, until)
    centre, size = centre_and_size(X, seasons, until)
    size = np.where(size > 0, size, 1)
    Z, future = (((part - centre) / size).astype(np.float32) for part in (X, series))
    share = rng.random((n, N_POSITIONS))
    share[:, -1] = 0
    first = (until - 1)[:, np.newaxis]
    positions = np.rint(first * (1 - share) + (context - 1) * share).astype(int)
    base, earlier = past_seasons(Z, seasons, positions)
    steps = positions[:, :, np.newaxis] + 1 + np.arange(HORIZON)
    target = future[np.arange(n)[:, np.newaxis, np.newaxis], steps]
    target = np.clip(target, -LARGEST_TARGET, LARGEST_TARGET)
    return inputs(Z, seasons, centre / size), positions, base, earlier, target


class Network(torch.nn.Module):
    """Two layers of gated recurrent units, and a dense network that corrects the last season."""

    def __init__(self, hidden_size: int, head_size: int) -> None:
        super().__init__()
        n_seen = hidden_size + HORIZON + (N_PAST_SEASONS - 1) * (HORIZON + 1) + 2
        self.gru = torch.nn.GRU(N_INPUTS, hidden_size, 2, batch_first=True)
        self.hidden = torch.nn.Linear(n_seen, head_size)
        self.out = torch.nn.Linear(head_size, HORIZON * len(QUANTILES))

    def forward(
        self,
        features: torch.Tensor,
        positions: torch.Tensor,
        base: torch.Tensor,
        earlier: torch.Tensor,
    ) -> torch.Tensor:
        """Return quantiles: (N, P, HORIZON, 9)."""
        states = self.gru(features)[0]
        index = positions.unsqueeze(-1)
        state = states.gather(1, index.expand(-1, -1, states.shape[2]))
        constant = features[:, -1:, -2:].expand(-1, positions.shape[1], -1)
        seen = torch.cat([state, base.clamp(-15, 15) / 4, earlier, constant], -1)
        correction = self.out(torch.nn.functional.silu(self.hidden(seen)))
        return base.unsqueeze(-1) + 2 * correction.unflatten(-1, (HORIZON, len(QUANTILES)))


def quantile_loss(predicted: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the mean pinball loss, twice, so that the median alone has its absolute error."""
    quantiles = torch.arange(1, 10, dtype=target.dtype, device=target.device) / 10
    error = target.unsqueeze(-1) - predicted
    return 2 * torch.maximum(quantiles * error, (quantiles - 1) * error).mean()


class Training:
    """A network, its optimizer, and the running average of its weights.

    On a GPU, a step is recorded once and replayed, since it has thousands of small kernels.
    """

    def __init__(self, plan: Plan, device: str) -> None:
        self.plan, self.device, self.step = plan, torch.device(device), 0
        torch.manual_seed(plan.seed)
        self.network = Network(plan.hidden_size, plan.head_size).to(self.device)
        self.averaged = [p.detach().clone() for p in self.network.parameters()]
        on_gpu = self.device.type == "cuda"
        rate = torch.tensor(plan.learning_rate, device=self.device) if on_gpu else 0.0
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), rate, weight_decay=plan.weight_decay, capturable=on_gpu
        )
        self.stream = torch.cuda.Stream() if on_gpu else None
        self.recorded: torch.cuda.CUDAGraph | None = None
        self.n_eager = 0  # steps on a GPU before the recording
        self.loss = torch.zeros((), device=self.device)
        self.weight = torch.zeros((), device=self.device)  # of the new weights in the average

    def rate(self) -> float:
        """Return the learning rate of the next step: a rise, then a cosine."""
        done = self.step / self.plan.n_steps
        cosine = 0.5 * (1 + math.cos(math.pi * done)) + 0.003
        return self.plan.learning_rate * min(1, (self.step + 1) / 200) * cosine

    def update(self, batch: list[torch.Tensor]) -> None:
        """Do one step."""
        weight = 1 - min(self.plan.averaging, (1 + self.step) / (10 + self.step))
        if self.stream is None:
            self.optimizer.param_groups[0]["lr"] = self.rate()
            self.weight.fill_(weight)
            self._update(batch)
        else:
            with torch.cuda.stream(self.stream):
                self.optimizer.param_groups[0]["lr"].fill_(self.rate())
                self.weight.fill_(weight)
                self._update_on_gpu(batch)
        self.step += 1

    def _update(self, batch: list[torch.Tensor]) -> None:
        *seen, target = batch
        self.optimizer.zero_grad(set_to_none=True)
        loss = quantile_loss(self.network(*seen), target)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0, foreach=True)
        self.optimizer.step()
        with torch.no_grad():
            for average, p in zip(self.averaged, self.network.parameters(), strict=True):
                average.lerp_(p, self.weight)
            self.loss.lerp_(loss.detach(), 0.01)

    def _update_on_gpu(self, batch: list[torch.Tensor]) -> None:
        if self.recorded is not None:
            for static, new in zip(self.static, batch, strict=True):
                static.copy_(new, non_blocking=True)
            self.recorded.replay()
            return
        self.static = [tensor.to(self.device) for tensor in batch]
        self._update(self.static)
        self.n_eager += 1
        if self.n_eager == 5:  # what is allocated at first use is there
            torch.cuda.synchronize()
            self.recorded = torch.cuda.CUDAGraph()
            self.optimizer.zero_grad(set_to_none=True)
            with torch.cuda.graph(self.recorded, stream=self.stream):
                self._update(self.static)

    def average(self) -> Network:
        """Return a network with the averaged weights."""
        network = Network(self.plan.hidden_size, self.plan.head_size).to(self.device)
        with torch.no_grad():
            for p, average in zip(network.parameters(), self.averaged, strict=True):
                p.copy_(average)
        return network.eval()

    def state(self) -> dict:
        """Return all that is needed to continue."""
        return {
            "plan": asdict(self.plan),
            "step": self.step,
            "network": self.network.state_dict(),
            "averaged": self.averaged,
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state(self, state: dict) -> None:
        """Continue from a state."""
        if state["plan"] != asdict(self.plan):
            raise ValueError(f"The checkpoint has the plan {state['plan']}, not {self.plan}.")
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.averaged = [tensor.to(self.device) for tensor in state["averaged"]]
        self.optimizer.load_state_dict(state["optimizer"])


def batches(
    plan: Plan,
    n_processes: int,
    *,
    first_step: int = 0,
    shares: Mapping[str, float] = SHARES,
    seed: int | None = None,
) -> Iterator[list[torch.Tensor]]:
    """Yield the batches of the steps from `first_step`, drawn by other processes."""
    blocks = range(first_step // N_BATCHES, -(-plan.n_steps // N_BATCHES))
    dataset = Examples(plan, blocks, plan.seed if seed is None else seed, shares)
    loader = DataLoader(
        dataset,
        batch_size=None,
        num_workers=n_processes,
        pin_memory=torch.cuda.is_available(),
        prefetch_factor=2 if n_processes else None,
    )
    skipped = first_step % N_BATCHES
    for block in loader:
        for i in range(skipped, N_BATCHES):
            yield [tensor[i] for tensor in block]
        skipped = 0


@torch.no_grad()
def held_out_loss(network: Network, blocks: list[list[torch.Tensor]], device: str) -> float:
    """Return the loss on held-out series, divided by the error of the seasonal naive forecast."""
    losses, naive = [], []
    for block in blocks:
        for i in range(N_BATCHES):
            *seen, target = (tensor[i].to(device) for tensor in block)
            losses.append(quantile_loss(network(*seen), target).item())
            naive.append((seen[2] - target).abs().mean().item())
    return sum(losses) / sum(naive)


def prior_hash() -> str:
    """Return the SHA-256 of the source of the prior."""
    digest = hashlib.sha256()
    for path in sorted(Path(_prior.__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def write_weights(training: Training, folder: Path, seconds: float, held_out: float) -> None:
    """Write the averaged weights and the manifest beside them."""
    network = training.average().cpu()
    arrays = {name: p.numpy().astype(np.float16) for name, p in network.state_dict().items()}
    np.savez(folder / "weights.npz", allow_pickle=False, **arrays)
    content = (folder / "weights.npz").read_bytes()
    on_gpu = training.device.type == "cuda"
    manifest = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "prior_sha256": prior_hash(),
        "commit": _git("rev-parse", "HEAD"),
        "plan": asdict(training.plan),
        "held_out_loss": round(held_out, 4),
        "hours": round(seconds / 3600, 2),
        "device": torch.cuda.get_device_name() if on_gpu else platform.processor() or "CPU",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / "weights.json").write_text(text, encoding="utf-8")
    print(f"{folder / 'weights.npz'}: {len(content) / 1024:.0f} KiB")


def _git(*command: str) -> str:
    try:
        done = subprocess.run(
            ["git", *command], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def main() -> None:
    """Train until the weights are written, or the minutes are over."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=90, help="of this piece")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "build" / "pretraining.pt")
    parser.add_argument("--out", type=Path, default=PACKAGE, help="folder of the weights")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--processes", type=int, default=1, help="that draw series")
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = vars(parser.parse_args())
    # A process that draws series must not wait for a core: two threads of torch would wait, too.
    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    plan = Plan(**{name: options[name] for name in asdict(Plan())})
    pretrain(plan, **{name: value for name, value in options.items() if not hasattr(plan, name)})


def pretrain(
    plan: Plan, *, minutes: float, checkpoint: Path, out: Path, device: str, processes: int
) -> bool:
    """Train until the weights are written. Return False if the minutes are over before."""
    start, seconds = time.perf_counter(), 0.0
    saved = None
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
    stream = batches(plan, processes, first_step=saved["training"]["step"] if saved else 0)
    held_out = [Examples(plan, range(2), HELD_OUT + plan.seed)[i] for i in range(2)]
    first = next(stream, None)  # the processes start before the GPU is used
    training = Training(plan, device)
    if saved:
        training.load_state(saved["training"])
        seconds = saved["seconds"]

    def save() -> None:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        used = seconds + time.perf_counter() - start
        torch.save({"training": training.state(), "seconds": used}, checkpoint)

    while training.step < plan.n_steps:
        training.update(first or next(stream))
        first = None
        is_last = training.step == plan.n_steps
        if training.step % max(N_BATCHES, plan.n_steps // 36) and not is_last:
            continue
        elapsed = time.perf_counter() - start
        error = held_out_loss(training.average(), held_out, device)
        print(f"step {training.step}, {elapsed:.0f} s, held-out loss {error:.4f}", flush=True)
        save()
        if elapsed > 60 * minutes and not is_last:
            print("Run the command again to continue.")
            return False
    used = seconds + time.perf_counter() - start
    write_weights(training, out, used, held_out_loss(training.average(), held_out, device))
    checkpoint.unlink(missing_ok=True)
    return True


if __name__ == "__main__":
    main()
