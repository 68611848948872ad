"""Forecasts with dates."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import check_is_fitted

from skrnn._validation.parameters import Interval, integer_at_least
from skrnn._windows._labels.label_columns import LABEL_CONSTRAINTS, LabelColumns, Names
from skrnn._windows._labels.time_step import FREQ_CONSTRAINTS, Step
from skrnn._windows.series_table import Target

from .backtest import BacktestMixin
from .calibration import calibrate, errors_of
from .defaults import default_regressor, lookback_of, lookback_of_default, season_of
from .forecast_model import check_training_rows, fit_model, training_rows
from .interval_table import path_table, with_intervals
from .known_effects import series_sizes, sizes_as_in_fit
from .origins import History
from .series_rows import SeriesRows, as_table, check_last_windows
from .step_models import check_regressor
from .table_form import TableForm, form_of
from .table_reader import make_reader


class Forecaster(BacktestMixin, BaseEstimator):
    """Forecast series, with the dates of the forecasts.

    `fit` takes one or several series as a table, makes windows, and fits a regressor to them.
    `forecast` returns a table of the same form for the steps that follow.

    Parameters
    ----------
    regressor : regressor, default=None
        Any regressor of windows, such as :class:`GRURegressor` or
        :class:`WindowNormalizedRegressor`, or any regressor of scikit-learn, which gets lags:
        a clone is fitted for each step of the horizon and each target. None: see Notes.
    horizon : int
        Number of steps that are predicted from one window.
    lookback : int, default=None
        Number of rows in a window. None: three seasons, at least 12 rows, at most half of what
        the longest series has before its last `horizon` rows. For the default regressor 84, or the
        length of the longest series if that is shorter, but at least two seasons.
    season_length : int, default=None
        Number of rows in a season. None: 12 for months, 4 for quarters, 24 for hours, 7 for
        days, as far as it is a whole number of steps. 1 for all other steps, such as weeks.
    target : column name or list of them, default=None
        Column to forecast. None if there is only one.
    future_features : column name or list of them, default=()
        Columns that are known in advance, such as prices or holidays. All other columns are
        known up to the last row only: they are features of the windows.
    static_features : DataFrame, default=None
        Numbers that belong to a series. A row for each series, with its name in the index.
    calendar : callable or transformer, default=None
        Makes features of the time labels, for past and future. A function gets the labels as a
        pandas Index, and returns an array or DataFrame with a row for each, which must not depend
        on the other labels. A transformer, such as
        ``skrub.DatetimeEncoder(periodic_encoding="circular")``, gets the dates as a Series.
    id_col, time_col : str or list of str, default=None
        Columns or index levels that name the series and hold the time of each row, as in
        :class:`SlidingWindowTransformer`.
    freq : str, pandas offset or int, default=None
        Step from one time label to the next, if the labels do not show it.
    random_state : int, RandomState instance or None, default=None
        Seed of the default regressor, and of sample paths. Not used for another regressor.
    n_jobs : int, default=None
        Number of regressors that are fitted at the same time: members of the default regressor, or
        clones of a regressor of lags, or those of `n_calibration`.
    n_calibration : int, default=0
        Number of earlier origins from which forecasts are made in `fit`, to learn their errors
        for intervals. A clone is fitted for each of them. 0: intervals are the quantiles of the
        regressor, if it predicts them, as :class:`PretrainedGRURegressor` does, and a network with
        a list of quantiles, alone or inside a :class:`WindowNormalizedRegressor`.
    calibration_stride : int, default=1
        Number of rows from one of the origins of `n_calibration` to the next. Hours or days may
        need more than 1, so that the origins are spread over several days or weeks.

    Attributes
    ----------
    regressor_ : regressor or list of regressor
        The fitted clone. For a regressor of lags a list with the clone of each step. With several
        targets, the clone of a step, and the default regressor, are lists with one for each target.
    lookback_, season_length_ : int
        The values that were used.
    freq_ : pandas offset, int or None
        Step from one time label to the next.
    n_series_ : int
        Number of series.
    n_windows_ : int
        Number of windows that the regressor was fitted to.

    See Also
    --------
    forecast : Forecasts with dates of a pipeline that was fitted without a `Forecaster`.

    Notes
    -----
    **Default regressor.** The blend of :func:`~skrnn.recommended.make_blend`. It learns from the
    windows that have two seasons of real rows, and at least 12. If there are fewer than 50 of them,
    not counting the last ``horizon - 1`` of each series, it is :class:`PretrainedGRURegressor`
    alone, which needs no training. A season of more than 24 rows is removed from its windows, if
    they have two of them. Each target has its own.

    **Missing targets.** A row without a target, NaN or left out, is nothing to learn from: no
    window is used whose next `horizon` targets are not all known. In windows it is filled with the
    value one season before. A series starts with its first known target. A forecast warns if its
    last window holds filled rows, and is refused if the last row of a series has no target.
    Features must be complete.

    **Short series.** Rows before the first one are padding. Windows with padding are used in
    `fit` only for series that have no full window. A regressor of lags gets the first row in place
    of padding, unless it takes NaN.

    **Known features** act at the step to which they belong. A regressor of lags gets those of its
    step as columns. For a regressor of windows their linear effect is estimated by a regression
    with autoregressive errors [1]_, subtracted from targets, and added to forecasts. In a panel the
    effect is the same for all series, in units of their mean absolute change. A series that has
    not changed yet has none. For effects that are not linear, pass more columns, e.g. of
    ``SplineTransformer``.

    **Other features.** Windows have the targets as their first columns, then the other columns,
    then static features, which are the same in all rows. Where a regressor has a parameter
    `target_feature` that is None, it is set.

    **Floating-point types.** If all columns are float32 in `fit`, the regressor computes in
    float32, which makes networks faster, and forecasts are float32. Else all is float64.

    **Beyond the horizon** forecasts are fed back as the newest rows, `horizon` at a time.

    **Intervals** are conformal: with `n_calibration` origins, errors of forecasts by clones that
    were fitted to the rows up to each origin are divided by the size of the series, its mean
    absolute change from season to season, and with several series by the level of its errors. They
    hold for each step up to the horizon. `update` does not change them; fit again to learn them
    from newer rows. See the guide.

    References
    ----------
    .. [1] Cochrane, D. and Orcutt, G. H. (1949). Application of least squares regression to
       relationships containing auto-correlated error terms. :doi:`10.1080/01621459.1949.10483290`

    Examples
    --------
    >>> from sklearn.linear_model import RidgeCV
    >>> from skrnn import Forecaster
    >>> from skrnn.datasets import load_airline_passengers
    >>> forecaster = Forecaster(RidgeCV(), horizon=12).fit(load_airline_passengers())
    >>> forecaster.forecast(2).round()
             passengers
    month
    1961-01       456.0
    1961-02       417.0
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "regressor": [None, HasMethods("fit")],
        "horizon": [Interval(Integral, 1, None, closed="left")],
        "lookback": [None, Interval(Integral, 1, None, closed="left")],
        "season_length": [None, Interval(Integral, 1, None, closed="left")],
        "target": "no_validation",
        "future_features": [list, tuple, str],
        "static_features": [None, pd.DataFrame],
        "calendar": [None, callable, HasMethods(["fit_transform", "transform"])],
        **LABEL_CONSTRAINTS,
        **FREQ_CONSTRAINTS,
        "random_state": ["random_state"],
        "n_jobs": [None, Integral],
        "n_calibration": [Interval(Integral, 0, None, closed="left")],
        "calibration_stride": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        regressor: Any = None,
        *,
        horizon: int,
        lookback: int | None = None,
        season_length: int | None = None,
        target: Target = None,
        future_features: Any = (),
        static_features: pd.DataFrame | None = None,
        calendar: Any = None,
        id_col: Names = None,
        time_col: Names = None,
        freq: str | BaseOffset | int | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
        n_calibration: int = 0,
        calibration_stride: int = 1,
    ) -> None:
        self.regressor = regressor
        self.horizon = horizon
        self.lookback = lookback
        self.season_length = season_length
        self.target = target
        self.future_features = future_features
        self.static_features = static_features
        self.calendar = calendar
        self.id_col = id_col
        self.time_col = time_col
        self.freq = freq
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.n_calibration = n_calibration
        self.calibration_stride = calibration_stride

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, series: Any) -> Self:
        """Fit the regressor to the series, and remember their last rows.

        Parameters
        ----------
        series : Series or DataFrame
            Rows in any order. Labels that are missing between the first and the last one of a
            series count as rows without a target.

        Returns
        -------
        self : object
            The fitted forecaster.
        """
        if self.regressor is not None:
            check_regressor(self.regressor)
        reader, rows = make_reader(
            series,
            LabelColumns(self.id_col, self.time_col),
            target=self.target,
            future_features=self.future_features,
            calendar=self.calendar,
            static_features=self.static_features,
            freq=self.freq,
            season=self._season,
        )
        data, horizon = reader.data(rows), int(self.horizon)
        season, given = reader.season, None if self.lookback is None else int(self.lookback)
        if self.regressor is None:
            lookback = lookback_of_default(season, rows.lengths) if given is None else given
            regressor, origins = default_regressor(
                rows, season, horizon, lookback, random_state=self.random_state, n_jobs=self.n_jobs
            )
        else:
            lookback = lookback_of(season, horizon, rows.lengths) if given is None else given
            regressor, origins = self.regressor, training_rows(rows, lookback, horizon)
            check_training_rows(rows, origins, lookback, horizon)
        model = fit_model(
            regressor,
            data,
            origins,
            lookback=lookback,
            horizon=horizon,
            together=reader.several and self.regressor is not None,
            n_jobs=self.n_jobs,
        )
        form = form_of(as_table(series), reader.columns)
        self._calibration = calibrate(self, History(reader, rows, form))
        self.regressor_ = model.models.regressor
        self.lookback_, self.season_length_, self.freq_ = lookback, season, reader.step
        self.n_series_, self.n_windows_ = len(rows.lengths), len(origins)
        self._model, self._reader, self._sizes = model, reader, data.sizes
        self._form, self._names = form, rows.names
        self._rows = rows.newest(self._n_kept)
        return self

    def update(self, rows: Any) -> Self:
        """Add new rows, without fitting.

        Parameters
        ----------
        rows : Series or DataFrame
            The rows that follow the last ones of some or all series, in the form of the table
            of :meth:`fit`.

        Returns
        -------
        self : object
            The forecaster. It forecasts from the new rows.

        Raises
        ------
        ValueError
            If a series is unknown, or rows repeat or leave a gap.
        """
        check_is_fitted(self)
        joined = self._reader.read_newer(as_table(rows), self._rows)
        self._rows = joined.newest(self._n_kept)
        return self

    def make_future(self, steps: int | None = None, *, series: Any = None) -> pd.DataFrame:
        """Return a table for the future features, to be filled.

        Parameters
        ----------
        steps : int, default=None
            Number of steps ahead. None: `horizon`.
        series : Series or DataFrame, default=None
            As in :meth:`forecast`.

        Returns
        -------
        future : DataFrame
            A row for each series and step ahead, in the form of the table of :meth:`fit`. The
            columns of `future_features` hold NaN.
        """
        check_is_fitted(self)
        rows, form = self._rows_and_form(series)
        labels = self._reader.labels_ahead(rows, self._n_steps(steps))
        empty = np.full((labels.n_rows, len(self._reader.future)), np.nan)
        return form.table(labels, empty, self._reader.future, rows.step)

    def forecast(
        self,
        steps: int | None = None,
        *,
        series: Any = None,
        future: Any = None,
        coverage: float | list[float] | None = None,
        paths: int | None = None,
    ) -> pd.DataFrame:
        """Forecast the steps that follow the last row of each series.

        Parameters
        ----------
        steps : int, default=None
            Number of steps ahead. None: `horizon`. Beyond the horizon, forecasts are fed back.
        series : Series or DataFrame, default=None
            Series to forecast, which need not be those of :meth:`fit`: rows up to the last known
            one. None: the series of :meth:`fit` and :meth:`update`.
        future : DataFrame, default=None
            Future features of the steps that are forecast, see :meth:`make_future`.
        coverage : float or list of float, default=None
            Share of the values that intervals should hold, e.g. 0.8. See `n_calibration`.
        paths : int, default=None
            Number of sample paths, in place of forecasts. Needs `n_calibration`.

        Returns
        -------
        forecast : DataFrame
            A row for each series and step ahead, in the form of the table of :meth:`fit`, with
            a column for each target. Bounds of intervals are columns such as ``sold-lo-80`` and
            ``sold-hi-80``. Paths are numbered by a column ``path``.

        Raises
        ------
        ValueError
            If `future` has other labels than those that are forecast, the last row of a series
            has no target, windows have other columns that are not known beyond the horizon,
            or there are too few errors for the coverage.
        """
        check_is_fitted(self)
        n_steps, reader = self._n_steps(steps), self._reader
        if n_steps > self._model.models.horizon and reader.past:
            raise ValueError(
                f"steps={n_steps} is beyond horizon={self._model.models.horizon}: that needs later "
                f"values of {reader.past[0]!r}, which are not known. Fit with a longer horizon, or "
                "name the column in future_features if it is known in advance, or leave it out."
            )
        rows, form = self._rows_and_form(series)
        check_last_windows(rows, self.lookback_, reader.targets)
        labels = reader.labels_ahead(rows, n_steps)
        ahead = reader.features_ahead(future, labels, rows)
        sizes = series_sizes(rows, len(reader.targets))
        sizes = sizes_as_in_fit(sizes, rows, self._rows, self._sizes, self._names)
        data, names = reader.data(rows, sizes), reader.targets
        y = self._model.forecast(data, rows.last, ahead)
        if paths is not None:
            errors = errors_of(self._calibration, rows, self._rows, n_steps)
            seed = self.random_state
            return path_table(form, labels, y, names, errors, paths, seed, coverage)
        if coverage is not None:
            learned = self._calibration, self._rows, self._model
            y, names = with_intervals(y, names, coverage, *learned, data, ahead)
        return form.table(labels, y.reshape(labels.n_rows, -1), names, rows.step)

    def _rows_and_form(self, series: Any) -> tuple[SeriesRows, TableForm]:
        """Return the rows to forecast from, those of fit and update if None, and their form."""
        if series is None:
            return self._rows, self._form
        table = as_table(series)
        form = form_of(table, self._reader.columns)
        return self._reader.read_rows(table, self._rows.labels), form

    @property
    def _n_kept(self) -> int:
        """Number of rows of each series that forecasts and filled values may need."""
        return max(self.lookback_, self.season_length_)

    def _n_steps(self, steps: int | None) -> int:
        return self._model.models.horizon if steps is None else integer_at_least(1, steps=steps)

    def _season(self, step: Step) -> int:
        return season_of(step) if self.season_length is None else int(self.season_length)
