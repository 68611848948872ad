"""Output of transformers: ``set_output`` with 3-D output, and any output as an array."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray


class SequenceOutputMixin:
    """Accept ``set_output`` also if the output is 3-D, which no DataFrame can hold.

    A pipeline calls ``set_output`` of every step. Here 3-D output stays an array whatever is
    set. Its feature names are those of a time step. scikit-learn wraps 2-D output.
    """

    _sklearn_auto_wrap_output_keys: ClassVar[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)  # scikit-learn sets what is replaced here
        cls._sklearn_auto_wrap_output_keys = property(
            lambda self: set() if self._makes_sequences() else {"transform"}
        )

    def _makes_sequences(self) -> bool:
        """Whether the output is 3-D."""
        raise NotImplementedError

    def set_output(self, *, transform: Any = None) -> Self:
        """Set the container of 2-D output.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Container of the output of `transform` and `fit_transform`. None: no change.
            3-D output is always a NumPy array.

        Returns
        -------
        self : object
            The transformer.
        """
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self


def as_array(output: Any) -> NDArray[Any]:
    """Return the output of a transformer, which may be sparse or a DataFrame, as an array."""
    return np.asarray(output.toarray() if hasattr(output, "toarray") else output)


def has_inverse(wrapper: Any) -> bool:
    """Whether the transformer that another one wraps has an `inverse_transform`."""
    return hasattr(getattr(wrapper, "transformer_", wrapper.transformer), "inverse_transform")
