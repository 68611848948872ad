// The recurrent cells: one step forward, and the gradients of that step.
//
// A cell sees one vector of units. `x` holds W_ih x + b_ih of each gate, `recurrent` holds
// W_hh h' + b_hh, where h' is the state of the step before. In the forward step `x` is replaced
// by what the backward step needs. In the backward step it is replaced by its gradient.
// `memory` is a second value of each unit, for the next step or for the backward step.
#pragma once
#include "activations.h"

namespace {

// The plain cell of Elman (1990), doi:10.1207/s15516709cog1402_1:
//
//     h = f(W_ih x + b_ih + W_hh h' + b_hh)
//
// with f the hyperbolic tangent or the rectifier.
template <class Scalar, bool relu>
struct Rnn {
    using Real = Scalar;
    using V = Vector<Real>;
    static constexpr int n_gates = 1;
    static constexpr bool shares_gradient = true;  // x and recurrent are only ever added
    static constexpr bool carries_memory = false;  // to the next step

    static V forward(V* x, const V* recurrent, V, V, V&) {
        const V sum = x[0] + recurrent[0];
        if constexpr (relu) return sum < 0 ? V{} : sum;
        return tanh(sum);
    }

    static void backward(V* x, V*, V, V, V h, V, V& d_h, V&) {
        if constexpr (relu)
            x[0] = h > 0 ? d_h : V{};
        else
            x[0] = d_h * (1 - h * h);
        d_h = V{};
    }
};

// The gated recurrent unit of Cho et al. (2014), arXiv:1406.1078, in the form of cuDNN and torch:
//
//     r = sigmoid(W_ir x + b_ir + W_hr h' + b_hr)        reset gate
//     z = sigmoid(W_iz x + b_iz + W_hz h' + b_hz)        update gate
//     n = tanh(W_in x + b_in + r * (W_hn h' + b_hn))     candidate
//     h = (1 - z) * n + z * h'
//
// The term W_hn h' + b_hn is kept in `memory`.
template <class Scalar>
struct Gru {
    using Real = Scalar;
    using V = Vector<Real>;
    static constexpr int n_gates = 3;
    static constexpr bool shares_gradient = false;
    static constexpr bool carries_memory = false;

    static V forward(V* x, const V* recurrent, V h_before, V, V& memory) {
        const V r = sigmoid(x[0] + recurrent[0]);
        const V z = sigmoid(x[1] + recurrent[1]);
        const V n = tanh(x[2] + r * recurrent[2]);
        x[0] = r, x[1] = z, x[2] = n;
        memory = recurrent[2];
        return n + z * (h_before - n);
    }

    static void backward(V* x, V* d_recurrent, V h_before, V, V, V memory, V& d_h, V&) {
        const V r = x[0], z = x[1], n = x[2];
        const V slope = d_h * (1 - z);
        x[2] = slope * (1 - n * n);
        x[1] = (h_before - n) * z * slope;
        x[0] = x[2] * memory * r * (1 - r);
        d_recurrent[0] = x[0], d_recurrent[1] = x[1], d_recurrent[2] = x[2] * r;
        d_h *= z;
    }
};

// Long short-term memory of Hochreiter and Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735,
// with the forget gate of Gers et al. (2000), doi:10.1162/089976600300015015:
//
//     i = sigmoid(W_ii x + b_ii + W_hi h' + b_hi)    input gate
//     f = sigmoid(W_if x + b_if + W_hf h' + b_hf)    forget gate
//     g = tanh(W_ig x + b_ig + W_hg h' + b_hg)       candidate
//     o = sigmoid(W_io x + b_io + W_ho h' + b_ho)    output gate
//     c = f * c' + i * g                             cell state
//     h = o * tanh(c)
//
// with c' of the step before. `memory` is the cell state.
template <class Scalar>
struct Lstm {
    using Real = Scalar;
    using V = Vector<Real>;
    static constexpr int n_gates = 4;
    static constexpr bool shares_gradient = true;
    static constexpr bool carries_memory = true;

    static V forward(V* x, const V* recurrent, V, V c_before, V& c) {
        const V i = sigmoid(x[0] + recurrent[0]);
        const V f = sigmoid(x[1] + recurrent[1]);
        const V g = tanh(x[2] + recurrent[2]);
        const V o = sigmoid(x[3] + recurrent[3]);
        x[0] = i, x[1] = f, x[2] = g, x[3] = o;
        c = f * c_before + i * g;
        return o * tanh(c);
    }

    static void backward(V* x, V*, V, V c_before, V, V c, V& d_h, V& d_c) {
        const V i = x[0], f = x[1], g = x[2], o = x[3];
        const V squashed = tanh(c);
        d_c += d_h * o * (1 - squashed * squashed);
        x[0] = d_c * g * i * (1 - i);
        x[1] = d_c * c_before * f * (1 - f);
        x[2] = d_c * i * (1 - g * g);
        x[3] = d_h * squashed * o * (1 - o);
        d_c *= f;
        d_h = V{};
    }
};

}  // namespace
