"""Draw the pictures of docs/guide/pictures.rst for light and dark pages, with its code.

Run it after a change: ``python docs/figures/displays.py``. The same version of matplotlib always
writes the same files.
"""

import doctest
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "guide" / "pictures.rst"

# Names of the figures in their order on the page; None: not shown there.
NAMES = [None, "forecast_display", "loss_curve_display", "backtest_display"]

# Style, and the background of the manual's pages.
PAGES = {"light": ("default", "#ffffff"), "dark": ("dark_background", "#14181e")}


def draw(page: str) -> None:
    """Run the page, and save its figures."""
    style, background = PAGES[page]
    colors = dict.fromkeys(
        ("figure.facecolor", "axes.facecolor", "savefig.facecolor", "legend.facecolor"), background
    )
    with plt.style.context(style), mpl.rc_context({"svg.hashsalt": "skrnn", **colors}):
        doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
        for number, name in zip(plt.get_fignums(), NAMES, strict=True):
            if name is not None:
                figure = plt.figure(number)
                figure.set_size_inches(7, 3.6)
                path = DOCS / "_static" / f"{name}_{page}.svg"
                figure.savefig(path, metadata={"Date": None})
        plt.close("all")


if __name__ == "__main__":
    mpl.use("agg")
    for page in PAGES:
        draw(page)
