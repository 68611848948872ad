// Memory of a call: one block, from which arrays are taken in turn.
#pragma once
#include <cstdlib>

#include "vectors.h"

namespace {

class Arena {
public:
    // Without memory, an arena only counts what is taken.
    Arena() = default;
    explicit Arena(std::size_t n_bytes) : block(std::malloc(n_bytes + alignment)) {
        const auto address = reinterpret_cast<std::uintptr_t>(block);
        begin = reinterpret_cast<char*>((address + alignment - 1) / alignment * alignment);
    }
    Arena(const Arena&) = delete;
    ~Arena() { std::free(block); }

    // An array that begins at a multiple of the longest vector.
    template <class Value>
    Value* take(Index n) {
        Value* array = reinterpret_cast<Value*>(begin + taken);
        taken += (n * sizeof(Value) + alignment - 1) / alignment * alignment;
        return array;
    }

    bool failed() const { return !block; }
    std::size_t size() const { return taken; }
    void reset(std::size_t size) { taken = size; }

private:
    static constexpr std::size_t alignment = 64;
    void* block = nullptr;
    char* begin = nullptr;
    std::size_t taken = 0;
};

template <class Value>
inline void clear(Value* array, Index n) {
    std::memset(array, 0, n * sizeof(Value));
}

}  // namespace
