// Turned weights: a row for each column of a weight's panels, and panels of their own.
//
// They are the right factor of the products that lead from the gradients of the gates to those of
// the states and inputs. They are made anew after each step of the optimizer.
#pragma once
#include <utility>

#include "products.h"

namespace {

constexpr int turned_vectors = 2;

template <class Real>
constexpr Index turned_width = turned_vectors * lanes<Real>;

// Numbers in turned weights with n_rows rows and n_columns columns, which fill whole vectors.
template <class Real>
inline Index turned_size(Index n_rows, Index n_columns) {
    return (n_columns + lanes<Real>) / turned_width<Real> * turned_width<Real> * n_rows;
}

// The numbers of two vectors in turn, a0 b0 a1 b1 ..., beginning with those at `from`.
template <int from, class V, int... i>
inline V interleave(V a, V b, std::integer_sequence<int, i...>) {
    constexpr int n = sizeof...(i);
#ifdef __clang__
    return __builtin_shufflevector(a, b, (from + i / 2 + (i % 2 ? n : 0))...);
#else
    return __builtin_shuffle(a, b, decltype(a < b){(from + i / 2 + (i % 2 ? n : 0))...});
#endif
}

// Exchange rows and columns of a square of numbers. Each pass rotates the bits of a number's
// position, row before column, by one; after log2(n) passes both halves have changed places.
template <class Real>
inline void transpose(Vector<Real> (&square)[lanes<Real>]) {
    constexpr int n = lanes<Real>;
    constexpr std::make_integer_sequence<int, n> all{};
    for (int pass = 1; pass < n; pass *= 2) {
        Vector<Real> next[n];
        for (int i = 0; i < n / 2; ++i) {
            next[2 * i] = interleave<0>(square[i], square[i + n / 2], all);
            next[2 * i + 1] = interleave<n / 2>(square[i], square[i + n / 2], all);
        }
        std::memcpy(square, next, sizeof square);
    }
}

// Turn `n` rows of a panel of weights, which is `width` wide. They become columns of the rows from
// `first_row` on of turned weights with `n_rows` rows.
template <class Real>
void turn(const Real* panel, Index width, Index n, Real* turned, Index first_row, Index n_rows) {
    constexpr int V = lanes<Real>;
    for (Index column = 0; column < n; column += V)
        for (Index at = 0; at < width; at += V) {
            Vector<Real> square[V];
            for (int i = 0; i < V; ++i)
                square[i] = column + i < n ? load(panel + (column + i) * width + at) : Vector<Real>{};
            transpose<Real>(square);
            Real* to = turned + column / turned_width<Real> * turned_width<Real> * n_rows +
                       (first_row + at) * turned_width<Real> + column % turned_width<Real>;
            for (int i = 0; i < V; ++i) store(to + i * turned_width<Real>, square[i]);
        }
}

// Add the product of a (n_rows, n) with the first n of the turned weights' n_turned rows to `out`.
template <class Real>
void add_turned(Matrix<const Real> a, const Real* turned, Index n, Index n_turned, Index n_rows,
                Matrix<Real> out, Index n_columns) {
    constexpr Index W = turned_width<Real>;
    for (Index column = 0; column < n_columns; column += W) {
        const Real* panel = turned + column * n_turned;
        const Matrix<Real> to{out.data + column, out.row};
        if (column + W <= n_columns)
            add_to_panel<turned_vectors>(a, panel, W, n, n_rows, to);
        else
            add_to_panel<1>(a, panel, W, n, n_rows, to);
    }
}

}  // namespace
