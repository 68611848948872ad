// Layers of recurrent cells in one or both directions, forward and backward.
//
// Shapes as in direction.h, with L layers and D directions.
#pragma once
#include "direction.h"

namespace {

// Draws numbers from [0, 1), as a generator of NumPy.
struct Random {
    double (*next)(void*);
    void* state;
};

template <class Cell>
struct Stack {
    using Real = typename Cell::Real;

    Index n_layers, n_directions, n_inputs, n_units;
    double dropout;    // share of the values between layers that are dropped
    bool reads_states;  // whether the inputs are states, padded like those of a layer below

    Index n_padded() const { return padded<Real>(n_units); }
    Index n_outputs() const { return n_directions * n_padded(); }
    // The distance between two rows of states that are inputs: a column of ones follows.
    Index n_joined() const { return n_outputs() + lanes<Real>; }
    Index n_inputs_of(Index layer) const { return layer == 0 ? n_inputs : n_outputs(); }
    Index n_gates() const { return Cell::n_gates * n_padded(); }

    // Where the weights of a layer and direction begin.
    Index offset(Index layer, Index direction) const {
        const Index first = size(n_inputs), above = size(n_outputs());
        if (layer == 0) return direction * first;
        return n_directions * (first + (layer - 1) * above) + direction * above;
    }

    Index n_weights() const { return offset(n_layers, 0); }

    Weights<Cell> weights(Real* data, Index layer, Index direction) const {
        return {data + offset(layer, direction), n_inputs_of(layer), n_units};
    }

private:
    Index size(Index n_read) const { return Weights<Cell>{nullptr, n_read, n_units}.size(); }
};

// The dropout of a batch: factors of the inputs of the layers above the first.
template <class Real>
struct Masks {
    Real* data = nullptr;  // (L - 1, T, N, D * H); null without dropout
    Index n_steps = 0, n_rows = 0;

    // Draw in the order of the network in torch. The first active[t] rows have step t.
    template <class Cell>
    void draw(const Stack<Cell>& stack, const Index* active, const Random& random) {
        if (!data) return;
        clear(data, (stack.n_layers - 1) * n_steps * n_rows * stack.n_outputs());
        const Real kept = 1 / (1 - stack.dropout);
        Real* mask = data;
        for (Index layer = 1; layer < stack.n_layers; ++layer)
            for (Index t = 0; t < n_steps; ++t)
                for (Index i = 0; i < n_rows; ++i, mask += stack.n_outputs())
                    for (Index d = 0; d < stack.n_directions && i < active[t]; ++d)
                        for (Index j = 0; j < stack.n_units; ++j)
                            mask[d * stack.n_padded() + j] =
                                random.next(random.state) < stack.dropout ? 0 : kept;
    }

    // Multiply the inputs (T, rows, D * H) of a layer, for rows of the batch from `first` on.
    void apply(Index layer, Matrix<Real> values, const Batch& batch, Index first,
               Index n_columns) const {
        if (!data) return;
        for (Index t = 0; t < batch.n_steps; ++t)
            for (Index i = 0; i < batch.n_rows; ++i) {
                const Index row = ((layer - 1) * n_steps + t) * n_rows + first + i;
                Real* const value = &values(t * batch.n_rows + i, 0);
                for (Index k = 0; k < n_columns; ++k) value[k] *= data[row * n_columns + k];
            }
    }
};

// A stack at work on some rows of a batch.
template <class Cell>
struct Layers {
    using Real = typename Cell::Real;

    Stack<Cell> stack;
    Batch batch;
    Masks<Real> masks;
    Index first_row;           // in the masks
    Real *gates, *h, *memory;  // (L * D, T, N, ...)
    Real* between;             // (L - 1, T, N, D * H + 1), inputs of the layers above the first
    Real* d_between;           // (2, T, N, D * H), gradients by the inputs of this and the next layer

    Layers(const Stack<Cell>& stack, const Batch& batch, const Masks<Real>& masks, Index first_row,
           bool training, Arena& arena)
        : stack(stack), batch(batch), masks(masks), first_row(first_row) {
        const Index n_traces = stack.n_layers * stack.n_directions, n_above = stack.n_layers - 1;
        gates = arena.take<Real>(n_traces * n_cells() * stack.n_gates());
        h = arena.take<Real>(n_traces * n_cells() * stack.n_padded());
        memory = arena.take<Real>(n_traces * n_cells() * stack.n_padded());
        between = arena.take<Real>(n_above > 0 ? n_above * n_cells() * stack.n_joined() : 0);
        d_between = arena.take<Real>(n_above > 0 && training ? 2 * n_outputs() : 0);
    }

    Index n_cells() const { return batch.n_steps * batch.n_rows; }
    Index n_outputs() const { return n_cells() * stack.n_outputs(); }

    Trace<Real> trace(Index layer, Index direction) const {
        const Index first = (layer * stack.n_directions + direction) * n_cells();
        return {gates + first * stack.n_gates(), h + first * stack.n_padded(),
                memory + first * stack.n_padded()};
    }

    // Copy the states of all directions of a layer, side by side, and a one after them.
    void join_directions(Index layer, Matrix<Real> joined) const {
        const Index n_padded = stack.n_padded();
        for (Index i = 0; i < n_cells(); ++i) {
            for (Index d = 0; d < stack.n_directions; ++d)
                std::memcpy(&joined(i, d * n_padded), trace(layer, d).h + i * n_padded,
                            n_padded * sizeof(Real));
            joined(i, stack.n_outputs()) = 1;
        }
    }

    // Run the layers over inputs (n_seen * N, F + 1).
    void forward(Real* weights, Matrix<Real> inputs, Index n_seen, const Real* zeros) {
        for (Index layer = 0; layer < stack.n_layers; ++layer) {
            if (layer > 0) {
                const Matrix<Real> below = read_by(layer, {});
                join_directions(layer - 1, below);
                masks.apply(layer, below, batch, first_row, stack.n_outputs());
            }
            for (Index d = 0; d < stack.n_directions; ++d)
                forward_direction<Cell, Real>(stack.weights(weights, layer, d), trace(layer, d),
                                  read_by(layer, inputs), layer == 0 ? n_seen : batch.n_steps,
                                  batch, d == 1, zeros);
        }
    }

    // Run the layers backward from the gradients by the last states and by all states of the last
    // layer. Add to the slopes, and to the gradients by the inputs, if d_inputs has data.
    void backward(Real* weights, Real* slopes, Matrix<Real> inputs, Index n_seen,
                  Matrix<const Real> d_last, Matrix<const Real> d_states, Matrix<Real> d_inputs,
                  const Scratch<Real>& scratch) {
        for (Index layer = stack.n_layers - 1; layer >= 0; --layer) {
            Matrix<Real> d_read = d_inputs;
            if (layer > 0) {
                d_read = {d_between + layer % 2 * n_outputs(), stack.n_outputs()};
                clear(d_read.data, n_outputs());
            }
            for (Index d = 0; d < stack.n_directions; ++d) {
                const Index column = d * stack.n_padded();
                backward_direction<Cell, Real>(stack.weights(weights, layer, d), stack.weights(slopes, layer, d),
                                   trace(layer, d), read_by(layer, inputs),
                                   layer == 0 ? n_seen : batch.n_steps,
                                   d_last.row ? d_last.column(column) : d_last,
                                   d_states.row ? d_states.column(column) : d_states, d_read, batch,
                                   d == 1, scratch);
            }
            if (layer > 0) masks.apply(layer, d_read, batch, first_row, stack.n_outputs());
            d_states = d_read;
            d_last = {scratch.zeros, 0};
        }
    }

private:
    // What a layer reads: the inputs of the stack, or the states of the layer below.
    Matrix<Real> read_by(Index layer, Matrix<Real> inputs) const {
        if (layer == 0) return inputs;
        return {between + (layer - 1) * n_cells() * stack.n_joined(), stack.n_joined()};
    }
};

}  // namespace
