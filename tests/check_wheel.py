"""Build a wheel, install it in an empty environment, and use it away from the checkout.

Run by ``make test-wheel``; not part of the test run, since it installs torch anew.
"""

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

USE = """
import pathlib, sys
import skrnn, skrnn.datasets
assert sys.prefix in skrnn.__file__, skrnn.__file__
series = skrnn.datasets.load_airline_passengers()
panel = skrnn.datasets.load_australian_temperature()
X, y = skrnn.make_supervised(series)
windows = skrnn.SlidingWindowTransformer(12).fit_transform(X / 622)
model = skrnn.GRURegressor(4, max_epochs=3, random_state=0).fit(windows, y / 622)
pretrained = skrnn.PretrainedGRURegressor(12).fit(windows, y / 622)
print(len(series), len(panel), model.predict(windows).shape, pretrained.predict(windows).shape)
assert pathlib.Path(skrnn.__file__).with_name("py.typed").exists()
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run(sys.executable, "-m", "build", "--outdir", str(place), str(ROOT))
        (wheel,) = place.glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size / 1024:.0f} KiB")
        venv.create(place / "venv", with_pip=True)
        python = str(place / "venv" / "bin" / "python")
        constraints = str(ROOT / "constraints.txt")
        run(python, "-m", "pip", "install", "--quiet", "-c", constraints, str(wheel))
        run(python, "-c", USE, cwd=place)


def run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(command, check=True, cwd=cwd)


if __name__ == "__main__":
    main()
