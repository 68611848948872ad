"""Picture of forecasts behind the series that they continue."""

from __future__ import annotations

import re
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils.validation import check_is_fitted

from skrnn._forecasting.interval_table import PATH
from skrnn._forecasting.scored_rows import ID, LABELS, TIME
from skrnn._forecasting.series_rows import as_table
from skrnn._validation.parameters import integer_at_least
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import show

from .axes import make_axes, show_dates, text_color, time_positions

# Rows of the past that are drawn by default: so many for each step ahead, and at least so many.
_PER_STEP, _FEWEST = 6, 50

_BOUND = re.compile(r"(.+)-(lo|hi)-([^-]+)")


class ForecastDisplay:
    """Picture of forecasts behind the series that they continue, one panel for each series.

    A dotted line is at the last label that was known. If the forecasts have bounds, they are drawn
    as bands. Sample paths are thin lines, and their median is drawn as the forecast. If the series
    go on after the first forecast, their values are drawn, too. Make the picture by
    :meth:`from_forecaster` or :meth:`from_predictions`. matplotlib must be installed.

    Parameters
    ----------
    history : dict of str to Series
        Values of each panel by its title. The index has the time labels, oldest first.
    forecast : dict of str to DataFrame
        Forecasts of each panel by its title, with the columns "forecast", and "lo-80" and "hi-80"
        for bounds of 80 %. The index has the time labels, oldest first.
    y_label : str, default=None
        What the values are.
    paths : dict of str to DataFrame, default=None
        Sample paths of each panel by its title, a column for each path. The index is that of
        `forecast`, whose column "forecast" is then called their median.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes
        The panels.
    figure_ : matplotlib Figure
        Figure of the picture.
    history_lines_, forecast_lines_ : dict of str to matplotlib Line2D
        Lines of each panel by its title.
    bands_ : dict of (str, str) to matplotlib artist
        Band of each panel and level, such as ("Hobart", "80").
    path_lines_ : dict of str to list of matplotlib Line2D
        Lines of the sample paths of each panel by its title.

    See Also
    --------
    Forecaster : Forecasts with dates.
    BacktestDisplay : Picture of the errors of forecasts.

    Examples
    --------
    >>> from skrnn import ForecastDisplay, Forecaster, PretrainedGRURegressor
    >>> from skrnn.datasets import load_airline_passengers
    >>> series = load_airline_passengers()
    >>> forecaster = Forecaster(PretrainedGRURegressor(12), horizon=12, lookback=84).fit(series)
    >>> display = ForecastDisplay.from_forecaster(forecaster, series)  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        history: dict[str, pd.Series],
        forecast: dict[str, pd.DataFrame],
        y_label: str | None = None,
        paths: dict[str, pd.DataFrame] | None = None,
    ) -> None:
        self.history = history
        self.forecast = forecast
        self.y_label = y_label
        self.paths = {} if paths is None else paths

    @classmethod
    def from_forecaster(
        cls,
        forecaster: Any,
        series: Any = None,
        *,
        n_history: int | None = None,
        max_panels: int = 9,
        ax: Any = None,
        **options: Any,
    ) -> Self:
        """Forecast, and draw the forecasts.

        Parameters
        ----------
        forecaster : Forecaster
            Fitted.
        series : Series or DataFrame, default=None
            Series to forecast, as in :meth:`Forecaster.forecast`. None: those of ``fit`` and
            ``update``, of which only the last rows are remembered and drawn.
        n_history : int, default=None
            As in :meth:`plot`.
        max_panels : int, default=9
            As in :meth:`plot`.
        ax : matplotlib Axes or array of them, default=None
            As in :meth:`plot`.
        **options : dict
            Passed to :meth:`Forecaster.forecast`, such as ``steps``, ``coverage`` and ``paths``.

        Returns
        -------
        display : ForecastDisplay
        """
        check_matplotlib_support(f"{cls.__name__}.from_forecaster")
        check_is_fitted(forecaster)
        forecast = forecaster.forecast(series=series, **options)
        history = _last_rows(forecaster) if series is None else series
        return cls.from_predictions(
            history,
            forecast,
            id_col=forecaster.id_col,
            time_col=forecaster.time_col,
            n_history=n_history,
            max_panels=max_panels,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        history: Any,
        forecast: Any,
        *,
        id_col: str | list[str] | None = None,
        time_col: str | list[str] | None = None,
        n_history: int | None = None,
        max_panels: int = 9,
        ax: Any = None,
    ) -> Self:
        """Draw forecasts.

        Parameters
        ----------
        history : Series or DataFrame
            The series, with the columns that were forecast.
        forecast : Series or DataFrame
            Forecasts in the form of `history`, as :meth:`Forecaster.forecast` and
            :func:`forecast` return them. Bounds are in columns such as ``y-lo-80`` and
            ``y-hi-80`` for the column ``y``. A column ``path``, which `history` does not have,
            numbers sample paths.
        id_col, time_col : str or list of str, default=None
            Columns or index levels that name the series and hold the time of each row, as in
            :class:`SlidingWindowTransformer`. Columns unique_id and ds are found.
        n_history : int, default=None
            As in :meth:`plot`.
        max_panels : int, default=9
            As in :meth:`plot`.
        ax : matplotlib Axes or array of them, default=None
            As in :meth:`plot`.

        Returns
        -------
        display : ForecastDisplay

        Raises
        ------
        ValueError
            If a column or series of `forecast` is not in `history`, or a path has a label twice.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        past, ahead = as_table(history), as_table(forecast)
        if isinstance(history, pd.Series) and isinstance(forecast, pd.Series):
            ahead = ahead.set_axis(past.columns, axis=1)
        columns = LabelColumns(id_col, time_col)
        if not columns.names and {ID, TIME} <= set(past.columns):
            columns = LABELS
        has_paths = PATH in ahead.columns and PATH not in past.columns
        names = [name for name in columns.features(ahead).columns if not has_paths or name != PATH]
        found = {name: None if has_paths else _BOUND.fullmatch(str(name)) for name in names}
        bounds = {
            name: match if match and match[1] in map(str, names) else None
            for name, match in found.items()
        }
        targets = [name for name, match in bounds.items() if match is None]
        if missing := [name for name in targets if name not in past.columns]:
            raise ValueError(
                f"forecast has the column {missing[0]!r}, but history has only "
                f"{list(past.columns)}. Pass the series that were forecast."
            )
        if not targets or ahead.empty:
            raise ValueError(
                f"forecast has {len(ahead)} row(s) and the columns {list(ahead.columns)}: there is "
                "nothing to draw. Pass forecasts of at least one step."
            )
        known = _by_series(past, columns)
        display = cls(history={}, forecast={}, y_label=", ".join(map(str, targets)))
        for name, rows in _by_series(ahead, columns).items():
            if name not in known:
                raise ValueError(
                    f"The series {show(name)} of forecast is not in history, which has "
                    f"{show(next(iter(known)))}, for example. Pass the series that were forecast."
                )
            kind, kind_ahead = known[name].index.inferred_type, rows.index.inferred_type
            if kind != kind_ahead:
                raise ValueError(
                    f"The time labels of forecast are of type {kind_ahead}, but those of history "
                    f"are of type {kind}. Bring them to one type, e.g. with to_timestamp()."
                )
            for target in targets:
                parts = () if name is None else name if isinstance(name, tuple) else (name,)
                title = ", ".join(map(str, parts + (target,) * (len(targets) > 1)))
                bands = {
                    f"{match[2]}-{match[3]}": rows[column]
                    for column, match in bounds.items()
                    if match is not None and match[1] == str(target)
                }
                display.history[title] = known[name][target]
                if has_paths:
                    paths = display.paths[title] = _by_path(rows, target)
                    display.forecast[title] = paths.median(axis=1).to_frame("forecast")
                else:
                    display.forecast[title] = pd.DataFrame({"forecast": rows[target]} | bands)
        return display.plot(ax=ax, n_history=n_history, max_panels=max_panels)

    def plot(self, ax: Any = None, *, n_history: int | None = None, max_panels: int = 9) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes or array of them, default=None
            Axes to draw in, one for each panel. None: a new figure.
        n_history : int, default=None
            Number of rows before the forecasts that are drawn. None: six for each step ahead, at
            least 50.
        max_panels : int, default=9
            Largest number of panels. If there are more, the first ones are drawn, and the title
            says how many there are.

        Returns
        -------
        display : ForecastDisplay
            This object, with the axes, the figure and the lines.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        titles = list(self.forecast)
        shown = titles[: integer_at_least(1, max_panels=max_panels)]
        n_columns = min(3, len(shown))
        n_rows = -(-len(shown) // n_columns)
        size = (6.4, 4.0) if len(shown) == 1 else (1 + 3.4 * n_columns, 0.6 + 2.4 * n_rows)
        axes = np.atleast_1d(make_axes(ax, nrows=n_rows, ncols=n_columns, figsize=size)).ravel()
        if len(axes) < len(shown):
            raise ValueError(
                f"There are {len(shown)} panels for {len(axes)} axes. Pass an axes for each one, "
                f"or max_panels={len(axes)}."
            )
        self.axes_, self.figure_ = axes[: len(shown)], axes[0].figure
        self.history_lines_: dict[str, Any] = {}
        self.forecast_lines_: dict[str, Any] = {}
        self.bands_: dict[tuple[str, str], Any] = {}
        self.path_lines_: dict[str, Any] = {}
        for panel, title in zip(self.axes_, shown, strict=True):
            self._draw(panel, title, n_history)
        if ax is not None:
            axes[0].legend()
            return self
        for empty in axes[len(shown) :]:
            empty.set_axis_off()
        if len(shown) == 1:
            axes[0].legend()
        else:
            handles, labels = axes[0].get_legend_handles_labels()
            self.figure_.legend(handles, labels, loc="outside upper right", ncols=len(labels))
            self.figure_.supylabel(self.y_label or "", fontsize="medium")
        if len(shown) < len(titles):
            self.figure_.suptitle(
                f"The first {len(shown)} of {len(titles)} panels", x=0.01, ha="left"
            )
        return self

    def _draw(self, ax: Any, title: str, n_history: int | None) -> None:
        """Draw one panel."""
        ahead = self.forecast[title]
        n_past = max(_FEWEST, _PER_STEP * len(ahead)) if n_history is None else n_history
        history, n_past = self.history[title], integer_at_least(0, n_history=n_past)
        is_past = history.index < ahead.index[0]
        past = history[is_past][-n_past:] if n_past else history[:0]
        happened = history[~is_past & (history.index <= ahead.index[-1])]
        x, markers = time_positions(ahead.index), "." if len(ahead) == 1 else ""
        lines = pd.concat((past, happened))
        (self.history_lines_[title],) = ax.plot(
            time_positions(lines.index),
            lines,
            color=text_color(ax),
            linewidth=1.2,
            zorder=2.1,  # above the forecast
            label="history",
        )
        paths = self.paths.get(title)
        if paths is not None:
            n_paths = paths.shape[1]
            # The fewer paths, the darker. In the legend they are dark enough to be seen.
            thin = {"color": "C0", "linewidth": 0.8, "marker": markers}
            alpha = min(0.6, max(0.03, 8 / n_paths))
            self.path_lines_[title] = ax.plot(x, paths, **thin, alpha=alpha)
            ax.plot([], [], **thin, alpha=0.6, label=f"{n_paths} path" + "s" * (n_paths > 1))
        (self.forecast_lines_[title],) = ax.plot(
            x,
            ahead["forecast"],
            color="C0",
            marker=markers,
            linewidth=2,
            label="forecast" if paths is None else "median",
        )
        low_bounds = [name.partition("lo-")[2] for name in ahead.columns if name.startswith("lo-")]
        levels = [level for level in low_bounds if f"hi-{level}" in ahead]
        for number, level in enumerate(sorted(levels, key=float, reverse=True), start=1):
            low, high = ahead[f"lo-{level}"], ahead[f"hi-{level}"]
            # A single step has no width to fill.
            draw, width = (ax.vlines, 6) if len(ahead) == 1 else (ax.fill_between, 0)
            # Narrow bands lie on wide ones and are darker, in the legend, too.
            alpha = min(0.15 * number, 0.5)
            self.bands_[title, level] = draw(
                x, low, high, color="C0", alpha=alpha, linewidth=width, label=f"{level} %"
            )
        if past.notna().any():
            cutoff = time_positions(past.dropna().index[-1:])[0]
            ax.axvline(cutoff, color=text_color(ax), linewidth=1, linestyle=":")
        show_dates(ax)
        ax.set_title(title)
        ax.set_ylabel((self.y_label or "") if len(self.forecast) == 1 else "")
        if isinstance(ahead.index, pd.TimedeltaIndex):
            ax.set_xlabel("Days")


def _last_rows(forecaster: Any) -> pd.DataFrame:
    """Return the rows that a forecaster remembers. Missing targets are NaN."""
    rows, form = forecaster._rows_and_form(None)
    targets = forecaster._reader.targets
    known = np.where(rows.is_known, rows.values[:, : len(targets)], np.nan)
    return form.table(rows.labels, known, targets)


def _by_path(rows: pd.DataFrame, target: Any) -> pd.DataFrame:
    """Return the sample paths of a target, a column for each path, with the time as index."""
    keys = rows.set_index(PATH, append=True).index
    if keys.has_duplicates:
        time, path = keys[keys.duplicated().argmax()]
        raise ValueError(
            f"forecast has path {path} at {show(time)} twice in one series. Give each path a "
            "number of its own."
        )
    return rows[target].set_axis(keys).unstack()


def _by_series(table: pd.DataFrame, columns: LabelColumns) -> dict[Any, pd.DataFrame]:
    """Return the rows of each series by its name, oldest first, with the time as index."""
    labels = columns.read(table, n_rows=len(table))
    features = columns.features(table).set_axis(labels.time, axis=0)
    if labels.series is None:
        return {None: features.sort_index()}
    groups = features.groupby(labels.series_codes(), sort=False)
    first: Any = labels.first_rows().series
    return {
        name: rows.sort_index()
        for name, (_, rows) in zip(first.to_flat_index(), groups, strict=True)
    }
