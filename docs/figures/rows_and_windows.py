"""Draw docs/_static/rows_and_windows.svg: row, window, context, shift and horizon.

Run it after a change: ``python docs/figures/rows_and_windows.py``. The same version of
matplotlib always writes the same file.
"""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

TARGET_FILE = Path(__file__).parents[1] / "_static" / "rows_and_windows.svg"

LOOKBACK, HORIZON, N_FIT, N_ROWS = 4, 2, 8, 13
HEIGHT = 0.62  # of a cell; cells are one unit wide

INK, FAINT = "#222222", "#666666"
WINDOW, CONTEXT, TARGET = "#4c8dc4", "#c6dcef", "#f0b45a"
FIT, NEW = "#e9e9e9", "#ffffff"
PADDING = {"facecolor": "none", "edgecolor": FAINT, "linestyle": (0, (3, 2))}


def cell(axes: Axes, x: int, y: float, color: str) -> None:
    """Draw the box of one time step, which has its number or, before the first, NaN."""
    style = {"facecolor": color, "edgecolor": INK} if x >= 0 else PADDING
    axes.add_patch(Rectangle((x - 0.5, y), 1, HEIGHT, linewidth=0.9, **style))
    text, ink, size = (f"{x}", INK, 10) if x >= 0 else ("NaN", FAINT, 8)
    axes.text(x, y + HEIGHT / 2, text, ha="center", va="center", color=ink, fontsize=size)


def bracket(axes: Axes, first: int, last: int, y: float, text: str) -> None:
    """Draw a bracket under the cells `first` to `last`, with a text below."""
    left, right = first - 0.44, last + 0.44
    axes.plot([left, left, right, right], [y, y - 0.1, y - 0.1, y], color=INK, linewidth=1)
    axes.text(
        (left + right) / 2,
        y - 0.17,
        text,
        ha="center",
        va="top",
        color=INK,
        fontsize=9.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


def example(axes: Axes, y: float, title: str, note: str, row: int, shift: int = 0) -> None:
    """Draw the window and the target of one row."""
    axes.text(-7.6, y + HEIGHT / 2, title, va="center", color=INK, fontsize=10)
    axes.text(-7.6, y - 0.12, note, va="center", color=FAINT, fontsize=9.5)
    newest = row - shift
    for step in range(newest - LOOKBACK + 1, newest + 1):
        cell(axes, step, y, CONTEXT if row >= N_FIT > step else WINDOW)
    for step in range(row + 1, row + HORIZON + 1):
        cell(axes, step, y, TARGET)
    if shift:
        bracket(axes, newest + 1, row, y - 0.07, f"shift={shift}")
    bracket(axes, newest - LOOKBACK + 1, newest, y - 0.07, f"lookback={LOOKBACK}")
    bracket(axes, row + 1, row + HORIZON, y - 0.07, f"horizon={HORIZON}")


def draw() -> Figure:
    """Return the figure."""
    figure = Figure(figsize=(9.6, 4.9), facecolor="white")
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set(xlim=(-7.8, N_ROWS - 0.3), ylim=(-5.6, 1.75))
    axes.set_axis_off()

    axes.plot([N_FIT - 0.5] * 2, [-4.25, HEIGHT + 0.6], color=INK, linestyle="--", linewidth=1)
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1}
    axes.annotate("", (N_ROWS - 0.4, 1.5), (-0.5, 1.5), arrowprops=arrow)
    axes.text(-0.7, 1.5, "time", ha="right", va="center", color=INK, fontsize=10)
    axes.text(-7.6, HEIGHT / 2, "rows of the series", va="center", color=INK, fontsize=10)
    for step in range(N_ROWS):
        cell(axes, step, 0, FIT if step < N_FIT else NEW)
    above = {"y": HEIGHT + 0.24, "ha": "center", "color": INK, "fontsize": 10}
    axes.text((N_FIT - 1) / 2, s="seen in fit", **above)
    axes.text((N_FIT + N_ROWS - 1) / 2, s="passed to transform", **above)

    example(axes, -1.25, "row 1", "nothing comes before row 0", row=1)
    example(axes, -2.75, f"row {N_FIT}", "the first row of transform", row=N_FIT)
    example(
        axes, -4.25, f"row {N_FIT} with shift=1", "values are known a row late", row=N_FIT, shift=1
    )

    legend(
        axes,
        -5.45,
        {
            "step of the window": {"facecolor": WINDOW},
            "context: step from fit": {"facecolor": CONTEXT},
            "padding": PADDING,
            "target": {"facecolor": TARGET},
        },
    )
    return figure


def legend(axes: Axes, y: float, entries: dict[str, dict[str, object]]) -> None:
    """Draw small boxes with what their colours mean."""
    x = -7.6
    for text, style in entries.items():
        axes.add_patch(Rectangle((x, y), 0.5, 0.32, **{"edgecolor": INK, "linewidth": 0.9} | style))
        axes.text(x + 0.7, y + 0.15, text, va="center", color=INK, fontsize=9.5)
        x += 1.9 + 0.155 * len(text)


if __name__ == "__main__":
    with mpl.rc_context({"svg.hashsalt": "skrnn", "svg.fonttype": "path"}):
        draw().savefig(TARGET_FILE, metadata={"Date": None})
