"""Cross-validation of many series, and a search for leaks."""

from ._find_leaks import find_leaks
from ._leak_report import LeakReport
from ._panel_time_series_split import PanelTimeSeriesSplit

__all__ = ["LeakReport", "PanelTimeSeriesSplit", "find_leaks"]
