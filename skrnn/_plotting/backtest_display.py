"""Picture of the errors of forecasts by step, beside those of naive forecasts."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.utils._optional_dependencies import check_matplotlib_support

from skrnn._forecasting.skill_table import WORDS, SkillTable, skill_table

from .axes import finish, make_axes, text_color


class BacktestDisplay:
    """Picture of the errors of a backtest by step ahead, beside those of naive forecasts.

    The errors are scaled (MASE), as in :func:`skill_table`. Naive forecasts are dashed. A point
    is hollow if the model is not clearly better there than every naive forecast. Make the picture
    by :meth:`from_predictions`. matplotlib must be installed.

    Parameters
    ----------
    errors : DataFrame
        Error of each model, a column for each, at each step ahead, a row for each.
    baseline_errors : DataFrame
        Error of each naive forecast, in the same form.
    is_better : DataFrame of bool
        Whether each model is clearly better than every naive forecast, in the form of `errors`.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the picture.
    figure_ : matplotlib Figure
        Figure of the picture.
    lines_ : dict of str to matplotlib Line2D
        Line of each model by its name.
    baseline_lines_ : dict of str to matplotlib Line2D
        Line of each naive forecast, "last_value" and "last_season".

    See Also
    --------
    skill_table : The same errors as a table, with sentences.
    ForecastDisplay : Picture of forecasts.

    Examples
    --------
    >>> import pandas as pd
    >>> from skrnn import BacktestDisplay
    >>> from skrnn.datasets import load_airline_passengers
    >>> series = load_airline_passengers()["passengers"]
    >>> rows = [
    ...     ("airline", series.index[row], series.index[row + step], series.iloc[row + step],
    ...      1.1 * series.iloc[row + step - 12])
    ...     for row in range(115, 132) for step in range(1, 13)
    ... ]
    >>> frame = pd.DataFrame(rows, columns=["unique_id", "cutoff", "ds", "y", "grown"])
    >>> display = BacktestDisplay.from_predictions(
    ...     frame, series, season_length=12
    ... )  # doctest: +SKIP
    """

    def __init__(
        self, *, errors: pd.DataFrame, baseline_errors: pd.DataFrame, is_better: pd.DataFrame
    ) -> None:
        self.errors = errors
        self.baseline_errors = baseline_errors
        self.is_better = is_better

    @classmethod
    def from_predictions(
        cls, frame: pd.DataFrame, series: Any, *, season_length: int, ax: Any = None, **options: Any
    ) -> Self:
        """Draw the errors of a backtest.

        Parameters
        ----------
        frame : DataFrame
            The backtest, as in :func:`skill_table`.
        series : Series or DataFrame
            The series that was forecast, as in :func:`skill_table`.
        season_length : int
            Number of steps in a season, such as 12 for months. 1: no season.
        ax : matplotlib Axes, default=None
            Axes to draw in. None: a new figure.
        **options : dict
            Passed to :func:`skill_table`, such as ``models``.

        Returns
        -------
        display : BacktestDisplay
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        skill = skill_table(frame, series, season_length=season_length, **options)
        return cls.from_skill_table(skill, ax=ax)

    @classmethod
    def from_skill_table(cls, skill: SkillTable, *, ax: Any = None) -> Self:
        """Draw the errors of a table of skill.

        Parameters
        ----------
        skill : SkillTable
            From :func:`skill_table`.
        ax : matplotlib Axes, default=None
            Axes to draw in. None: a new figure.

        Returns
        -------
        display : BacktestDisplay
        """
        check_matplotlib_support(f"{cls.__name__}.from_skill_table")
        by_step, models = skill.by_step, skill.overall.index
        better = by_step[[f"better_than_{name}" for name in skill.baselines]].all(axis=1)
        # The naive forecasts are the same for all models.
        naive = by_step.loc[models[0], [f"mase_{name}" for name in skill.baselines]]
        return cls(
            errors=by_step["mase"].unstack(level=0)[models],
            baseline_errors=naive.set_axis(skill.baselines, axis=1),
            is_better=better.unstack(level=0)[models],
        ).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw in. None: a new figure.

        Returns
        -------
        display : BacktestDisplay
            This object, with the axes, the figure and the lines.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        ax = make_axes(ax)
        ink, background = text_color(ax), ax.get_facecolor()
        self.lines_, self.baseline_lines_ = {}, {}
        # A single step is seen only as a marker.
        markers = ("_", "+") if len(self.errors) == 1 else ("", "")
        styles = zip(("--", ":"), markers, strict=True)
        for (name, errors), (line, marker) in zip(
            self.baseline_errors.items(), styles, strict=False
        ):
            (self.baseline_lines_[name],) = ax.plot(
                errors,
                color=ink,
                linestyle=line,
                marker=marker,
                markersize=12,
                label=WORDS.get(name, name),
            )
        for name, errors in self.errors.items():
            (line,) = ax.plot(errors, linewidth=2, label=name)
            color, is_better = line.get_color(), self.is_better[name]
            ax.plot(errors[is_better], "o", color=color)
            ax.plot(errors[~is_better], "o", color=color, markerfacecolor=background)
            self.lines_[name] = line
        if not self.is_better.all(axis=None):
            ax.plot([], [], "o", color=ink, markerfacecolor=background, label="not clearly better")
        # Room for the legend above the lines.
        highest = np.nanmax([self.errors.max(axis=None), self.baseline_errors.max(axis=None)])
        ax.set(xlabel="Step ahead", ylabel="Error (MASE)", ylim=(0, 1.4 * highest))
        return finish(self, ax, loc="upper center", ncols=2)
