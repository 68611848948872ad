// Matrix products in tiles that stay in registers.
//
// The right factor consists of panels, which are a fixed number of vectors wide. A tile is some
// rows of the left factor times one panel.
#pragma once
#include "vectors.h"

namespace {

template <class Real>
struct Matrix {
    Real* data = nullptr;
    Index row = 0;   // distance between two rows
    Index step = 1;  // distance between two columns

    Real& operator()(Index i, Index k) const { return data[i * row + k * step]; }
    Matrix from(Index i) const { return {data + i * row, row, step}; }
    Matrix column(Index k) const { return {data + k * step, row, step}; }
    Matrix transposed() const { return {data, step, row}; }
    operator Matrix<const Real>() const { return {data, row, step}; }
};

// Rows of a tile: its sums, a row of the panel and a number of the left factor fill the registers.
constexpr int n_sums = n_registers == 32 ? 24 : 12;

template <int vectors>
constexpr int max_rows = n_sums / vectors < 8 ? n_sums / vectors : 8;

// A tile of the product a b, with n columns of a. `sum` holds the initial values.
template <class Real, int rows, int vectors>
inline void add_product(Vector<Real> (&sum)[rows][vectors], Matrix<const Real> a, const Real* b,
                        Index b_row, Index n) {
    // Independent sums hide the latency of an addition if the tile is small.
    constexpr int parts = rows * vectors >= 8 ? 1 : rows * vectors >= 4 ? 2 : 4;
    Vector<Real> part[parts][rows][vectors];
    for (int p = 0; p < parts; ++p)
        for (int i = 0; i < rows; ++i)
            for (int v = 0; v < vectors; ++v) part[p][i][v] = p == 0 ? sum[i][v] : Vector<Real>{};
    const auto add = [&](int p, Index k) __attribute__((always_inline)) {
        Vector<Real> right[vectors];
        for (int v = 0; v < vectors; ++v) right[v] = load(b + k * b_row + v * lanes<Real>);
        for (int i = 0; i < rows; ++i) {
            const Vector<Real> left = broadcast(a(i, k));
            for (int v = 0; v < vectors; ++v) part[p][i][v] += left * right[v];
        }
    };
    Index k = 0;
    for (; k + parts <= n; k += parts)
        for (int p = 0; p < parts; ++p) add(p, k + p);
    for (; k < n; ++k) add(0, k);
    for (int i = 0; i < rows; ++i)
        for (int v = 0; v < vectors; ++v) {
            sum[i][v] = part[0][i][v];
            for (int p = 1; p < parts; ++p) sum[i][v] += part[p][i][v];
        }
}

template <int value>
struct Number {
    static constexpr int n = value;
};

// Call `use(Number<rows>, first)` for tiles that cover n rows.
template <int rows, class Use>
inline void for_tiles(Index n, const Use& use, Index first = 0) {
    for (; first + rows <= n; first += rows) use(Number<rows>{}, first);
    if constexpr (rows > 1) for_tiles<rows / 2>(n, use, first);
}

// Add the product of a (n_rows, n) and a panel b (n, vectors) to `out`.
template <int vectors, class Real>
void add_to_panel(Matrix<const Real> a, const Real* b, Index b_row, Index n, Index n_rows,
                  Matrix<Real> out) {
    for_tiles<max_rows<vectors>>(n_rows, [&](auto rows, Index first) {
        Vector<Real> sum[rows.n][vectors];
        for (int i = 0; i < rows.n; ++i)
            for (int v = 0; v < vectors; ++v) sum[i][v] = load(&out(first + i, v * lanes<Real>));
        add_product<Real>(sum, a.from(first), b, b_row, n);
        for (int i = 0; i < rows.n; ++i)
            for (int v = 0; v < vectors; ++v) store(&out(first + i, v * lanes<Real>), sum[i][v]);
    });
}

// Add the sum of the outer products of n rows of a and b to `out`, a panel with a row for each of
// the n_columns columns of a. Partial sums keep the rounding small, and b in the cache.
template <int vectors, class Real>
void add_outer_products(Matrix<const Real> a, Matrix<const Real> b, Index n, Index n_columns,
                        Real* out) {
    constexpr Index n_at_once = 256;
    for (Index first = 0; first < n; first += n_at_once) {
        const Index here = n - first < n_at_once ? n - first : n_at_once;
        add_to_panel<vectors>(a.from(first).transposed(), b.from(first).data, b.row, here,
                              n_columns, Matrix<Real>{out, vectors * lanes<Real>});
    }
}

// Add the sum of n rows of b to `out`.
template <int vectors, class Real>
void add_rows(Matrix<const Real> b, Index n, Real* out) {
    const Real one = 1;
    add_outer_products<vectors>(Matrix<const Real>{&one, 0, 0}, b, n, 1, out);
}

}  // namespace
