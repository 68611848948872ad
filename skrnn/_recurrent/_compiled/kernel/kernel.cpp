// The functions that Python calls, through ctypes. One library is built for each set of
// instructions. All but these functions has internal linkage, so that the libraries share no code.
#include "processor.h"
#include "rows.h"
#include "updates.h"

#ifdef _WIN32
#define EXPORTED extern "C" __declspec(dllexport)
#else
#define EXPORTED extern "C" __attribute__((visibility("default")))
#endif

namespace {

enum class CellName : Index { rnn_tanh, rnn_relu, gru, lstm };

struct StackSizes {
    Index n_layers, n_directions, n_inputs, n_units;
    double dropout;
};

// What a call works on; library.py describes the same fields to Python.
struct Job {
    CellName cell;
    Index is_double;
    Architecture architecture;
    StackSizes encoder, decoder;
    Index horizon, n_outputs;

    Array<const void> X, y;    // y is not read in a prediction, like all else of the training
    const Index* lengths;      // (n_samples,), real steps
    const void* row_weights;   // (n_samples,), or null
    const Index* order;        // (n_order,), rows to go through
    Index n_order, batch_size;
    Array<void> predicted;     // for a prediction; no data in training

    void *weights, *gradient, *moments;  // in torch's order; moments: (n_moments, n_weights)
    Index n_weights, n_moments;
    Loss loss;
    Update update;
    Index step;                // steps that the optimizer has taken before
    double product;            // in and out: NAdam's product of momenta
    Random random, decoder_random;  // of the dropout
    double* losses;            // out, (n_batches,): mean loss of each batch
    Index* sizes;              // out, (n_batches,): over how many rows or real steps it goes
};

enum Status : Index { done = 0, out_of_memory = 1 };

template <class Cell>
Stack<Cell> stack_of(const StackSizes& sizes, bool reads_states) {
    Stack<Cell> stack{sizes.n_layers, sizes.n_directions, sizes.n_inputs,
                      sizes.n_units,  sizes.dropout,      reads_states};
    if (reads_states) stack.n_inputs = stack.n_outputs();  // as they lie in memory
    return stack;
}

template <class Real, class Void>
Array<Real> typed(const Array<Void>& array) {
    return {static_cast<Real*>(array.data), array.n_steps, array.n_columns,
            {array.strides[0], array.strides[1], array.strides[2]}};
}

// Weights, their gradient and the moments of the optimizer, in the order of the network's memory.
template <class Cell>
struct State {
    using Real = typename Cell::Real;

    const Network<Cell>& network;
    const Job& job;
    Real *weights, *gradient, *moments;
    Index n;

    State(const Network<Cell>& network, const Job& job, Arena& arena)
        : network(network), job(job), n(padded<Real>(network.n_weights())) {
        weights = arena.take<Real>(n);
        gradient = arena.take<Real>(n);
        moments = arena.take<Real>(job.n_moments * n);
    }

    void read() {
        clear(weights, n);
        clear(gradient, n);
        clear(moments, job.n_moments * n);
        const Real* const from = static_cast<const Real*>(job.weights);
        const Real* const from_moments = static_cast<const Real*>(job.moments);
        network.for_each_weight([&](Index flat, Index here) {
            weights[here] = from[flat];
            for (Index m = 0; m < job.n_moments; ++m)
                moments[m * n + here] = from_moments[m * job.n_weights + flat];
        });
    }

    void write() const {
        Real* const to = static_cast<Real*>(job.weights);
        Real* const to_gradient = static_cast<Real*>(job.gradient);
        Real* const to_moments = static_cast<Real*>(job.moments);
        network.for_each_weight([&](Index flat, Index here) {
            to[flat] = weights[here];
            to_gradient[flat] = gradient[here];
            for (Index m = 0; m < job.n_moments; ++m)
                to_moments[m * job.n_weights + flat] = moments[m * n + here];
        });
    }
};

// How many rows of a batch to take at once: as many as leave their values in the cache.
template <class Cell>
Index n_rows_at_once(const Network<Cell>& network, Index n_steps, bool training) {
    constexpr Index n_bytes = 1 << 20, at_least = 16;
    Arena counted;
    Workspace<Cell>(network, n_steps, at_least, counted, training);
    const Index n = n_bytes * at_least / static_cast<Index>(counted.size()) / 8 * 8;
    return n < at_least ? at_least : n;
}

// A batch: its rows by falling length, and its dropout.
template <class Cell>
struct SortedBatch {
    using Real = typename Cell::Real;

    Index n_rows, n_steps = 1;
    Index *place, *rows, *active, *shown;
    Masks<Real> masks, decoder_masks;

    SortedBatch(const Network<Cell>& network, Index n_rows, Index longest, Index n_timesteps,
                bool training, Arena& arena)
        : n_rows(n_rows),
          place(arena.take<Index>(n_timesteps + 1)),
          rows(arena.take<Index>(n_rows)),
          active(arena.take<Index>(longest)),
          shown(arena.take<Index>(network.horizon)),
          masks(take_masks(network.encoder, longest, training, arena)),
          decoder_masks(take_masks(network.decoder, network.horizon, training, arena)) {}

    Masks<Real> take_masks(const Stack<Cell>& stack, Index n_steps, bool training, Arena& arena) {
        if (!training || stack.dropout == 0 || stack.n_layers < 2) return {};
        const Index n = (stack.n_layers - 1) * n_steps * n_rows * stack.n_outputs();
        return {arena.take<Real>(n), n_steps, n_rows};
    }

    void draw_masks(const Network<Cell>& network, const Job& job) {
        if (!masks.data) return;
        clear(active, n_steps);
        for (Index i = 0; i < n_rows; ++i)
            for (Index t = 0; t < job.lengths[rows[i]]; ++t) ++active[t];
        for (Index t = 0; t < network.horizon; ++t) shown[t] = n_rows;
        masks.n_steps = n_steps;
        masks.draw(network.encoder, active, job.random);
        decoder_masks.draw(network.decoder, shown, job.decoder_random);
    }

    // Over how many rows the mean loss goes, or over how many real steps.
    Index size(const Network<Cell>& network, const Index* lengths) const {
        if (!network.aligned()) return n_rows;
        Index n = 0;
        for (Index i = 0; i < n_rows; ++i) n += lengths[rows[i]];
        return n;
    }
};

// Take one step of the optimizer for each batch, or predict each batch.
template <class Cell>
Index run(Job& job) {
    using Real = typename Cell::Real;
    const bool training = !job.predicted.data;
    const Network<Cell> network{job.architecture, stack_of<Cell>(job.encoder, false),
                                stack_of<Cell>(job.decoder, true), job.horizon, job.n_outputs};
    const auto X = typed<const Real>(job.X), y = typed<const Real>(job.y);
    const auto predicted = typed<Real>(job.predicted);

    // Room for the longest batch. Shorter ones use a part of it.
    Index longest = 1;
    for (Index i = 0; i < job.n_order; ++i)
        if (job.lengths[job.order[i]] > longest) longest = job.lengths[job.order[i]];
    const Index most_rows = job.batch_size < job.n_order ? job.batch_size : job.n_order;
    const Index at_once = n_rows_at_once(network, longest, training);
    Arena counted, counted_state;
    State<Cell>(network, job, counted_state);
    SortedBatch<Cell>(network, most_rows, longest, X.n_steps, training, counted);
    Workspace<Cell>(network, longest, at_once < most_rows ? at_once : most_rows, counted, training);
    Arena arena(counted.size()), state_arena(counted_state.size());
    if (arena.failed() || state_arena.failed()) return out_of_memory;

    State<Cell> state(network, job, state_arena);
    state.read();
    for (Index batch = 0; batch * job.batch_size < job.n_order; ++batch) {
        const Index first = batch * job.batch_size, left = job.n_order - first;
        arena.reset(0);
        SortedBatch<Cell> sorted(network, left < job.batch_size ? left : job.batch_size, longest,
                                 X.n_steps, training, arena);
        sort_by_falling_length(job.order + first, sorted.n_rows, job.lengths, X.n_steps,
                               sorted.place, sorted.rows);
        const auto n_steps_of = [&](Index i) {
            const Index length = job.lengths[sorted.rows[i]];
            return length > 1 ? length : 1;
        };
        sorted.n_steps = n_steps_of(0);
        double scale = 0;
        if (training) {
            job.sizes[batch] = sorted.size(network, job.lengths);
            job.losses[batch] = 0;
            scale = 1.0 / (job.sizes[batch] * network.n_outputs * (network.decodes() ? network.horizon : 1));
            sorted.draw_masks(network, job);
            clear(state.gradient, state.n);
        }
        const std::size_t n_taken = arena.size();
        for (Index i = 0; i < sorted.n_rows; i += at_once) {
            arena.reset(n_taken);
            const Index n_rows = sorted.n_rows - i < at_once ? sorted.n_rows - i : at_once;
            Workspace<Cell> work(network, n_steps_of(i), n_rows, arena, training, i, sorted.masks,
                                 sorted.decoder_masks);
            load_inputs(work, X, job.lengths, sorted.rows + i);
            work.forward(state.weights);
            if (!training) {
                store_outputs(work, static_cast<const Real*>(job.weights) + job.n_weights - job.n_outputs,
                              sorted.rows + i, predicted);
                continue;
            }
            load_targets(work, y, static_cast<const Real*>(job.row_weights), sorted.rows + i);
            job.losses[batch] += loss_and_slopes(job.loss, scale, work.outputs, work.targets, work.row_weights,
                                      work.n_output_steps, n_rows, network.n_outputs,
                                      network.n_outputs_padded(), work.present);
            work.backward(state.weights, state.gradient);
        }
        if (!training) continue;
        if (job.update.max_norm < HUGE_VAL) clip(state.gradient, state.n, job.update.max_norm);
        job.product = update_weights(job.update, state.weights, state.gradient, state.moments,
                                     state.n, ++job.step, job.product);
    }
    if (training) state.write();
    return done;
}

template <class Real>
Index run_cell(Job& job) {
    switch (job.cell) {
        case CellName::rnn_tanh:
            return run<Rnn<Real, false>>(job);
        case CellName::rnn_relu:
            return run<Rnn<Real, true>>(job);
        case CellName::gru:
            return run<Gru<Real>>(job);
        case CellName::lstm:
            return run<Lstm<Real>>(job);
    }
    return done;
}

}  // namespace

EXPORTED Index skrnn_run(Job* job) {
    return job->is_double ? run_cell<double>(*job) : run_cell<float>(*job);
}

// For the check that Python describes a job as it is.
EXPORTED Index skrnn_job_size() { return sizeof(Job); }

EXPORTED const char* skrnn_source_hash() { return SKRNN_SOURCE_HASH; }

EXPORTED int skrnn_best_instructions() { return best_instructions(); }
