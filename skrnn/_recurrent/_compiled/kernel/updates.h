// One step of each optimizer that has a name, with the arithmetic of torch.
#pragma once
#include <cmath>

#include "vectors.h"

namespace {

enum class UpdateName : Index { adam, adamw, nadam, rmsprop, adagrad, sgd };

// An optimizer and its options, named as in torch.
struct Update {
    UpdateName name;
    double lr, weight_decay, eps;
    double beta1, beta2;  // decay of the first and second moment; RMSprop's alpha is beta2
    double decay;         // NAdam's momentum_decay, Adagrad's lr_decay
    double max_norm;      // of the gradient; infinity for no clipping
};

// Shorten a gradient whose norm exceeds a maximum, as torch's clip_grad_norm_.
template <class Real>
void clip(Real* gradient, Index n, double max_norm) {
    double square = 0;
    for (Index i = 0; i < n; ++i) square += static_cast<double>(gradient[i]) * gradient[i];
    const double factor = max_norm / (std::sqrt(square) + 1e-6);
    if (factor >= 1) return;  // not true for NaN
    for (Index i = 0; i < n; ++i) gradient[i] *= static_cast<Real>(factor);
}

template <class Real>
void adam(Real* __restrict weights, const Real* __restrict gradient, Real* __restrict first,
          Real* __restrict second, Index n, Real beta1, Real beta2, Real of_moment,
          Real of_gradient, Real correction, Real eps) {
    for (Index i = 0; i < n; ++i) {
        const Real g = gradient[i];
        const Real m = first[i] + (1 - beta1) * (g - first[i]);
        const Real v = beta2 * second[i] + (1 - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        weights[i] -= (of_moment * m + of_gradient * g) / (std::sqrt(v) * correction + eps);
    }
}

template <class Real>
void rmsprop(Real* __restrict weights, const Real* __restrict gradient, Real* __restrict square,
             Index n, Real alpha, Real rate, Real eps) {
    for (Index i = 0; i < n; ++i) {
        const Real g = gradient[i];
        square[i] = alpha * square[i] + (1 - alpha) * g * g;
        weights[i] -= rate * g / (std::sqrt(square[i]) + eps);
    }
}

template <class Real>
void adagrad(Real* __restrict weights, const Real* __restrict gradient, Real* __restrict total,
             Index n, Real rate, Real eps) {
    for (Index i = 0; i < n; ++i) {
        total[i] += gradient[i] * gradient[i];
        weights[i] -= rate * gradient[i] / (std::sqrt(total[i]) + eps);
    }
}

// Take one step, in place.
//
// moments: (n_moments, n), the optimizer's memory in the order of torch. step: number of this step,
// from 1. product: NAdam's product of momenta up to the step before. Returns it with this step.
template <class Real>
double update_weights(const Update& update, Real* weights, Real* gradient, Real* moments, Index n,
                      Index step, double product) {
    if (update.weight_decay > 0) {
        const Real kept = 1 - update.lr * update.weight_decay, decay = update.weight_decay;
        if (update.name == UpdateName::adamw)
            for (Index i = 0; i < n; ++i) weights[i] *= kept;
        else
            for (Index i = 0; i < n; ++i) gradient[i] += decay * weights[i];
    }
    const double correction = std::sqrt(1 - std::pow(update.beta2, step));
    switch (update.name) {
        case UpdateName::adam:  // Kingma and Ba (2015), arXiv:1412.6980
        case UpdateName::adamw:  // Loshchilov and Hutter (2019), arXiv:1711.05101
            adam<Real>(weights, gradient, moments, moments + n, n, update.beta1, update.beta2,
                       update.lr / (1 - std::pow(update.beta1, step)), 0, 1 / correction,
                       update.eps);
            break;
        case UpdateName::nadam: {  // Dozat (2016), ICLR workshop
            const auto momentum = [&](Index at) {
                return update.beta1 * (1 - 0.5 * std::pow(0.96, at * update.decay));
            };
            const double now = momentum(step), later = momentum(step + 1);
            // torch keeps the product as a float.
            product = static_cast<float>(product) * static_cast<float>(now);
            adam<Real>(weights, gradient, moments, moments + n, n, update.beta1, update.beta2,
                       update.lr * later / (1 - product * later),
                       update.lr * (1 - now) / (1 - product), 1 / correction, update.eps);
            break;
        }
        case UpdateName::rmsprop:  // Tieleman and Hinton (2012), lecture 6.5
            rmsprop<Real>(weights, gradient, moments, n, update.beta2, update.lr, update.eps);
            break;
        case UpdateName::adagrad:  // Duchi, Hazan and Singer (2011), JMLR 12
            adagrad<Real>(weights, gradient, moments, n,
                          update.lr / (1 + (step - 1) * update.decay), update.eps);
            break;
        case UpdateName::sgd:
            for (Index i = 0; i < n; ++i) weights[i] -= static_cast<Real>(update.lr) * gradient[i];
            break;
    }
    return product;
}

}  // namespace
