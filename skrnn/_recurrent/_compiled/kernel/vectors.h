// Vectors of numbers that one instruction handles, in the vector extensions of GCC and clang.
#pragma once
#include <cstdint>
#include <cstring>

namespace {

using Index = std::int64_t;

#ifdef SKRNN_VECTOR_BYTES
constexpr int vector_bytes = SKRNN_VECTOR_BYTES;
#else
constexpr int vector_bytes = 16;
#endif

// How many vectors the registers hold.
constexpr int n_registers = vector_bytes == 64 ? 32 : 16;

template <class Real>
struct VectorOf {
    typedef Real type __attribute__((vector_size(vector_bytes)));
};

template <class Real>
using Vector = typename VectorOf<Real>::type;

// Numbers in a vector.
template <class Real>
constexpr int lanes = vector_bytes / sizeof(Real);

template <class Real>
inline Vector<Real> load(const Real* from) {
    Vector<Real> vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

template <class Real>
inline void store(Real* to, Vector<Real> vector) {
    std::memcpy(to, &vector, sizeof vector);
}

template <class Real>
inline Vector<Real> broadcast(Real value) {
    return value - Vector<Real>{};
}

// The next multiple of the number of lanes: rows of this length consist of whole vectors.
template <class Real>
inline Index padded(Index n) {
    return (n + lanes<Real> - 1) / lanes<Real> * lanes<Real>;
}

}  // namespace
