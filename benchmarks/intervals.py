"""Coverage, width and interval score of intervals, beside statsforecast and neuralforecast.

Monthly series of the M3 and Tourism competitions, their training parts only, and temperatures.
From each of 4 cutoffs, 4 months apart, models that know nothing later forecast 12 months:

    pip install -r benchmarks/interval_study/requirements.txt
    python benchmarks/intervals.py choose inner           # cutoffs 3 years before the end
    python benchmarks/intervals.py score outer            # the last cutoffs
    python benchmarks/intervals.py score outer --panels m3 --models linear AutoETS
    python benchmarks/intervals.py choose inner --n-series 100

How intervals are made was decided by ``choose`` alone. The guide has the figures of ``score``.
Forecasts are kept in the given folder, a file for each panel, model and cutoff, so that a run that
was stopped can go on. At the end the tables of all files are printed.
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

from interval_study import models, panels, scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("purpose", choices=list(panels.CUTOFFS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--panels", nargs="*", choices=panels.PANELS, default=panels.PANELS)
    parser.add_argument("--models", nargs="*", choices=[*models.MODELS], default=[*models.MODELS])
    parser.add_argument("--n-series", type=int)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, model in itertools.product(options.panels, options.models):
        panel = panels.load_panel(name, options.purpose, options.n_series)
        for cutoff in panels.cutoffs(panel, options.purpose):
            path = options.folder / f"{name}_{model}_{cutoff}.csv"
            if not path.exists():
                start = time.perf_counter()
                frame = models.MODELS[model](panel, cutoff)
                frame["scale"] = frame["unique_id"].map(scores.scales(panel, cutoff))
                frame.to_csv(path, index=False)
                print(f"{path.name}: {time.perf_counter() - start:.0f} s", flush=True)
    frames = scores.read(options.folder)
    print(scores.table(frames).round(3).to_string(index=False))
    print("\nScores minus those of peers, on the same rows")
    differences = scores.differences(frames, models.PEERS)
    print(differences.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
