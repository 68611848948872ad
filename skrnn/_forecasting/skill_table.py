"""Errors of forecasts beside those of naive forecasts, by step and by series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skrnn._validation.parameters import integer_at_least
from skrnn._windows._labels.label_columns import LabelColumns
from skrnn._windows._labels.row_labels import show

from .scored_rows import (
    BASELINES,
    CUTOFF,
    ID,
    SCALE,
    SQUARED_SCALE,
    STEP,
    TARGET,
    TIME,
    Forecasts,
    find_forecasts,
    rows_of_target,
    with_baselines,
)

MODEL = "model"
WORDS = {"last_value": "the last value", "last_season": "last season's value"}


class SkillTable:
    """Result of :func:`skill_table`. Printed, it says what a reader needs in sentences.

    Parameters
    ----------
    errors : DataFrame
        One row for each model and row of the backtest.
    season : int
        Steps in a season.
    """

    def __init__(self, errors: pd.DataFrame, season: int) -> None:
        self.baselines = [name for name in BASELINES if name == "last_value" or season > 1]
        self.table = _means(errors, [MODEL, ID, STEP], self.baselines)
        self.by_series = _means(errors, [MODEL, ID], self.baselines)
        self.by_step = _means(errors, [MODEL, STEP], self.baselines)
        self.overall = _means(errors, [MODEL], self.baselines)
        for baseline in self.baselines:
            self.by_step[f"better_than_{baseline}"] = _is_better(errors, baseline)
        self.sentences = [
            sentence for model in self.overall.index for sentence in self._sentences(model)
        ]

    def __repr__(self) -> str:
        table = self.overall.round(2).to_string()
        return "\n".join([table, "", *self.sentences])

    def _sentences(self, model: Any) -> list[str]:
        """Return what a reader has to know of a model."""
        found = []
        steps, series = self.by_step.loc[model], self.by_series.loc[model]
        for baseline in self.baselines:
            name, skill = WORDS[baseline], self.overall[f"skill_{baseline}"][model]
            gains = steps[f"skill_{baseline}"] > 0
            is_unclear = gains & ~steps[f"better_than_{baseline}"]
            verdicts = {
                f"no better than {name}": steps.index[~gains],
                f"not clearly better than {name}": steps.index[is_unclear],
            }
            parts = [
                f"{verdict} at {'any step' if len(at) == len(steps) else _spans(at)}"
                for verdict, at in verdicts.items()
                if len(at)
            ]
            where = ", ".join(parts) or f"better than {name} at every step"
            size = "smaller" if skill >= 0 else "larger"
            found.append(f"{model}: {where}. Its errors are {_percent(abs(skill))} {size}.")
            worse = series.index[series[f"skill_{baseline}"] <= 0]
            if len(series) > 1 and len(worse):
                found.append(
                    f"{model}: no better than {name} for {len(worse)} of {len(series)} series, "
                    f"such as {show(worse[0])}."
                )
        for column in self.by_step.columns[self.by_step.columns.str.startswith("coverage-")]:
            if (coverage := steps[column]).notna().all():
                level, overall = column.removeprefix("coverage-"), self.overall[column][model]
                found.append(
                    f"{model}: the {level} % interval holds {_percent(overall)} of the values, and "
                    f"{_percent(coverage.min())} at step {coverage.idxmin()}."
                )
        return found


def skill_table(
    frame: pd.DataFrame,
    series: Any,
    *,
    season_length: int,
    models: str | list[str] | None = None,
    target: Any = None,
    id_col: str | list[str] | None = None,
    time_col: str | list[str] | None = None,
    freq: Any = None,
) -> SkillTable:
    """Return the errors of forecasts beside those of naive forecasts, by model, step and series.

    The naive forecasts are the last known value, and the last known value of the same season,
    such as last year's. They are made here, from `series`.

    Parameters
    ----------
    frame : DataFrame
        A backtest, one row for each forecast, with the columns of utilsforecast: ``unique_id``,
        ``ds``, ``cutoff`` (the last label that was known), ``y``, and a column for each model.
        Bounds of intervals are named ``model-lo-80`` and ``model-hi-80``. Without ``cutoff`` the
        forecasts of each series follow its last known value.
    series : Series or DataFrame
        The series that was forecast, as it was passed to ``Forecaster.fit``, or a long table with
        the columns unique_id, ds and y. It may end with the last cutoff. Cutoffs must be among
        its labels.
    season_length : int
        Number of steps in a season, such as 12 for months. 1: no season.
    models : str or list of str, default=None
        Columns of `frame` with forecasts. None: all other columns.
    target : column name, default=None
        Column of `series` that was forecast. None if there is only one. Of a backtest of several
        targets, only its rows are scored.
    id_col, time_col : str or list of str, default=None
        Columns or index levels of `series` that name the series and hold the time of each row, as
        in :class:`SlidingWindowTransformer`.
    freq : str, pandas offset or int, default=None
        Step from one time label to the next, if the labels of `series` do not show it.

    Returns
    -------
    skill : SkillTable
        Prints its sentences. ``overall`` has a row for each model, ``by_step`` for each model and
        step, ``by_series`` for each model and series, and ``table`` for all three. ``sentences``
        are those that are printed.

    Raises
    ------
    TypeError
        If `frame` is not a DataFrame, or `series` neither a Series nor a DataFrame.
    ValueError
        If a column is missing, a forecast is NaN, labels or values of `frame` are not those of
        `series`, or no row can be scored.

    Warns
    -----
    UserWarning
        If rows are left out, since their series is too short or constant before the cutoff.

    Notes
    -----
    These are the columns of the tables. Means are over all rows of `frame` that belong to a row of
    the table. Rows with an unknown ``y`` are left out.

    =========================== ================================================================
    ``n``                       Number of forecasts.
    ``mae``                     Mean absolute error, in the unit of y.
    ``mase``                    Mean absolute error, divided by the mean absolute change from
                                season to season before the cutoff [1]_.
    ``rmsse``                   Root of the ratio of the mean squared error to the mean squared
                                change.
    ``mase_last_value``         MASE of the last value.
    ``mase_last_season``        MASE of last season's value.
    ``skill_last_value``        ``1 - mase / mase_last_value``: 0.1 means that errors are 10 %
                                smaller. 0 or less: the model is of no use.
    ``skill_last_season``       The same for last season's value.
    ``better_than_last_value``  In ``by_step``: whether the model is clearly better. The mean
                                difference of the scaled errors is more than twice its standard
                                error, over cutoffs and over series. The sentences call it "not
                                clearly better" if it is less.
    ``better_than_last_season`` The same for last season's value.
    ``coverage-80``             Share of the values within the bounds.
    ``winkler-80``              Interval score [2]_, in the unit of y.
    =========================== ================================================================

    MASE, RMSSE, coverage and Winkler score are defined as in utilsforecast, which has none of
    them by step. Columns in the unit of y are left out where several series are averaged.

    References
    ----------
    .. [1] Hyndman, R. J. and Koehler, A. B. (2006). Another look at measures of forecast accuracy.
       :doi:`10.1016/j.ijforecast.2006.03.001`
    .. [2] Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
       estimation. :doi:`10.1198/016214506000001437`

    Examples
    --------
    A model that repeats the value of two months ago, from 24 cutoffs:

    >>> import pandas as pd
    >>> from skrnn import skill_table
    >>> from skrnn.datasets import load_airline_passengers
    >>> series = load_airline_passengers()["passengers"]
    >>> rows = [
    ...     ("airline", series.index[row], series.index[row + step], series.iloc[row + step],
    ...      series.iloc[row - 1])
    ...     for row in range(115, 139) for step in (1, 2, 3)
    ... ]
    >>> frame = pd.DataFrame(rows, columns=["unique_id", "cutoff", "ds", "y", "late"])
    >>> skill = skill_table(frame, series, season_length=12)
    >>> for sentence in skill.sentences:
    ...     print(sentence)
    late: no better than the last value at any step. Its errors are 27 % larger.
    late: no better than last season's value at any step. Its errors are 90 % larger.
    >>> skill.by_step[["n", "mase", "mase_last_value", "skill_last_value"]].round(2)
                 n  mase  mase_last_value  skill_last_value
    model step
    late  1     24  2.29             1.44             -0.60
          2     24  2.78             2.32             -0.20
          3     24  3.28             2.82             -0.16
    """
    season = integer_at_least(1, season_length=season_length)
    names = [models] if isinstance(models, str) else models and list(dict.fromkeys(models))
    frame = rows_of_target(frame, target, names)
    forecasts = find_forecasts(frame, names)
    rows = with_baselines(
        frame,
        series,
        season=season,
        columns=LabelColumns(id_col, time_col),
        target=target,
        freq=freq,
    )
    return SkillTable(_errors(rows, forecasts), season)


def _errors(rows: pd.DataFrame, forecasts: Forecasts) -> pd.DataFrame:
    """Return the errors of all models, one row for each model and forecast."""
    parts = []
    y = rows[TARGET]
    for model in forecasts.models:
        error = (rows[model] - y).abs()
        part = rows[[ID, TIME, STEP]].assign(
            **{
                MODEL: model,
                CUTOFF: rows.get(CUTOFF, 0),
                "mae": error,
                "mase": error / rows[SCALE],
                "rmsse": error**2 / rows[SQUARED_SCALE],
            },
            **{f"mase_{name}": (rows[name] - y).abs() / rows[SCALE] for name in BASELINES},
        )
        for owner, level in forecasts.intervals:
            if owner == model:
                low, high = rows[f"{model}-lo-{level}"], rows[f"{model}-hi-{level}"]
                outside = (low - y).clip(lower=0) + (y - high).clip(lower=0)
                part[f"coverage-{level}"] = y.between(low, high).astype(float)
                part[f"winkler-{level}"] = high - low + 200 / (100 - float(level)) * outside
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _means(errors: pd.DataFrame, by: list[str], baselines: list[str]) -> pd.DataFrame:
    """Return the mean errors of groups, and the skill."""
    groups = errors.groupby(by, sort=True)
    in_units = ["mae", *errors.columns[errors.columns.str.startswith("winkler-")]]
    shares = errors.columns[errors.columns.str.startswith("coverage-")]
    scaled = ["mase", "rmsse", *(f"mase_{name}" for name in baselines)]
    has_unit = ID in by or errors[ID].nunique() == 1
    means = groups[[*in_units[:1] * has_unit, *scaled, *shares, *in_units[1:] * has_unit]].mean()
    means["rmsse"] **= 0.5
    for name in baselines:
        place = means.columns.get_loc(f"mase_{baselines[-1]}") + 1 + baselines.index(name)
        means.insert(place, f"skill_{name}", 1 - means["mase"] / means[f"mase_{name}"])
    means.insert(0, "n", groups.size())
    return means


def _is_better(errors: pd.DataFrame, baseline: str) -> pd.Series:
    """Return for each model and step whether errors are clearly smaller than the naive ones.

    The standard error of their mean difference is the larger one of those over cutoffs and over
    series. With one cutoff of one series there is none.
    """
    gain = errors[f"mase_{baseline}"] - errors["mase"]
    by = [errors[MODEL], errors[STEP]]
    limits = []
    for unit in (CUTOFF, ID):
        means = gain.groupby([*by, errors[unit]]).mean()
        limits.append(2 * means.groupby(level=[0, 1]).sem())
    limit = pd.concat(limits, axis=1).max(axis=1).fillna(0)
    return gain.groupby(by).mean() > limit


def _spans(steps: pd.Index) -> str:
    """Return steps as text, such as "steps 1, 3 to 5"."""
    numbers = np.asarray(steps)
    ends = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    spans = [f"{span[0]}" if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in ends]
    return f"step{'s' * (len(numbers) > 1)} {', '.join(spans)}"


def _percent(share: float) -> str:
    """Return a share as text."""
    return f"{100 * share:.0f} %"
