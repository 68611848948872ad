"""Time of an epoch at the beginning and after thousands of epochs.

Run: python benchmarks/many_epochs.py

Prints the milliseconds of an epoch of `fit`, without and with early stopping, in trainings of
200 and of 20,000 epochs, and of a call of `partial_fit` at first and after 4,000 calls. The
numbers of a row should be equal.
"""

from time import thread_time

import numpy as np

from skrnn import GRURegressor

rng = np.random.default_rng(0)
X = rng.normal(size=(32, 4, 1))
y = X[:, -1, 0]


def milliseconds_per_epoch(max_epochs, **options):
    model = GRURegressor(2, max_epochs=max_epochs, learning_rate=1e-5, random_state=0, **options)
    start = thread_time()
    model.fit(X, y)
    return 1000 * (thread_time() - start) / model.n_iter_


def milliseconds_per_call(n_calls):
    """Return the median time of the first and of the last hundred calls of partial_fit."""
    model = GRURegressor(2, learning_rate=1e-5, random_state=0)
    times = []
    for _ in range(n_calls):
        start = thread_time()
        model.partial_fit(X, y)
        times.append(1000 * (thread_time() - start))
    return np.median(times[:100]), np.median(times[-100:])


def main():
    milliseconds_per_epoch(10)  # loads the rest of torch
    for name, options in {
        "fit": {},
        "fit, early stopping": {"early_stopping": True, "n_iter_no_change": 10**6},
    }.items():
        few, many = (milliseconds_per_epoch(n, **options) for n in (200, 20_000))
        print(f"{name:20} 200 epochs: {few:6.2f} ms   20,000 epochs: {many:6.2f} ms")
    first, last = milliseconds_per_call(4_000)
    print(f"{'partial_fit':20} first calls:  {first:6.2f} ms   after 4,000:   {last:6.2f} ms")


if __name__ == "__main__":
    main()
