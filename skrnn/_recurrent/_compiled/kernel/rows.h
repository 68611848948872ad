// Copies of rows to batches, and of outputs to rows.
//
// Rows are padded in front and may have any memory layout. A batch is time-major and padded at the
// end, with the longest row first.
#pragma once
#include "workspace.h"

namespace {

// An array (n_samples, n_steps, n_columns) in memory of any layout; strides in numbers.
template <class Real>
struct Array {
    Real* data;
    Index n_steps, n_columns;
    Index strides[3];

    template <class Number = Real>
    Number& operator()(Index i, Index t, Index k) const {
        return data[i * strides[0] + t * strides[1] + k * strides[2]];
    }
};

// Sort rows by length, longest first; rows of equal length keep their order.
//
// place: (n_timesteps + 1,) of room, for the position of the next row of each length.
inline void sort_by_falling_length(const Index* rows, Index n_rows, const Index* lengths,
                                   Index n_timesteps, Index* place, Index* sorted) {
    clear(place, n_timesteps + 1);
    for (Index i = 0; i < n_rows; ++i) ++place[lengths[rows[i]]];
    for (Index length = n_timesteps, longer = 0; length >= 0; --length) {
        const Index n = place[length];
        place[length] = longer;
        longer += n;
    }
    for (Index i = 0; i < n_rows; ++i) sorted[place[lengths[rows[i]]]++] = rows[i];
}

// Copy the sequences of some rows to a workspace, real steps first, then zeros.
template <class Cell, class Real = typename Cell::Real>
void load_inputs(Workspace<Cell>& work, const Array<const Real>& X, const Index* all_lengths,
                 const Index* index) {
    clear(work.active, work.n_steps);
    for (Index i = 0; i < work.n_rows; ++i) {
        const Index length = all_lengths[index[i]], first = X.n_steps - length;
        work.lengths[i] = length;
        for (Index t = 0; t < work.n_steps; ++t) {
            Real* const to = &work.inputs(t * work.n_rows + i, 0);
            for (Index k = 0; k < X.n_columns; ++k) to[k] = t < length ? X(index[i], first + t, k) : 0;
            to[X.n_columns] = 1;
            work.active[t] += t < length;
        }
    }
    for (Index t = 0; t < work.n_output_steps; ++t)
        work.present[t] = work.network.aligned() ? work.active[t] : work.n_rows;
}

// Copy targets and weights of some rows to a workspace.
template <class Cell, class Real = typename Cell::Real>
void load_targets(Workspace<Cell>& work, const Array<const Real>& y, const Real* row_weights,
                  const Index* index) {
    for (Index i = 0; i < work.n_rows; ++i) {
        const Index length = work.network.aligned() ? work.lengths[i] : work.n_output_steps;
        for (Index t = 0; t < length; ++t)
            for (Index k = 0; k < y.n_columns; ++k)
                work.targets[(t * work.n_rows + i) * work.network.n_outputs_padded() + k] =
                    y(index[i], y.n_steps - length + t, k);
        work.row_weights[i] = row_weights ? row_weights[index[i]] : 1;
    }
}

// Copy outputs to their rows. Steps of padding get the output of the initial state, the bias.
template <class Cell, class Real = typename Cell::Real>
void store_outputs(const Workspace<Cell>& work, const Real* bias, const Index* index,
                   const Array<Real>& out) {
    for (Index i = 0; i < work.n_rows; ++i) {
        const Index length = work.network.aligned() ? work.lengths[i] : work.n_output_steps;
        const Index padding = out.n_steps - length;
        for (Index t = 0; t < out.n_steps; ++t)
            for (Index k = 0; k < out.n_columns; ++k)
                out(index[i], t, k) =
                    t < padding ? bias[k]
                                : work.outputs[((t - padding) * work.n_rows + i) *
                                                   work.network.n_outputs_padded() +
                                               k];
    }
}

}  // namespace
