"""Draw the pictures of displays in the manual, for light and dark pages, with the code there.

Run it after a change: ``python docs/figures/displays.py``. The same version of matplotlib always
writes the same files.
"""

import doctest
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

DOCS = Path(__file__).parents[1]

# The figures of each page in their order; None: not shown there.
FIGURES = {
    "index.rst": ["front_page"],
    "guide/first_forecast.rst": ["first_forecast"],
    "guide/pictures.rst": [None, "forecast_display", "loss_curve_display", "backtest_display"],
}

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

# Style, and the background of the manual's pages.
THEMES = {"light": ("default", "#ffffff"), "dark": ("dark_background", "#14181e")}


def draw(page: str, theme: str) -> None:
    """Run a page, and save its figures."""
    style, background = THEMES[theme]
    colors = dict.fromkeys(
        ("figure.facecolor", "axes.facecolor", "savefig.facecolor", "legend.facecolor"), background
    )
    with plt.style.context(style), mpl.rc_context({"svg.hashsalt": "skrnn", **colors}):
        failures, _ = doctest.testfile(str(DOCS / page), module_relative=False, optionflags=OPTIONS)
        if failures:
            raise SystemExit(f"{page} does not print what it says.")
        for number, name in zip(plt.get_fignums(), FIGURES[page], strict=True):
            if name is not None:
                figure = plt.figure(number)
                figure.set_size_inches(7, 3.6)
                file = DOCS / "_static" / f"{name}_{theme}.svg"
                figure.savefig(file, metadata={"Date": None})
        plt.close("all")


if __name__ == "__main__":
    mpl.use("agg")
    for page in FIGURES:
        for theme in THEMES:
            draw(page, theme)
