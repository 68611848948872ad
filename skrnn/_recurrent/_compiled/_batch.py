"""Copies of rows to batches, and of outputs to rows.

Rows are padded in front and may have any memory layout. A batch is time-major and padded at
the end, with the longest row first.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ._network import MANY_TO_MANY
from ._options import OPTIONS


@njit(**OPTIONS)
def by_falling_length(rows, lengths, n_timesteps):
    """Return rows sorted by length, longest first; rows of equal length keep their order."""
    index = np.empty(len(rows), np.int64)
    # Counting sort: place[k] is the position of the next row of length k.
    place = np.zeros(n_timesteps + 1, np.int64)
    for row in rows:
        place[lengths[row]] += 1
    longer = 0
    for length in range(n_timesteps, -1, -1):
        n_of_length = place[length]
        place[length] = longer
        longer += n_of_length
    for row in rows:
        index[place[lengths[row]]] = row
        place[lengths[row]] += 1
    return index


@njit(**OPTIONS)
def load_inputs(network, X, lengths, index, work):
    """Copy the sequences of some rows to a workspace, real steps first, then zeros.

    Also filled are the workspace's lengths and the numbers of rows that each step has.
    """
    n_steps, n_rows, n_inputs = work.inputs.shape
    for t in range(n_steps):
        work.active[t] = 0
    for i in range(n_rows):
        length = lengths[index[i]]
        work.lengths[i] = length
        first = X.shape[1] - length
        for t in range(n_steps):
            for k in range(n_inputs):
                work.inputs[t, i, k] = X[index[i], first + t, k] if t < length else 0
        for t in range(length):
            work.active[t] += 1
    for t in range(len(work.present)):
        work.present[t] = work.active[t] if network.architecture == MANY_TO_MANY else n_rows


@njit(**OPTIONS)
def load_targets(network, y, sample_weight, index, work):
    """Copy targets and weights of some rows to a workspace.

    Returns
    -------
    int
        Number of rows, or of real steps if y has the steps of X, in the mean loss.
    """
    n_steps, n_rows, n_outputs = work.targets.shape
    aligned = network.architecture == MANY_TO_MANY
    n_losses = 0
    for i in range(n_rows):
        length = work.lengths[i] if aligned else n_steps
        first = y.shape[1] - length
        for t in range(length):
            for k in range(n_outputs):
                work.targets[t, i, k] = y[index[i], first + t, k]
        work.weights[i] = sample_weight[index[i]] if len(sample_weight) > 0 else 1
        n_losses += length if aligned else 1
    return n_losses


@njit(**OPTIONS)
def store_outputs(network, index, work, bias, out):
    """Copy outputs to their rows. Steps of padding get the output of the initial state."""
    n_steps, n_rows, n_outputs = work.outputs.shape
    for i in range(n_rows):
        length = work.lengths[i] if network.architecture == MANY_TO_MANY else n_steps
        padding = out.shape[1] - length
        for t in range(out.shape[1]):
            for k in range(n_outputs):
                real = t >= padding
                out[index[i], t, k] = work.outputs[t - padding, i, k] if real else bias[k]
