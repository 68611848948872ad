"""How a table holds its series, and forecasts as a table of the same form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from skrnn._windows._labels.label_columns import LabelColumns, Place
from skrnn._windows._labels.row_labels import RowLabels
from skrnn._windows._labels.time_step import Step, with_step


@dataclass(frozen=True)
class TableForm:
    """Where a table has the names of the series and the time.

    Parameters
    ----------
    ids : list of Place
        Columns or index levels that name the series. Empty for a single series.
    time : Place
        Column or index level of the time.
    label_columns : list
        Names of the columns that are labels, in their order.
    index_names : list
        Names of the index levels.
    """

    ids: list[Place]
    time: Place
    label_columns: list[Any]
    index_names: list[Any]

    def table(
        self, labels: RowLabels, values: NDArray[Any], names: list[Any], step: Step = None
    ) -> pd.DataFrame:
        """Return numbers (n, n_columns) and the labels of their rows as a table of this form.

        Dates of a single series in the index get the frequency `step`, if it is passed.

        Raises
        ------
        ValueError
            If two columns would have the same name.
        """
        both = [*self.label_columns, *names]
        if twice := [name for name in names if both.count(name) > 1]:
            raise ValueError(
                f"The result would have {both.count(twice[0])} columns named {twice[0]!r}. Rename "
                "that of your table."
            )
        series: Any = labels.series
        found = {place: series.get_level_values(i) for i, place in enumerate(self.ids)}
        found[self.time] = labels.time
        of_columns = {place.key: found[place].array for place in found if place.is_column}
        columns = pd.Index(names, dtype=object)  # a MultiIndex if all names are tuples
        if not isinstance(columns, pd.MultiIndex):
            columns = columns.infer_objects()
        table = pd.DataFrame(values, columns=columns)
        for position, name in enumerate(self.label_columns):
            table.insert(position, name, of_columns[name])
        levels = [found[place] for place in sorted(found, key=_level) if not place.is_column]
        if not levels:
            return table
        index = levels[0] if len(levels) == 1 else pd.MultiIndex.from_arrays(levels)
        table.index = index if self.ids else with_step(index, step)
        return table.rename_axis(index=self.index_names)


def form_of(X: pd.DataFrame, columns: LabelColumns) -> TableForm:
    """Return the form of a table."""
    ids, time = columns.places(X)
    levels = [place.key for place in (*ids, time) if not place.is_column]
    names = [X.index.names[level] for level in sorted(levels)]
    return TableForm(ids, time, columns.columns(X), names)


def _level(place: Place) -> int:
    return -1 if place.is_column else int(place.key)
