"""skorch callbacks that skrnn adds to those a user may pass."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from skorch.callbacks import Callback
from tqdm.auto import tqdm


class BestWeights(Callback):
    """Puts back, after training, the weights of the epoch with the lowest validation loss.

    skorch's EarlyStopping restores the last epoch that improved by its threshold;
    this one the best epoch, however little it improved.
    """

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Forget what an earlier training found."""
        self.best_loss_ = np.inf
        self.best_state_ = None

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Keep a copy of the weights if they are the best so far."""
        loss = net.history[-1, "valid_loss"]
        if loss < self.best_loss_:
            self.best_loss_ = loss
            self.best_state_ = copy.deepcopy(net.module_.state_dict())

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Restore the best weights."""
        if self.best_state_ is not None:
            net.module_.load_state_dict(self.best_state_)
        self.best_state_ = None


class EpochProgressBar(Callback):
    """Shows a progress bar over the epochs, with the latest losses."""

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Open the bar."""
        self.bar_ = tqdm(total=net.max_epochs, unit="epoch")

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Advance by one epoch."""
        epoch = net.history[-1]
        losses = {
            name: f"{epoch[key]:.4g}"
            for name, key in (("loss", "train_loss"), ("validation", "valid_loss"))
            if key in epoch
        }
        self.bar_.set_postfix(losses, refresh=False)
        self.bar_.update()

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Close the bar and leave its last state on the screen."""
        self.bar_.close()
        del self.bar_
