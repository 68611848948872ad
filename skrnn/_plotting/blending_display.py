"""Picture of the predictions of the members of a blend."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils.validation import check_is_fitted

from skrnn._validation.numbers import check_numbers

from .axes import finish, make_axes, text_color

Arrays = NDArray[Any]

_ROWS = "Row of X"


class BlendingDisplay:
    """Picture of the predictions of a blend and of its members.

    Each member has a line, wider the larger its weight. The blend has the colour of the text. The
    picture is best made by :meth:`from_estimator`. matplotlib must be installed.

    Parameters
    ----------
    blend : ndarray of shape (n_points,)
        Predictions of the blend.
    members : dict of str to ndarray of shape (n_points,)
        Predictions of each member by its name.
    weights : dict of str to float
        Weight of each member by its name.
    x : ndarray of shape (n_points,)
        Numbers of the points.
    y_true : ndarray of shape (n_points,), default=None
        True targets.
    x_label : str, default="Column of y"
        What the points are.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the picture.
    figure_ : matplotlib Figure
        Figure of the picture.
    lines_ : dict of str to matplotlib Line2D
        Line of each member by its name.
    blend_ : matplotlib Line2D
        Line of the blend.

    See Also
    --------
    BlendingRegressor : The weighted mean of several regressors.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import BlendingDisplay, BlendingRegressor, NaiveRegressor
    >>> from skrnn import WindowLinearRegressor, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(100) / 5), lookback=4, horizon=12)
    >>> members = [("naive", NaiveRegressor()), ("linear", WindowLinearRegressor())]
    >>> blend = BlendingRegressor(members).fit(X, y)
    >>> display = BlendingDisplay.from_estimator(blend, X)  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        blend: Arrays,
        members: dict[str, Arrays],
        weights: dict[str, float],
        x: Arrays,
        y_true: Arrays | None = None,
        x_label: str = "Column of y",
    ) -> None:
        self.blend = blend
        self.members = members
        self.weights = weights
        self.x = x
        self.y_true = y_true
        self.x_label = x_label

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        row: int = -1,
        output: int = 0,
        ax: Any = None,
    ) -> Self:
        """Draw what a blend and its members predict.

        Parameters
        ----------
        estimator : BlendingRegressor
            Fitted.
        X : array-like of shape (n_samples, n_timesteps, n_features) or \
                (n_samples, n_timesteps)
            Windows. If the targets are 1-D, all rows are shown.
        y : array-like, default=None
            True targets, in the shape of the predictions. They are drawn as well.
        row : int, default=-1
            Position of the row that is shown if a row has several targets. -1: the last one.
        output : int, default=0
            Position of the output that is shown if the targets have the axes (n_samples,
            horizon, n_outputs).
        ax : matplotlib Axes, default=None
            Axes to draw in. None: a new figure.

        Returns
        -------
        display : BlendingDisplay

        Raises
        ------
        ValueError
            If `row` or `output` does not exist, or `y` has another shape than the predictions.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        check_is_fitted(estimator)
        members, blend = estimator.predict_members(X), estimator.predict(X)
        place, x_label = _points(blend.shape, row, output)
        y_true = None
        if y is not None:
            y_true = check_numbers(y, name="y", owner=cls.__name__, ensure_2d=False, allow_nd=True)
            if y_true.shape != blend.shape:
                raise ValueError(
                    f"y must have the shape of the predictions, {blend.shape}, but has shape "
                    f"{y_true.shape}. Pass the targets of the rows of X."
                )
            y_true = y_true[place]
        display = cls(
            blend=blend[place],
            members={name: predicted[place] for name, predicted in members.items()},
            weights=dict(zip(members, estimator.weights_.tolist(), strict=True)),
            x=np.arange(len(blend[place])) + (x_label != _ROWS),
            y_true=y_true,
            x_label=x_label,
        )
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw in. None: a new figure.

        Returns
        -------
        display : BlendingDisplay
            This object, with the axes, the figure and the lines.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        ax = make_axes(ax)
        ink = text_color(ax)
        # A single point is seen only as a marker.
        marker = "." if len(self.x) == 1 else ""
        largest = max(self.weights.values())
        self.lines_ = {}
        for name, predicted in self.members.items():
            share = self.weights[name] / largest
            (self.lines_[name],) = ax.plot(
                self.x,
                predicted,
                marker=marker,
                linewidth=0.5 + 2 * share,
                alpha=0.35 + 0.65 * share,
                label=f"{name} ({self.weights[name]:.2f})",
            )
        (self.blend_,) = ax.plot(
            self.x, self.blend, marker=marker, color=ink, linewidth=2.5, label="blend"
        )
        if self.y_true is not None:
            ax.plot(self.x, self.y_true, "o", color=ink, markersize=4, label="true")
        ax.set(xlabel=self.x_label, ylabel="Prediction")
        return finish(self, ax, title="Member (weight)")


def _points(shape: tuple[int, ...], row: int, output: int) -> tuple[Any, str]:
    """Return the index of the predictions that are shown, and what they are."""
    if len(shape) == 1:
        return slice(None), _ROWS
    asked = [("row", row, shape[0], "rows"), ("output", output, shape[-1], "outputs")]
    for name, position, n, what in asked[: len(shape) - 1]:
        if not -n <= position < n:
            raise ValueError(
                f"{name}={position} does not exist: there are {n} {what}. Choose a position from "
                f"{-n} to {n - 1}."
            )
    if len(shape) == 2:
        return row, "Column of y"
    return (row, slice(None), output), "Step ahead"
