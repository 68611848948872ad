"""Windows that are shorter than asked for: what fit keeps, warnings, missing values."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import NaiveRegressor, SeriesImputer, SlidingWindowTransformer, make_supervised


def daily(n_rows, start="2024-01-01", freq="D"):
    index = pd.date_range(start, periods=n_rows, freq=freq)
    return pd.DataFrame({"load": 10 + np.sin(np.arange(n_rows))}, index=index)


def panel(**series):
    return pd.concat(series, names=["store", "day"])


class CountSteps(RegressorMixin, BaseEstimator):
    """Predicts the number of steps of each window."""

    def fit(self, X, y):
        self.is_fitted_ = True
        return self

    def predict(self, X):
        return (~np.isnan(X)).sum(axis=(1, 2))


# In fit


def test_trading_days_as_calendar_days_never_have_a_full_window():
    X = daily(250, freq="B")
    words = (
        r"Only 0 of the 231 rows .*\(lookback=20\): at a step of 'D' .* 49 gaps, the first before "
        r"'2024-01-08 00:00:00'.*CustomBusinessDay"
    )
    windows = SlidingWindowTransformer(20, freq="D")
    with pytest.warns(UserWarning, match=words) as caught:
        windows.fit(X)
    assert len(caught) == 1
    assert windows.n_full_windows_ == 0
    assert SlidingWindowTransformer(20, freq="B").fit(X).n_full_windows_ == 231
    assert SlidingWindowTransformer(20).fit(X.reset_index(drop=True)).n_full_windows_ == 231
    holidays = X.drop(X.index[[30, 31, 99, 205]])
    days = pd.offsets.CustomBusinessDay(holidays=X.index[[30, 31, 99, 205]])
    assert SlidingWindowTransformer(20, freq=days).fit(holidays).n_full_windows_ == 227


def test_a_lookback_longer_than_the_series_warns():
    words = (
        r"No row has a full window: that needs 31 rows .lookback=30 and shift=1.* series has 30\."
    )
    for X in (panel(a=daily(30), b=daily(9)), daily(30).to_numpy()):
        with pytest.warns(UserWarning, match=words):
            SlidingWindowTransformer(30, shift=1).fit_transform(X)


def test_some_gaps_and_short_series_do_not_warn():
    X = panel(a=daily(40).drop(daily(40).index[20]), b=daily(3))
    windows = SlidingWindowTransformer(10, freq="D").fit(X)
    assert windows.n_full_windows_ == 11 + 10


# In transform: rows that fit kept, and rows out of their reach


def test_the_last_row_alone_warns_after_a_longer_horizon():
    series = daily(200)
    X, y = make_supervised(series, horizon=7)
    model = make_pipeline(SlidingWindowTransformer(14), CountSteps()).fit(X, y)
    words = r"1 of 1 windows have fewer than lookback=14 steps, at most 1\..* pass its last 14 rows"
    with pytest.warns(UserWarning, match=words):
        assert model.predict(series[-1:]) == [1]
    # The remedy, with rows that follow those of fit, and with rows after a gap.
    assert model.predict(series[-14:])[-1:] == [14]
    assert model.predict(series[-7:])[-1:] == [14]
    later = daily(300)[-14:]
    assert model.predict(later)[-1:] == [14]


def test_rows_of_fit_again_continue_the_kept_rows_before_them():
    X = daily(100)
    windows = SlidingWindowTransformer(5, shift=1).fit(X)
    whole = windows.transform(X)
    for k in range(1, 7):  # lookback + shift
        assert_array_equal(windows.transform(X[-k:]), whole[-k:])
    longer = daily(110)
    both = windows.transform(longer[95:])
    assert_array_equal(both, SlidingWindowTransformer(5, shift=1).fit_transform(longer)[95:])


def test_kept_rows_fill_the_places_between_the_rows():
    X = panel(a=daily(40), b=daily(30))
    windows = SlidingWindowTransformer(4).fit(X)
    rows = np.array([36, 38, 39, 65, 68])
    assert_array_equal(windows.transform(X.iloc[rows]), windows.transform(X)[rows])
    interleaved = X.iloc[rows[[3, 0, 4, 1, 2]]]
    assert_array_equal(windows.transform(interleaved), windows.transform(X)[rows[[3, 0, 4, 1, 2]]])


def test_new_values_at_the_labels_of_fit_count():
    X = daily(20)
    revised = X[-2:].copy()
    revised.iloc[0] = 99
    windows = SlidingWindowTransformer(3).fit(X).transform(revised)
    assert_array_equal(windows[1, :, 0], [X["load"].iloc[-3], 99, X["load"].iloc[-1]])


def test_rows_with_none_of_the_values_of_fit_are_of_another_series():
    X = daily(20)
    windows = SlidingWindowTransformer(3).fit(X)
    with pytest.warns(UserWarning, match="2 of 2 windows have fewer than lookback=3"):
        assert_array_equal(np.isnan(windows.transform(100 + X[-2:])).sum(axis=(1, 2)), [2, 1])


def test_rows_before_the_kept_ones_warn():
    X = daily(100)
    windows = SlidingWindowTransformer(5).fit(X)
    with pytest.warns(UserWarning, match="3 of 3 windows .* at most 3"):
        windows.transform(X[50:53])
    with pytest.warns(UserWarning, match="2 of 2 windows .* at most 3"):
        windows.transform(X[91:93])  # the kept rows begin at row 90
    assert not np.isnan(windows.transform(X[94:])).any()


def test_the_warning_names_a_series_and_counts_the_others():
    X = panel(a=daily(30), b=daily(30), c=daily(30))
    windows = SlidingWindowTransformer(4).fit(X)
    new = panel(
        a=daily(2, "2024-03-01"), b=daily(2, "2024-01-31"), c=daily(1, "2024-03-01"), d=daily(1)
    )
    words = "2 of 2 windows of series 'a' .* The same holds for 1 other series"
    with pytest.warns(UserWarning, match=words) as caught:
        windows.transform(new)
    assert len(caught) == 1


def test_series_start_short_without_a_warning():
    X = panel(a=daily(30), b=daily(30))
    windows = SlidingWindowTransformer(4).fit(X)
    windows.transform(X.groupby("store").head(2))  # as they did in fit
    windows.transform(panel(c=daily(2)))  # not seen in fit


def test_context_false_warns_as_well():
    X = daily(30)
    windows = SlidingWindowTransformer(4, context=False).fit(X[:20])
    with pytest.warns(UserWarning, match="1 of 1 windows have fewer than lookback=4"):
        windows.transform(X[20:21])


def test_a_single_row_of_an_array_warns():
    X = daily(30).to_numpy()
    pipe = make_pipeline(StandardScaler(), SlidingWindowTransformer(4), CountSteps()).fit(X, X)
    words = r"Rows of arrays do not follow those of fit.*set_output\(transform=\"pandas\"\)"
    with pytest.warns(UserWarning, match=words):
        assert pipe.predict(X[-1:]) == [1]
    assert pipe.predict(X[-4:])[-1] == 4


def test_nothing_but_padding_warns():
    X = panel(a=daily(30))
    windows = SlidingWindowTransformer(4, min_periods=4).fit(X)
    with pytest.warns(UserWarning, match="No window of the 2 .* nothing but padding"):
        windows.transform(panel(b=daily(2)))
    model = NaiveRegressor().fit(np.ones((5, 3, 1)), np.arange(5.0))
    with pytest.warns(UserWarning, match="NaiveRegressor .* all 2 rows of X are nothing but"):
        assert_array_equal(model.predict(np.full((2, 3, 1), np.nan)), [2, 2])


def test_a_pickle_holds_the_kept_rows_only():
    short, long = (
        pickle.dumps(SlidingWindowTransformer(10).fit(panel(a=daily(n), b=daily(n))))
        for n in (100, 10_000)
    )
    assert len(long) < len(short) + 100


# After set_params


def test_a_lookback_that_was_raised_after_fit_is_an_error():
    X = daily(30)
    windows = SlidingWindowTransformer(3).fit(X[:20]).set_params(lookback=6)
    with pytest.raises(ValueError, match=r"lookback=6 .* lookback \+ shift = 3. Fit again"):
        windows.transform(X[20:])
    expected = SlidingWindowTransformer(2).fit_transform(X)[20:]
    assert_array_equal(windows.set_params(lookback=2).transform(X[20:]), expected)
    with pytest.raises(ValueError, match="'lookback' parameter"):
        windows.set_params(lookback=0).transform(X[20:])
    with pytest.raises(ValueError, match="min_periods=3 and lookback=2"):
        windows.set_params(lookback=2, min_periods=3).transform(X[20:])


# Arrays with context=True


def test_the_rows_of_fit_do_not_follow_themselves():
    X = daily(30).to_numpy()
    windows = SlidingWindowTransformer(4, context=True)
    whole = windows.fit_transform(X)
    assert_array_equal(windows.transform(X), whole)
    assert_array_equal(windows.fit(X[:20]).transform(X), whole)
    assert_array_equal(windows.transform(X[20:]), whole[20:])


# Missing values


@pytest.mark.parametrize("lookback", [1, 3])
def test_missing_values_are_refused_and_named(lookback):
    X = daily(10).assign(wind=1.0)
    X.iloc[[4, 6], 1] = np.nan
    words = "NaN in 2 row.*'2024-01-05 00:00:00'.*'wind'.*SeriesImputer"
    windows = SlidingWindowTransformer(lookback)
    for call in (windows.fit, windows.fit_transform, windows.fit(X[:4]).transform):
        with pytest.raises(ValueError, match=words):
            call(X)
    with pytest.raises(ValueError, match=r"NaN in 2 row.*row 4.*column 1 of X"):
        windows.fit(X.to_numpy())
    with pytest.raises(ValueError, match="of series 'a'"):
        windows.fit(panel(a=X))
    assert not windows.__sklearn_tags__().input_tags.allow_nan


def test_an_imputer_before_the_windows_fills_them():
    X = daily(10)
    X.iloc[4] = np.nan
    pipe = make_pipeline(SeriesImputer(), SlidingWindowTransformer(2))
    assert int(np.isnan(pipe.set_output(transform="pandas").fit_transform(X)).sum()) == 1
