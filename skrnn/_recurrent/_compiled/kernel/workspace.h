// Some rows of a batch from their sequences to their outputs, forward and backward.
//
// Shapes as in network.h, with S output steps.
#pragma once
#include "losses.h"
#include "network.h"

namespace {

// Memory for some rows.
template <class Cell>
struct Workspace {
    using Real = typename Cell::Real;

    Network<Cell> network;
    Index n_steps, n_rows, n_output_steps;
    Index *lengths, *active;  // (N,), (T,): real steps of each row, rows that have each step
    Index* present;           // (S,), rows that have each step of the outputs
    Layers<Cell> encoder, decoder;
    Matrix<Real> inputs;      // (T * N, F + 1), with ones in the last column
    Matrix<Real> summary, d_summary;    // (N, D * H + 1), last states of the encoder, and ones
    Matrix<Real> features, d_features;  // (S * N, D * H + 1), inputs of the dense layer, and ones
    Real *outputs, *targets;      // (S, N, K); the outputs become their gradient
    Real* row_weights;            // (N,), in the loss
    Real* zeros;                  // (H,), the initial state
    Scratch<Real> scratch{};

    Workspace(const Network<Cell>& network, Index n_steps, Index n_rows, Arena& arena, bool training,
              Index first_row = 0, const Masks<Real>& masks = {}, const Masks<Real>& decoder_masks = {})
        : network(network),
          n_steps(n_steps),
          n_rows(n_rows),
          n_output_steps(network.n_output_steps(n_steps)),
          lengths(arena.take<Index>(n_rows)),
          active(arena.take<Index>(n_steps)),
          present(arena.take<Index>(n_output_steps)),
          encoder(network.encoder, {n_steps, n_rows, active}, masks, first_row, training, arena),
          decoder(network.decoder, {network.decodes() ? n_output_steps : 0, n_rows, present},
                  decoder_masks, first_row, training, arena) {
        const Index n_features = network.n_features(), n_outputs = network.n_outputs_padded();
        const Index n_seen = n_steps * n_rows, n_shown = n_output_steps * n_rows;
        const Index n_joined = network.encoder.n_joined(), n_inputs = network.encoder.n_inputs + 1;
        inputs = {arena.take<Real>(n_seen * n_inputs), n_inputs};
        summary = {arena.take<Real>(n_rows * n_joined), n_joined};
        features = {arena.take<Real>(n_shown * n_joined), n_joined};
        outputs = arena.take<Real>(n_shown * n_outputs);
        zeros = arena.take<Real>(network.encoder.n_padded());
        scratch.zeros = zeros;
        if (!training) return;
        const Index n_gates = network.encoder.n_gates();
        targets = arena.take<Real>(n_shown * n_outputs);
        row_weights = arena.take<Real>(n_rows);
        d_summary = {arena.take<Real>(n_rows * n_features), n_features};
        d_features = {arena.take<Real>(n_shown * n_features), n_features};
        scratch.d_recurrent = arena.take<Real>(n_kept_rows(n_rows) * n_gates);
        scratch.d_h = arena.take<Real>(n_rows * network.encoder.n_padded());
        scratch.d_memory = arena.take<Real>(n_rows * network.encoder.n_padded());
        scratch.turned = arena.take<Real>(
            turned_size<Real>(n_gates > n_outputs ? n_gates : n_outputs, n_features));
    }

    // Compute the outputs of the rows whose inputs have been loaded.
    void forward(Real* weights) {
        clear(zeros, network.encoder.n_padded());
        encoder.forward(weights, inputs, n_steps, zeros);
        const Index n_outputs = network.n_outputs_padded();
        if (network.aligned()) {
            encoder.join_directions(network.encoder.n_layers - 1, features);
        } else if (network.decodes()) {
            join_last_states(summary);
            decoder.forward(weights + network.decoder_offset(), summary, 1, zeros);
            decoder.join_directions(network.decoder.n_layers - 1, features);
        } else {
            join_last_states(features);
        }
        clear(outputs, n_shown() * n_outputs);
        for_each_panel_of_head(weights, [&](Index column, const Real* panel) {
            add_to_panel<1>(Matrix<const Real>(features), panel, lanes<Real>,
                            network.n_features() + 1, n_shown(),
                            Matrix<Real>{outputs + column, n_outputs});
        });
    }

    // Add to the gradient by the weights, from that by the outputs, which is in `outputs`.
    void backward(Real* weights, Real* slopes) {
        const Index n_features = network.n_features(), n_outputs = network.n_outputs_padded();
        const Matrix<const Real> d_outputs{outputs, n_outputs}, none{zeros, 0};
        for_each_panel_of_head(slopes, [&](Index column, Real* panel) {
            add_outer_products<1>(Matrix<const Real>(features), d_outputs.column(column), n_shown(),
                                  n_features + 1, panel);
        });
        for_each_panel_of_head(weights, [&](Index column, const Real* panel) {
            turn(panel, lanes<Real>, n_features, scratch.turned, column, n_outputs);
        });
        clear(d_features.data, n_shown() * n_features);
        add_turned<Real>(d_outputs, scratch.turned, network.n_outputs, n_outputs, n_shown(),
                         d_features, n_features);
        if (network.aligned()) {
            encoder.backward(weights, slopes, inputs, n_steps, none, d_features, {}, scratch);
        } else if (network.decodes()) {
            clear(d_summary.data, n_rows * n_features);
            decoder.backward(weights + network.decoder_offset(), slopes + network.decoder_offset(),
                             summary, 1, none, d_features, d_summary, scratch);
            encoder.backward(weights, slopes, inputs, n_steps, d_summary, none, {}, scratch);
        } else {
            encoder.backward(weights, slopes, inputs, n_steps, d_features, none, {}, scratch);
        }
    }

private:
    Index n_shown() const { return n_output_steps * n_rows; }

    template <class Pointer, class Use>
    void for_each_panel_of_head(Pointer weights, const Use& use) const {
        for (Index column = 0; column < network.n_outputs_padded(); column += lanes<Real>)
            use(column, weights + network.head_offset() + column / lanes<Real> * network.head_panel());
    }

    // Copy the last state of each direction, side by side, and a one after them. The forward
    // direction ends at the last real step, the other at the first one. A row without steps has
    // the initial state.
    void join_last_states(Matrix<Real> joined) const {
        const Index n_padded = network.encoder.n_padded();
        for (Index d = 0; d < network.encoder.n_directions; ++d) {
            const Real* const h = encoder.trace(network.encoder.n_layers - 1, d).h;
            for (Index i = 0; i < n_rows; ++i) {
                const Index t = d == 0 ? lengths[i] - 1 : 0;
                const Real* const state = lengths[i] > 0 ? h + (t * n_rows + i) * n_padded : zeros;
                std::memcpy(&joined(i, d * n_padded), state, n_padded * sizeof(Real));
                joined(i, network.n_features()) = 1;
            }
        }
    }
};

}  // namespace
