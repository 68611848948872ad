"""Recurrent neural networks as ordinary scikit-learn estimators.

The public names stand in ``__init__.pyi``. Each is imported when it is first used (SPEC 1 of
Scientific Python), so that a transformer does not bring torch with it.
"""

import lazy_loader

__version__ = "0.1.0.dev0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
