"""Parameters of callbacks as parameters of the estimator, and callbacks that lack their loss."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from skorch.callbacks import Checkpoint, EarlyStopping, EpochScoring, EpochTimer, LRScheduler

from skrnn import GRURegressor


def stopping(**options):
    return EarlyStopping("train_loss", **{"patience": 1, "sink": str} | options)


def test_names_are_those_of_skorch(windows):
    callbacks = [("es", stopping()), EpochTimer(), EpochTimer(), EpochTimer, LRScheduler()]
    model = GRURegressor(2, max_epochs=1, callbacks=callbacks, random_state=0)
    names = [name for name, _ in model.fit(*windows).net_.callbacks_]
    found = [name.removeprefix("callbacks__") for name in model.get_params() if "s__" in name]
    assert [name for name in found if "__" not in name] == names
    assert model.get_params()["callbacks__es__patience"] == 1
    assert "callbacks__es" not in model.get_params(deep=False)


def test_parameters_are_set(windows):
    model = GRURegressor(2, callbacks=[("es", stopping(threshold=0.999)), EpochTimer()])
    model.set_params(callbacks__es__patience=4, max_epochs=50, random_state=0)
    assert model.callbacks[0][1].patience == 4
    assert model.fit(*windows).n_iter_ == 5
    model.set_params(callbacks__EpochTimer=None, callbacks__es=EarlyStopping, max_epochs=1)
    assert model.callbacks == [("es", EarlyStopping), ("EpochTimer", None)]


def test_a_callback_is_switched_off_by_none(windows):
    callbacks = [("es", stopping(threshold=0.999))]
    model = GRURegressor(2, max_epochs=5, callbacks=callbacks, random_state=0)
    assert clone(model).set_params(callbacks__es=None).fit(*windows).n_iter_ == 5
    assert model.fit(*windows).n_iter_ == 2
    model.set_params(callbacks__es=None)
    assert callbacks[0][1] is not None  # the user's list may belong to other estimators


def test_a_callback_and_its_parameter_may_be_set_together():
    model = GRURegressor(callbacks=[("es", None)])
    model.set_params(callbacks__es__patience=3, callbacks__es=stopping())
    assert model.get_params()["callbacks__es__patience"] == 3


def test_a_grid_tunes_a_callback(windows):
    model = GRURegressor(2, max_epochs=9, callbacks=[("es", stopping(threshold=0.999))])
    search = GridSearchCV(
        model.set_params(random_state=0),
        {"callbacks__es__patience": [1, 3], "hidden_size": [2]},
        cv=TimeSeriesSplit(2),
    ).fit(*windows)
    patience = search.best_params_["callbacks__es__patience"]
    assert search.best_estimator_.n_iter_ == patience + 1
    assert model.callbacks[0][1].patience == 1


@pytest.mark.parametrize("name", ["timer", "es__patience__x", "timer__sink"])
def test_an_unknown_callback_is_named(name):
    model = GRURegressor(callbacks=[("es", None), EpochTimer()])
    with pytest.raises(ValueError, match=r"Invalid parameter 'callbacks__.*'EpochTimer', 'es'\."):
        model.set_params(**{f"callbacks__{name}": 1})


def test_an_unknown_parameter_of_a_callback_is_an_error_of_the_callback():
    with pytest.raises(ValueError, match=r"Invalid parameter 'pacience' .*'patience'"):
        GRURegressor(callbacks=[("es", stopping())]).set_params(callbacks__es__pacience=1)


@pytest.mark.parametrize("callbacks", [None, "es", [3, ("a", "b", "c")]])
def test_get_params_takes_what_fit_refuses(callbacks):
    assert GRURegressor(callbacks=callbacks).get_params()["callbacks"] is callbacks


@pytest.mark.parametrize(
    ("callback", "missing"),
    [
        (EarlyStopping(), "valid_loss"),
        (Checkpoint(f_params=None, f_optimizer=None, f_criterion=None), "valid_loss_best"),
        (LRScheduler("ReduceLROnPlateau", monitor="valid_loss"), "valid_loss"),
        (EarlyStopping("mae"), "mae"),
    ],
)
def test_a_loss_that_is_not_recorded_is_explained(callback, missing, windows):
    model = GRURegressor(2, max_epochs=2, callbacks=[callback], random_state=0)
    with pytest.raises(ValueError, match=f"'{missing}' in the history.* pass X_val and y_val"):
        model.fit(*windows)
    assert not hasattr(model, "net_")


def test_other_errors_of_callbacks_are_passed_on(windows):
    def fail(net, X, y=None):
        raise KeyError("mine")

    scoring = EpochScoring(fail, name="mae", on_train=True, use_caching=False)
    with pytest.raises(KeyError, match="mine"):
        GRURegressor(2, max_epochs=1, callbacks=[scoring]).fit(*windows)


def test_with_validation_rows_nothing_is_missing(windows):
    X, y = windows
    model = GRURegressor(2, max_epochs=3, callbacks=[EarlyStopping(sink=str)], random_state=0)
    assert np.isfinite(model.fit(X, y, X_val=X[:9], y_val=y[:9]).validation_loss_curve_).all()
