"""The compiled backend: an epoch of a small recurrent network in one call.

A training step of a small network takes a few microseconds of arithmetic. In torch it takes
some hundred microseconds more, because each operation is a separate call. Here the batches
of an epoch run in code that numba compiles.

skorch's training loop calls this code for an epoch. The code works on the memory of torch's
parameters and of the optimizer's state (:mod:`._flat`), so that history, callbacks, schedules
and early stopping work as with torch.

From the interface down to single operations: `_engine` is used by the net; `_kernels`
compiles and keeps the result on disk; `_epoch` goes over the batches, which `_batch` loads;
`_network` has the architectures, `_stack` the layers, `_direction` one layer over time, and
`_rnn`, `_gru`, `_lstm` the equations of the cells. `_losses` and `_updates` have the losses
and the optimizers.

These modules are imported when they are used, because numba takes half a second to import.
"""
