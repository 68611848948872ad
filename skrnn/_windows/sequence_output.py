"""``set_output`` for transformers with 3-D output."""

from __future__ import annotations

from typing import Any, Self


class SequenceOutputMixin:
    """Accept ``set_output`` also if the output is 3-D, which no DataFrame can hold.

    A pipeline calls ``set_output`` of every step, and scikit-learn gives it only to
    transformers with feature names. Here 3-D output stays an array whatever is set.
    scikit-learn wraps 2-D output if ``get_feature_names_out`` is available.
    """

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
            config = dict(getattr(self, "_sklearn_output_config", {}))
            self._sklearn_output_config = config | {"transform": transform}
        return self
