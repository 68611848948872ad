"""The compiled backend: many steps of a small recurrent network in one call.

A training step of a small network takes a few microseconds of arithmetic. In torch it takes
some hundred microseconds more, because each operation is a separate call. Here the batches of an
epoch run in one call of compiled C++.

skorch's training loop calls this code for an epoch. The code works on the memory of torch's
parameters and of the optimizer's state (:mod:`.flat`), so that history, callbacks, schedules and
early stopping work as with torch. :mod:`.engine` is used by the net, :mod:`.library` calls the
compiled code, :mod:`.build` compiles it.

The folder ``kernel``, from the interface down to single operations: ``kernel.cpp`` goes over the
batches, which ``rows.h`` loads; ``workspace.h`` has the architectures, ``network.h`` the order of
the weights, ``stack.h`` the layers, ``direction.h`` one layer over time, ``cells.h`` the equations
of the cells, ``products.h`` and ``turned.h`` the matrix products, ``activations.h`` and
``vectors.h`` the arithmetic of vectors. ``losses.h`` and ``updates.h`` have the losses and the
optimizers.
"""
