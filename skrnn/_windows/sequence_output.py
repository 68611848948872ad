"""How transformers of sequences take part in scikit-learn's ``set_output``."""

from __future__ import annotations

from typing import Any, Self


class SequenceOutputMixin:
    """Accepts ``set_output`` also where the output is 3-D and no table can hold it.

    scikit-learn offers ``set_output`` only to transformers with feature names, and
    a pipeline passes it to every step. Here a 3-D output stays an array whatever is
    set. scikit-learn does the wrapping of 2-D output, wherever
    ``get_feature_names_out`` is available.
    """

    def set_output(self, *, transform: Any = None) -> Self:
        """Set the container of 2-D output.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Container of `transform` and `fit_transform`; None leaves it as it is. 3-D
            output is always a NumPy array.

        Returns
        -------
        self : object
            The transformer.
        """
        if transform is not None:
            config = dict(getattr(self, "_sklearn_output_config", {}))
            self._sklearn_output_config = config | {"transform": transform}
        return self
