"""One step of each optimizer that has a name, with the arithmetic of torch.

All weights lie in one array, as do their gradients and each of the optimizer's
moments, so that a step is a single loop.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ._options import OPTIONS

UPDATE_CODES = {"adam": 0, "adamw": 1, "nadam": 2, "rmsprop": 3, "adagrad": 4, "sgd": 5}


class Update(NamedTuple):
    """An optimizer and its options, named as in torch.

    Parameters
    ----------
    code : int
        Value of :data:`UPDATE_CODES`.
    lr, weight_decay, eps : float
    beta1, beta2 : float
        Decay of the first and of the second moment; RMSprop's ``alpha`` is `beta2`.
    decay : float
        NAdam's ``momentum_decay``, Adagrad's ``lr_decay``.
    max_norm : float
        Largest norm of the gradient; infinity for no clipping.
    """

    code: Any
    lr: Any
    weight_decay: Any
    eps: Any
    beta1: Any
    beta2: Any
    decay: Any
    max_norm: Any


@njit(**OPTIONS)
def clip(gradient, max_norm):
    """Shorten a gradient whose norm exceeds a maximum, as torch's clip_grad_norm_."""
    factor = max_norm / (np.sqrt(np.dot(gradient, gradient)) + 1e-6)
    if not factor >= 1:  # also true for NaN
        for i in range(len(gradient)):
            gradient[i] *= gradient.dtype.type(factor)


@njit(**OPTIONS)
def update_weights(update, weights, gradient, moments, step, product):
    """Take one step, in place.

    Parameters
    ----------
    update : Update
    weights, gradient : array of shape (n_weights,)
    moments : array of shape (n_moments, n_weights)
        The optimizer's memory, in the order of torch.
    step : int
        Number of this step, from 1.
    product : float
        NAdam's product of momenta up to the step before.

    Returns
    -------
    float
        That product, with this step.
    """
    real = gradient.dtype.type
    if update.weight_decay > 0:
        decay = real(update.weight_decay)
        if update.code == 1:
            kept = real(1 - update.lr * update.weight_decay)
            for i in range(len(weights)):
                weights[i] *= kept
        else:
            for i in range(len(weights)):
                gradient[i] += decay * weights[i]
    if update.code <= 2:
        # Kingma and Ba (2015), arXiv:1412.6980; Loshchilov and Hutter (2019),
        # arXiv:1711.05101; Dozat (2016), ICLR workshop.
        correction = np.sqrt(1 - update.beta2**step)
        if update.code < 2:
            of_moment = update.lr / (1 - update.beta1**step)
            of_gradient = 0.0
        else:
            now = update.beta1 * (1 - 0.5 * 0.96 ** (step * update.decay))
            later = update.beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * update.decay))
            product = np.float64(np.float32(product) * np.float32(now))  # as torch keeps it
            of_moment = update.lr * later / (1 - product * later)
            of_gradient = update.lr * (1 - now) / (1 - product)
        _adam(
            weights, gradient, moments[0], moments[1], real(update.beta1), real(update.beta2),
            real(of_moment), real(of_gradient), real(1 / correction), real(update.eps),
        )  # fmt: skip
    elif update.code == 3:  # Tieleman and Hinton (2012), lecture 6.5
        _rmsprop(
            weights, gradient, moments[0], real(update.beta2), real(update.lr), real(update.eps)
        )
    elif update.code == 4:  # Duchi, Hazan and Singer (2011), JMLR 12
        rate = update.lr / (1 + (step - 1) * update.decay)
        _adagrad(weights, gradient, moments[0], real(rate), real(update.eps))
    else:
        rate = real(update.lr)
        for i in range(len(weights)):
            weights[i] -= rate * gradient[i]
    return product


@njit(**OPTIONS)
def _adam(weights, gradient, first, second, beta1, beta2, of_moment, of_gradient, correction, eps):
    one = gradient.dtype.type(1)
    for i in range(len(weights)):
        g = gradient[i]
        m = first[i] + (one - beta1) * (g - first[i])
        v = beta2 * second[i] + (one - beta2) * g * g
        first[i] = m
        second[i] = v
        weights[i] -= (of_moment * m + of_gradient * g) / (np.sqrt(v) * correction + eps)


@njit(**OPTIONS)
def _rmsprop(weights, gradient, square, alpha, rate, eps):
    one = gradient.dtype.type(1)
    for i in range(len(weights)):
        g = gradient[i]
        v = alpha * square[i] + (one - alpha) * g * g
        square[i] = v
        weights[i] -= rate * g / (np.sqrt(v) + eps)


@njit(**OPTIONS)
def _adagrad(weights, gradient, total, rate, eps):
    for i in range(len(weights)):
        v = total[i] + gradient[i] * gradient[i]
        total[i] = v
        weights[i] -= rate * gradient[i] / (np.sqrt(v) + eps)
