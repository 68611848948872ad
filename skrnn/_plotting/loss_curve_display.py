"""Picture of the training of a network: its losses by epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils._optional_dependencies import check_matplotlib_support

from .axes import finish, make_axes

Arrays = NDArray[Any]


class LossCurveDisplay:
    """Picture of the training and validation loss of a network by epoch.

    It is best made by :meth:`from_estimator`. matplotlib must be installed.

    Parameters
    ----------
    losses : dict of str to ndarray of shape (n_epochs,)
        Training loss of each epoch, by the name of the network.
    validation_losses : dict of str to ndarray of shape (n_epochs,)
        Validation loss of each epoch, by the name of the network. NaN: there is none.
    loss_name : str, default="loss"
        Name of the loss.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the picture.
    figure_ : matplotlib Figure
        Figure of the picture.
    lines_ : dict of str to matplotlib Line2D
        Line of the training loss, by the name of the network.
    validation_lines_ : dict of str to matplotlib Line2D
        Line of the validation loss, by the name of the network. Its lowest point has a marker.

    See Also
    --------
    GRURegressor : A network with ``loss_curve_``, ``validation_loss_curve_`` and ``best_epoch_``.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import GRURegressor, LossCurveDisplay, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(200) / 5), lookback=10)
    >>> model = GRURegressor(4, max_epochs=5, early_stopping=True, random_state=0).fit(X, y)
    >>> display = LossCurveDisplay.from_estimator(model)  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        losses: dict[str, Arrays],
        validation_losses: dict[str, Arrays],
        loss_name: str = "loss",
    ) -> None:
        self.losses = losses
        self.validation_losses = validation_losses
        self.loss_name = loss_name

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw the losses of all networks that an estimator has fitted.

        Parameters
        ----------
        estimator : estimator
            A fitted network, or a fitted pipeline, search, meta-estimator or
            :class:`Forecaster` with networks inside.
        ax : matplotlib Axes, default=None
            Axes to draw in. None: a new figure.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        ValueError
            If no fitted network is found.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        networks = list(_networks(estimator, set()))
        if not networks:
            raise ValueError(
                f"No fitted network is found in {type(estimator).__name__}: nothing inside has a "
                "loss_curve_. Call fit first, and pass an estimator that trains a network."
            )
        names = [type(network).__name__ for network in networks]
        if len(networks) > 1:
            names = [f"{name} {i}" for i, name in enumerate(names, start=1)]
        found = dict(zip(names, networks, strict=True))
        losses = {name: np.asarray(network.loss_curve_) for name, network in found.items()}
        validation = {name: _validation_losses(network) for name, network in found.items()}
        measures = {str(getattr(network, "loss", "loss")) for network in networks}
        return cls(
            losses=losses,
            validation_losses={name: y for name, y in validation.items() if np.isfinite(y).any()},
            loss_name=measures.pop() if len(measures) == 1 else "loss",
        ).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw in. None: a new figure.

        Returns
        -------
        display : LossCurveDisplay
            This object, with the axes, the figure and the lines.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        ax = make_axes(ax)
        self.lines_: dict[str, Any] = {}
        self.validation_lines_: dict[str, Any] = {}
        parts = [
            ("training", self.losses, self.lines_),
            ("validation", self.validation_losses, self.validation_lines_),
        ]
        for number, (part, curves, lines) in enumerate(parts):
            for name, losses in curves.items():
                best = int(np.nanargmin(losses))
                # A single epoch, and the lowest validation loss, are seen as markers.
                marked = [best] if number or len(losses) == 1 else []
                text = f"{part}, lowest in epoch {best + 1}" if number else part
                text = text if len(curves) == 1 else f"{part}, {len(curves)} networks"
                (lines[name],) = ax.plot(
                    np.arange(1, len(losses) + 1),
                    losses,
                    color=f"C{number}",
                    linewidth=1.5 if len(curves) == 1 else 0.8,
                    marker="o" if marked else "",
                    markersize=5,
                    markevery=marked,
                    label="" if lines else text,
                )
        ax.set(xlabel="Epoch", ylabel=f"Loss ({self.loss_name})")
        return finish(self, ax)


def _networks(found: Any, seen: set[int]) -> Iterator[Any]:
    """Yield the fitted networks in an estimator: what has a loss curve."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list | tuple) or getattr(found, "dtype", None) == np.object_:
        for item in found:
            yield from _networks(item, seen)
    elif isinstance(found, BaseEstimator) and id(found) not in seen:
        seen.add(id(found))
        if hasattr(found, "loss_curve_"):
            yield found
            return
        for name, value in vars(found).items():
            # What is fitted: attributes with an underscore behind, and the steps of a pipeline.
            if name == "steps" or (name.endswith("_") and not name.startswith("_")):
                yield from _networks(value, seen)


def _validation_losses(network: Any) -> Arrays:
    """Return the validation loss of each epoch. NaN: the epoch had no validation rows."""
    history = getattr(getattr(network, "net_", None), "history", ())
    return np.array([epoch.get("valid_loss", np.nan) for epoch in history], dtype=float)
