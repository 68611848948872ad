// One recurrent layer in one direction of time, forward and backward.
//
// Arrays are time-major: all rows of a step lie together. Rows are ordered by falling length, so
// that the ones which have step t are the first active[t]. The others are kept at zero, so that
// sums over steps and rows need no mask.
//
// Shapes: T steps, N rows, F inputs, H units, G gates, V lanes of a vector. H is padded to whole
// vectors, or blocks. In an array of gates the G gates of one block lie together. Units that only
// pad have weights of zero, a state of zero, and gradients of zero.
//
// An input may have a single step, which is then shown at every step, as a decoder shows a summary.
#pragma once
#include "arena.h"
#include "cells.h"
#include "turned.h"

namespace {

// The sequences of a batch.
struct Batch {
    Index n_steps, n_rows;
    const Index* active;  // (T,)
};

// A layer's weights, or their gradients. Each block of units has a panel, which is G vectors wide,
// with a row for each input, b_ih, a row for each unit, and b_hh. A product with all units runs
// through memory in this order.
template <class Cell>
struct Weights {
    using Real = typename Cell::Real;
    static constexpr Index width = Cell::n_gates * lanes<Real>;

    Real* data;
    Index n_inputs, n_units;

    Index n_blocks() const { return padded<Real>(n_units) / lanes<Real>; }
    Index n_gates() const { return n_blocks() * width; }
    Index size() const { return n_blocks() * n_panel_rows() * width; }
    Index n_panel_rows() const { return n_inputs + n_units + 2; }
    Real* inputs(Index block) const { return data + block * n_panel_rows() * width; }
    Real* recurrent(Index block) const { return inputs(block) + (n_inputs + 1) * width; }
    Real* recurrent_bias(Index block) const { return recurrent(block) + n_units * width; }
};

// What the forward pass leaves for the backward pass.
template <class Real>
struct Trace {
    Real* gates;   // (T, N, G * H)
    Real* h;       // (T, N, H)
    Real* memory;  // (T, N, H)
};

template <class Cell, class Real = typename Cell::Real>
void forward_direction(const Weights<Cell>& weights, const Trace<Real>& trace,
                       Matrix<const Real> inputs, Index n_seen, const Batch& batch, bool reverse,
                       const Real* zeros) {
    constexpr int G = Cell::n_gates, V = lanes<Real>;
    constexpr Index width = Weights<Cell>::width;
    const Index N = batch.n_rows, T = batch.n_steps;
    const Index n_gates = weights.n_gates(), n_padded = padded<Real>(weights.n_units);

    for (Index block = 0; block < weights.n_blocks(); ++block) {
        for_tiles<max_rows<G>>(n_seen * N, [&](auto rows, Index first) {
            Vector<Real> sum[rows.n][G] = {};
            add_product<Real>(sum, inputs.from(first), weights.inputs(block), width,
                              weights.n_inputs + 1);
            for (int i = 0; i < rows.n; ++i)
                for (int g = 0; g < G; ++g)
                    store(trace.gates + (first + i) * n_gates + block * width + g * V, sum[i][g]);
        });
    }
    for (Index t = n_seen; t < T; ++t)
        std::memcpy(trace.gates + t * N * n_gates, trace.gates, N * n_gates * sizeof(Real));

    Matrix<const Real> h_before{zeros, 0}, memory_before{zeros, 0};
    for (Index step = 0; step < T; ++step) {
        const Index t = reverse ? T - 1 - step : step, n = batch.active[t];
        Real* const gates = trace.gates + t * N * n_gates;
        const Matrix<Real> h{trace.h + t * N * n_padded, n_padded};
        const Matrix<Real> memory{trace.memory + t * N * n_padded, n_padded};
        for (Index block = 0; block < weights.n_blocks(); ++block) {
            const Real* bias = weights.recurrent_bias(block);
            for_tiles<max_rows<G>>(n, [&](auto rows, Index first) {
                Vector<Real> recurrent[rows.n][G];
                for (int i = 0; i < rows.n; ++i)
                    for (int g = 0; g < G; ++g) recurrent[i][g] = load(bias + g * V);
                add_product<Real>(recurrent, h_before.from(first), weights.recurrent(block), width,
                                  step > 0 ? weights.n_units : 0);
                for (int i = 0; i < rows.n; ++i) {
                    const Index row = first + i, unit = block * V;
                    Real* const at = gates + row * n_gates + block * width;
                    Vector<Real> x[G], kept{};
                    for (int g = 0; g < G; ++g) x[g] = load(at + g * V);
                    const Vector<Real> state =
                        Cell::forward(x, recurrent[i], load(&h_before(row, unit)),
                                      load(&memory_before(row, unit)), kept);
                    store(&h(row, unit), state);
                    store(&memory(row, unit), kept);
                    for (int g = 0; g < G; ++g) store(at + g * V, x[g]);
                }
            });
        }
        clear(&h(n, 0), (N - n) * n_padded);
        clear(&memory(n, 0), (N - n) * n_padded);
        h_before = {h.data, n_padded};
        memory_before = {memory.data, n_padded};
    }
}

// Memory of the backward pass.
template <class Real>
struct Scratch {
    Real* d_recurrent;  // (n_kept_rows, G * H), gradients by W_hh h' + b_hh of the newest steps
    Real* d_h;          // (N, H)
    Real* d_memory;     // (N, H)
    Real* turned;       // turned weights of one direction
    const Real* zeros;  // (H,), the initial state
};

// Over how many steps the gradients by the recurrent weights are added up at once: enough rows for
// a product, few enough for the cache.
constexpr Index n_rows_to_keep = 64;

inline Index n_kept_steps(Index n_rows) {
    return n_rows >= n_rows_to_keep ? 1 : n_rows_to_keep / n_rows;
}

// Rows in the kept steps of n_rows or fewer rows, at most.
inline Index n_kept_rows(Index n_rows) {
    return n_rows > n_rows_to_keep ? n_rows : n_rows_to_keep;
}

// Run backward over the steps, and add to the gradients by the weights.
//
// d_last: (N, D * H), gradients by the last states. d_outputs: (T, N, D * H), gradients by the
// states of all steps. In both, ours begin in the first column; rows at a distance of 0 stand for
// zeros. d_inputs: gradients by the inputs are added here; no data if they are not needed.
template <class Cell, class Real = typename Cell::Real>
void backward_direction(const Weights<Cell>& weights, const Weights<Cell>& slopes,
                        const Trace<Real>& trace, Matrix<const Real> inputs, Index n_seen,
                        Matrix<const Real> d_last, Matrix<const Real> d_outputs,
                        Matrix<Real> d_inputs, const Batch& batch, bool reverse,
                        const Scratch<Real>& scratch) {
    constexpr int G = Cell::n_gates, V = lanes<Real>;
    constexpr Index width = Weights<Cell>::width;
    const Index N = batch.n_rows, T = batch.n_steps, n_units = weights.n_units;
    const Index n_gates = weights.n_gates(), n_padded = padded<Real>(n_units);
    const Index n_kept = n_kept_steps(N);
    const Matrix<Real> d_h{scratch.d_h, n_padded}, d_memory{scratch.d_memory, n_padded};
    const Matrix<const Real> h{trace.h, n_padded}, memory{trace.memory, n_padded};

    // A row's last state is that of the first step here in which the row is active.
    for (Index i = 0; i < N; ++i) std::memcpy(&d_h(i, 0), &d_last(i, 0), n_padded * sizeof(Real));
    if (Cell::carries_memory) clear(d_memory.data, N * n_padded);
    for (Index block = 0; block < weights.n_blocks(); ++block)
        turn(weights.recurrent(block), width, n_units, scratch.turned, block * width, n_gates);
    for (Index step = T - 1; step >= 0; --step) {
        const Index t = reverse ? T - 1 - step : step, n = batch.active[t];
        const Index before = reverse ? t + 1 : t - 1;
        const Matrix<const Real> none{scratch.zeros, 0};
        const Matrix<const Real> h_before = step == 0 ? none : h.from(before * N);
        const Matrix<const Real> memory_before = step == 0 ? none : memory.from(before * N);
        const Matrix<Real> gates{trace.gates + t * N * n_gates, n_gates};
        // The newest steps lie in the order of time.
        const Index kept = reverse ? n_kept - 1 - step % n_kept : step % n_kept;
        const Matrix<Real> d_now =
            Cell::shares_gradient ? gates
                                  : Matrix<Real>{scratch.d_recurrent + kept * N * n_gates, n_gates};
        for (Index i = 0; i < n; ++i)
            for (Index block = 0; block < weights.n_blocks(); ++block) {
                const Index unit = block * V, at = block * width;
                Vector<Real> x[G], d_x[G], d_kept{};
                Vector<Real> slope = load(&d_h(i, unit)) + load(&d_outputs(t * N + i, unit));
                if (Cell::carries_memory) d_kept = load(&d_memory(i, unit));
                for (int g = 0; g < G; ++g) x[g] = load(&gates(i, at + g * V));
                Cell::backward(x, d_x, load(&h_before(i, unit)), load(&memory_before(i, unit)),
                               load(&h(t * N + i, unit)), load(&memory(t * N + i, unit)), slope,
                               d_kept);
                for (int g = 0; g < G; ++g) store(&gates(i, at + g * V), x[g]);
                if (!Cell::shares_gradient)
                    for (int g = 0; g < G; ++g) store(&d_now(i, at + g * V), d_x[g]);
                store(&d_h(i, unit), slope);
                if (Cell::carries_memory) store(&d_memory(i, unit), d_kept);
            }
        clear(&gates(n, 0), (N - n) * n_gates);
        if (!Cell::shares_gradient) clear(&d_now(n, 0), (N - n) * n_gates);
        if (step > 0) add_turned<Real>(d_now, scratch.turned, n_gates, n_gates, n, d_h, n_padded);
        if (step % n_kept > 0) continue;

        const Index last = step + n_kept < T ? step + n_kept - 1 : T - 1;  // of the kept steps
        const Index n_now = (last - step + 1) * N;
        const Matrix<const Real> d_first = reverse ? d_now.from(-(last - step) * N) : d_now;
        // The first step has the initial state, zero.
        const Index skipped = step == 0 ? N : 0;
        const Matrix<const Real> d_later = reverse ? d_first : d_first.from(skipped);
        const Matrix<const Real> h_earlier =
            reverse ? h.from((T - last) * N) : h.from(step == 0 ? 0 : (step - 1) * N);
        for (Index block = 0; block < weights.n_blocks(); ++block) {
            add_rows<G>(d_first.column(block * width), n_now, slopes.recurrent_bias(block));
            add_outer_products<G>(h_earlier, d_later.column(block * width), n_now - skipped, n_units,
                                  slopes.recurrent(block));
        }
    }

    for (Index t = n_seen; t < T; ++t)  // an input that was shown at every step
        for (Index i = 0; i < N * n_gates; ++i) trace.gates[i] += trace.gates[t * N * n_gates + i];
    const Matrix<const Real> d_gates{trace.gates, n_gates};
    for (Index block = 0; block < weights.n_blocks(); ++block) {
        const Matrix<const Real> d_block = d_gates.column(block * width);
        add_outer_products<G>(inputs, d_block, n_seen * N, weights.n_inputs + 1,
                              slopes.inputs(block));
    }
    if (!d_inputs.data) return;
    for (Index block = 0; block < weights.n_blocks(); ++block)
        turn(weights.inputs(block), width, weights.n_inputs, scratch.turned, block * width, n_gates);
    add_turned<Real>(d_gates, scratch.turned, n_gates, n_gates, n_seen * N, d_inputs,
                     weights.n_inputs);
}

}  // namespace
