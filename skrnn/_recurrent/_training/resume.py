"""What has to stay as it was where training goes on."""

from __future__ import annotations

from skrnn._recurrent._training.net import RecurrentNet


def check_same_network(earlier: RecurrentNet, net: RecurrentNet, *, owner: str) -> None:
    """Raise if training cannot go on since the network's shape has changed.

    Parameters
    ----------
    earlier, net : RecurrentNet
        The one trained so far, and the one that is to go on.
    owner : str
        Name of the estimator, for the message.
    """
    before, now = earlier.get_params_for("module"), net.get_params_for("module")
    before |= {"architecture": earlier.module.__name__}
    now |= {"architecture": net.module.__name__}
    for name in sorted(now):
        if name != "dropout" and before[name] != now[name]:
            raise ValueError(
                f"{owner} cannot train on from its present weights: {name} was {before[name]} "
                f"and is {now[name]} now. Keep it, or call fit with warm_start=False."
            )
