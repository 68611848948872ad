"""The error of a training that diverged."""

from __future__ import annotations


def divergence(symptom: str, epoch: int, rate: float) -> ValueError:
    """Return the error for what was seen in an epoch at a learning rate."""
    return ValueError(
        f"Training diverged: {symptom} in epoch {epoch}. Likely causes: X or y is not scaled (put "
        "MinMaxScaler or StandardScaler in front, TransformedTargetRegressor around), "
        f"learning_rate is too high (now {rate:g}), or gradients explode (set max_grad_norm=1)."
    )
