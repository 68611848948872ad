"""The compiled backend: an epoch of a small recurrent network in one call.

A small network's step takes a few microseconds of arithmetic and, in torch, some
hundred of overhead. Here the batches of an epoch run in code that numba compiles.

It is an epoch, not another training system. skorch's loop calls it in place of its
own, and it works on the memory of torch's parameters and of the optimizer's state
(:mod:`._flat`), so that histories, callbacks, schedules and stopping do not know the
difference.

From the outside in: `_engine` is what the net holds; `_kernels` compiles, and keeps
the result on disk; `_epoch` goes over the batches, which `_batch` loads; `_network`
is the architectures, `_stack` the layers, `_direction` one layer in time, and `_rnn`,
`_gru`, `_lstm` are the cells' equations. `_losses` and `_updates` hold losses and
optimizers.

Nothing here is imported before it is needed: numba takes half a second to start.
"""
