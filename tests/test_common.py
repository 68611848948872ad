"""Every check that scikit-learn has for estimators, on every public class."""

import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import (
    BlendingRegressor,
    GRURegressor,
    LastSteps,
    LSTMRegressor,
    NaiveRegressor,
    PerSeriesTargetRegressor,
    PerSeriesTransformer,
    PretrainedGRURegressor,
    ResidualRegressor,
    RNNRegressor,
    SeedEnsembleRegressor,
    SeriesImputer,
    SlidingWindowTransformer,
    TimeDistributed,
    WindowLinearRegressor,
    WindowNormalizedRegressor,
    WindowTheta,
)

# A window reads the rows before its own: the order of rows and their neighbours
# are its meaning, so these two invariances cannot hold.
OF_WINDOWS = {
    "check_methods_sample_order_invariance": "a window is made of the rows before its own",
    "check_methods_subset_invariance": "a window is made of the rows before its own",
}
# A weight of two against two rows. They are the same to a network that sees all
# rows at once (the instances with a large batch pass), but not where rows are
# counted, to hold out a share of them or to choose a penalty by them, or where each
# row draws a dropout mask.
OF_COUNTED_ROWS = {
    "check_sample_weight_equivalence_on_dense_data": "rows are counted or draw random numbers",
}


def expected_failures(estimator):
    if isinstance(estimator, SlidingWindowTransformer) and estimator.lookback > 1:
        return OF_WINDOWS
    if getattr(estimator, "early_stopping", False) is True or getattr(estimator, "dropout", 0) > 0:
        return OF_COUNTED_ROWS
    if getattr(estimator, "baseline", None) is not None:
        return OF_COUNTED_ROWS  # a share of the rows is held out for the shrinkage
    if isinstance(getattr(estimator, "weights", None), str):
        return OF_COUNTED_ROWS  # a share of the rows is held out for the weights
    return {}


@pytest.mark.filterwarnings(
    # scikit-learn skips check_array_api_input unless SCIPY_ARRAY_API is set; no
    # class here claims support of the array API.
    "ignore:Skipping check check_array_api_input:sklearn.exceptions.SkipTestWarning",
    # Targets of some checks do not continue their rows: tests/test_window_normalized_regressor.py
    # lists these checks.
    "ignore:.* takes y to continue the windows in the same units:UserWarning",
    # Some checks have features far from zero, which no scaler brings into the range of the
    # networks: tests/test_useless_fits.py lists these checks.
    "ignore:.* has learned nothing:sklearn.exceptions.ConvergenceWarning",
    # Nearly all checks pass arrays, in which PerSeriesTransformer and PerSeriesTargetRegressor
    # find no names of series.
    "ignore:X has no index, so that its rows are one series for PerSeries:UserWarning",
)
@parametrize_with_checks(
    [
        BlendingRegressor([("ridge", Ridge()), ("naive", NaiveRegressor())]),
        BlendingRegressor(
            [("ridge", Ridge()), ("linear", WindowLinearRegressor())],
            weights="validated",
            n_jobs=2,
        ),
        RNNRegressor(random_state=0),
        RNNRegressor(nonlinearity="relu", bidirectional=True, random_state=0),
        GRURegressor(random_state=0),
        GRURegressor(early_stopping=True, max_epochs=100, n_iter_no_change=30, random_state=0),
        GRURegressor(loss="quantile", quantile=[0.1, 0.5, 0.9], max_epochs=100, random_state=0),
        LSTMRegressor(random_state=0),
        LSTMRegressor(
            8, num_layers=2, batch_size=200, learning_rate=0.05, max_epochs=100, random_state=0
        ),
        LSTMRegressor(8, num_layers=2, dropout=0.1, learning_rate=0.03, random_state=0),
        LastSteps(),
        NaiveRegressor(),
        NaiveRegressor("seasonal"),
        NaiveRegressor("drift"),
        NaiveRegressor("mean"),
        NaiveRegressor("harmonic"),
        PerSeriesTargetRegressor(Ridge(), StandardScaler()),
        PerSeriesTransformer(StandardScaler()),
        PerSeriesTransformer(TimeDistributed(MinMaxScaler())),
        PretrainedGRURegressor(),
        PretrainedGRURegressor(12),
        ResidualRegressor(Ridge()),
        ResidualRegressor(GRURegressor(random_state=0)),
        ResidualRegressor(Ridge(), NaiveRegressor()),
        SeedEnsembleRegressor(Ridge(), random_state=0),
        SeedEnsembleRegressor(GRURegressor(), 3, aggregation="median", random_state=0, n_jobs=2),
        SeriesImputer(),
        SeriesImputer("previous", max_gap=None),
        SlidingWindowTransformer(),
        SlidingWindowTransformer(lookback=3),
        SlidingWindowTransformer(lookback=3, shift=1, min_periods=2, flatten=True),
        TimeDistributed(MinMaxScaler()),
        TimeDistributed(StandardScaler()),
        WindowLinearRegressor(),
        WindowLinearRegressor("absolute_error"),
        WindowLinearRegressor("quantile", quantile=0.4),
        WindowNormalizedRegressor(Ridge()),
        WindowNormalizedRegressor(Ridge(), center="median", scale="std", log="auto"),
        WindowNormalizedRegressor(
            Ridge(), center="season_mean", scale="season_iqr", season_length=2
        ),
        WindowNormalizedRegressor(
            GRURegressor(max_epochs=100, random_state=0), scale="mean_abs_change"
        ),
        WindowTheta(),
    ],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
