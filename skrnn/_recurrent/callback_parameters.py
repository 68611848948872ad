"""Parameters of the callbacks as parameters of the estimator, as in skorch."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import BaseEstimator


class CallbackParametersMixin(BaseEstimator):
    """Get and set ``callbacks__<name>`` and ``callbacks__<name>__<parameter>``.

    The name is that of a pair in `callbacks`, or the class of a callback without a name.
    """

    callbacks: list[Any] | None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters of the estimator.

        Parameters
        ----------
        deep : bool, default=True
            Whether to add the parameters of estimators inside, here of the callbacks, by
            names such as ``callbacks__<name>__<parameter>``.

        Returns
        -------
        params : dict
        """
        params: dict[str, Any] = super().get_params(deep=deep)
        if deep:
            for name, _, callback in self._named_callbacks():
                params[f"callbacks__{name}"] = callback
                if _has_params(callback):
                    nested = callback.get_params(deep=True)
                    params |= {f"callbacks__{name}__{key}": v for key, v in nested.items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters of the estimator.

        Parameters
        ----------
        **params : dict
            Parameters, those of callbacks among them: ``callbacks__<name>=None`` switches a
            callback off, ``callbacks__<name>__<parameter>`` sets one of its parameters.

        Returns
        -------
        self : object
            The estimator.
        """
        prefix = "callbacks__"
        super().set_params(**{k: v for k, v in params.items() if not k.startswith(prefix)})
        nested = {k.removeprefix(prefix): v for k, v in params.items() if k.startswith(prefix)}
        for path in sorted(nested, key=lambda path: path.count("__")):  # callbacks first
            name, _, parameter = path.partition("__")
            found = {known: (place, callback) for known, place, callback in self._named_callbacks()}
            place, callback = found.get(name, (-1, None))
            if place < 0 or (parameter and not _has_params(callback)):
                names = ", ".join(sorted(map(repr, found))) or "none"
                raise ValueError(
                    f"Invalid parameter {prefix + path!r} for {type(self).__name__}: it needs a "
                    f"callback (no class, nor None) of the name {name!r}. The names in callbacks "
                    f"are: {names}. Pass callbacks=[({name!r}, callback)]."
                )
            if parameter:
                callback.set_params(**{parameter: nested[path]})
            else:
                # A new list: that of the user may belong to other estimators, too.
                self.callbacks = [*(self.callbacks or [])]
                self.callbacks[place] = (name, nested[path])
        return self

    def _named_callbacks(self) -> list[tuple[str, int, Any]]:
        """Return the name, the position and the callback of each item of `callbacks`."""
        items = self.callbacks if isinstance(self.callbacks, list) else []
        pairs = [
            item
            if isinstance(item, tuple | list) and len(item) == 2
            else ((item if isinstance(item, type) else type(item)).__name__, item)
            for item in items
        ]
        names = [name for name, _ in pairs]
        # Several of one name are counted, as skorch does.
        return [
            (f"{name}_{names[: i + 1].count(name)}" if names.count(name) > 1 else name, i, callback)
            for i, (name, callback) in enumerate(pairs)
        ]


def _has_params(callback: Any) -> bool:
    """Tell whether a callback has parameters; None and a class have not."""
    return hasattr(callback, "set_params") and not isinstance(callback, type)
