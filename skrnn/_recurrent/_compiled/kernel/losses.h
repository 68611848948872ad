// The losses and their derivatives.
#pragma once
#include "vectors.h"

namespace {

enum class LossName : Index { squared_error, absolute_error, huber, quantile };

struct Loss {
    LossName name;
    const double* parameters;  // of each output: the Huber loss's delta, or the quantile
};

struct ValueAndSlope {
    double value, slope;
};

// The loss of one output that is off by `error`, and its derivative. At a kink it is the mean of
// the slopes on both sides, as in torch.
inline ValueAndSlope value_and_slope(LossName name, double parameter, double error) {
    const double size = error < 0 ? -error : error;
    const double sign = error > 0 ? 1.0 : error < 0 ? -1.0 : error * 0.0;
    const double delta = parameter, above = 1 - parameter, below = parameter;
    switch (name) {
        case LossName::squared_error:
            return {error * error, 2 * error};
        case LossName::absolute_error:
            return {size, sign};
        case LossName::huber:
            if (size > delta) return {delta * (size - 0.5 * delta), delta * sign};
            return {0.5 * error * error, error};
        case LossName::quantile:
            return {size * (error > 0 ? above : below), 0.5 * (above - below + sign)};
    }
    return {};
}

// Return the sum of the losses of some rows times `scale`, and replace the outputs by its gradient.
//
// outputs, targets: (S, N, K), with K padded to `row`. Rows that lack a step have gradients of
// zero there: the first active[t] rows have step t.
template <class Real>
double loss_and_slopes(const Loss& loss, double scale, Real* outputs, const Real* targets,
                       const Real* weights, Index n_steps, Index n_rows, Index n_outputs, Index row,
                       const Index* active) {
    double total = 0;
    for (Index t = 0; t < n_steps; ++t)
        for (Index i = 0; i < n_rows; ++i, outputs += row, targets += row) {
            const Index n = i < active[t] ? n_outputs : 0;
            for (Index k = 0; k < n; ++k) {
                const auto [value, slope] =
                    value_and_slope(loss.name, loss.parameters[k], outputs[k] - targets[k]);
                total += weights[i] * value;
                outputs[k] = static_cast<Real>(weights[i] * slope * scale);
            }
            for (Index k = n; k < row; ++k) outputs[k] = 0;
        }
    return total * scale;
}

}  // namespace
