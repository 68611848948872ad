"""Notice Ctrl-C, so that it can be told from a callback that ends the training.

skorch's callbacks raise KeyboardInterrupt to end the training, as Ctrl-C does.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def notice_ctrl_c(notice: Callable[[], None]) -> Iterator[None]:
    """Call a function at Ctrl-C, before the handler that is installed.

    Python runs signal handlers in the main thread only. In another thread, or if the installed
    handler is not a Python function, this does nothing.

    Parameters
    ----------
    notice : callable
        Called without arguments.
    """
    earlier = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(earlier):
        yield
        return

    def handle(signal_number: int, frame: FrameType | None) -> None:
        notice()
        earlier(signal_number, frame)

    try:
        signal.signal(signal.SIGINT, handle)
        yield
    finally:
        signal.signal(signal.SIGINT, earlier)
