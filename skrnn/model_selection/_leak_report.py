"""Report of the leaks that were found, which prints as plain text."""

from __future__ import annotations

import textwrap
from dataclasses import astuple, dataclass, fields

import pandas as pd


@dataclass(frozen=True)
class Leak:
    """One leak: where it is, what was seen, how large it is, and what to do.

    Parameters
    ----------
    kind : str
        One of the kinds that :func:`~skrnn.model_selection.find_leaks` lists.
    step : str
        Name of the step of the model, of the splitter, or of the column of X.
    found : str
        What was seen.
    rows : str
        The rows concerned.
    n_rows : int
        Number of these rows.
    effect : float
        How far values move, in their standard deviations; NaN for copies of the target.
    cure : str
        What to change.
    """

    kind: str
    step: str
    found: str
    rows: str
    n_rows: int
    effect: float
    cure: str


class LeakReport:
    """Report of :func:`find_leaks`. Printed, it is plain text.

    Its length is the number of leaks, so that ``assert not find_leaks(model, X, y)`` fails if
    there is one.

    Parameters
    ----------
    leaks : list
        The leaks that were found, each with the values of a row of `table`.
    checked : list of str
        What was checked, and what was not. One sentence each.

    Attributes
    ----------
    table : DataFrame of shape (n_leaks, 7)
        One row for each leak. ``kind`` is the kind of leak, ``step`` the step of the model, the
        splitter or the column of `X`, and ``found`` says what was seen. ``rows`` are the times of
        the rows concerned, from the first to the last one, and ``n_rows`` is their number.
        ``effect`` says how far values move, in their standard deviations: the output of a step,
        or the predictions after another fit. It is NaN for copies of the target. ``cure`` says
        what to change.
    checked : list of str
        What was checked, and what was not.

    See Also
    --------
    find_leaks : Makes the report.

    Examples
    --------
    >>> from skrnn.model_selection import LeakReport
    >>> report = LeakReport([], ["Targets reach 12 steps ahead."])
    >>> len(report)
    0
    >>> report
    No leak found.
    <BLANKLINE>
    Checked:
    - Targets reach 12 steps ahead.
    """

    def __init__(self, leaks: list[Leak], checked: list[str]) -> None:
        columns = [field.name for field in fields(Leak)]
        self.table = pd.DataFrame([astuple(leak) for leak in leaks], columns=columns)
        self.checked = checked

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        n_leaks = len(self)
        lines = [f"{n_leaks or 'No'} leak{'s' * (n_leaks > 1)} found."]
        for number, leak in enumerate(self.table.itertuples(), 1):
            lines += ["", f"{number}. {leak.kind}: {leak.step}"]
            lines += _paragraph("Found:", leak.found)
            lines += _paragraph("Rows:", f"{leak.n_rows}, {leak.rows}")
            if leak.effect == leak.effect:
                size = f"Values move by up to {leak.effect:.2g} standard deviations."
                lines += _paragraph("Effect:", size)
            lines += _paragraph("Cure:", leak.cure)
        lines += ["", "Checked:"]
        for sentence in self.checked:
            lines += textwrap.wrap(sentence, 88, initial_indent="- ", subsequent_indent="  ")
        return "\n".join(lines)


def _paragraph(title: str, text: str) -> list[str]:
    """Return the lines of a titled text."""
    return textwrap.wrap(text, 88, initial_indent=f"   {title:<8}", subsequent_indent=" " * 11)
