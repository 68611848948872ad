// The sizes of a network and the order of its weights.
//
// Shapes as in stack.h, with K outputs, which are padded to whole vectors.
#pragma once
#include "stack.h"

namespace {

enum class Architecture : Index { many_to_one, encoder_decoder, many_to_many };

template <class Cell>
struct Network {
    using Real = typename Cell::Real;

    Architecture architecture;
    Stack<Cell> encoder, decoder;  // without a decoder, it has no layers
    Index horizon, n_outputs;

    bool decodes() const { return architecture == Architecture::encoder_decoder; }
    bool aligned() const { return architecture == Architecture::many_to_many; }
    Index n_features() const { return encoder.n_outputs(); }
    Index n_outputs_padded() const { return padded<Real>(n_outputs); }
    Index n_output_steps(Index n_steps) const { return decodes() ? horizon : aligned() ? n_steps : 1; }

    // The weights: encoder, decoder, and the dense layer in panels of one vector of outputs, with
    // a row for each feature and one for the bias.
    Index decoder_offset() const { return encoder.n_weights(); }
    Index head_offset() const { return decoder_offset() + (decodes() ? decoder.n_weights() : 0); }
    Index head_panel() const { return (n_features() + 1) * lanes<Real>; }
    Index n_weights() const {
        return head_offset() + n_outputs_padded() / lanes<Real> * head_panel();
    }

    // Call visit(position in torch's order, position here) for each weight.
    template <class Visit>
    void for_each_weight(const Visit& visit) const {
        Index flat = for_each_weight_of(encoder, 0, 0, visit);
        if (decodes()) flat = for_each_weight_of(decoder, flat, decoder_offset(), visit);
        const auto head = [&](Index k, Index feature) {
            return head_offset() + k / lanes<Real> * head_panel() + feature * lanes<Real> +
                   k % lanes<Real>;
        };
        const Index n_units = encoder.n_units;
        for (Index k = 0; k < n_outputs; ++k)
            for (Index j = 0; j < encoder.n_directions * n_units; ++j)
                visit(flat++, head(k, j / n_units * encoder.n_padded() + j % n_units));
        for (Index k = 0; k < n_outputs; ++k) visit(flat++, head(k, n_features()));
    }

private:
    template <class Visit>
    static Index for_each_weight_of(const Stack<Cell>& stack, Index flat, Index offset,
                                    const Visit& visit) {
        constexpr Index V = lanes<Real>, width = Weights<Cell>::width;
        const Index n_units = stack.n_units;
        for (Index layer = 0; layer < stack.n_layers; ++layer)
            for (Index d = 0; d < stack.n_directions; ++d) {
                const Index first = offset + stack.offset(layer, d);
                const Index n_rows = stack.n_inputs_of(layer);
                const bool states = layer > 0 || stack.reads_states;
                const Index n_read = states ? n_rows / stack.n_padded() * n_units : n_rows;
                const Index panel = (n_rows + n_units + 2) * width;
                const auto block = [&](Index n_columns, auto row) {
                    for (Index g = 0; g < Cell::n_gates; ++g)
                        for (Index j = 0; j < n_units; ++j)
                            for (Index k = 0; k < n_columns; ++k)
                                visit(flat++, first + j / V * panel + row(k) * width + g * V + j % V);
                };
                block(n_read, [&](Index k) {
                    return states ? k / n_units * stack.n_padded() + k % n_units : k;
                });
                block(n_units, [&](Index k) { return n_rows + 1 + k; });
                block(1, [&](Index) { return n_rows; });
                block(1, [&](Index) { return n_rows + n_units + 1; });
            }
        return flat;
    }
};

}  // namespace
