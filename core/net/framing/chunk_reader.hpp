// SPDX-License-Identifier: Apache-2.0
// The chunked coding of a body (RFC 9112, 7.1), a client's or an upstream's: finds the
// data between the sizes, and keeps none of it.  One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::core {

class ChunkReader {
public:
    /// Takes from the front of `bytes` as far as the next piece of data, which it returns,
    /// or as far as something is known: complete(), a fault, the size of a chunk.
    /// Call it until `bytes` is empty or the body has ended.
    std::string_view next(std::string_view& bytes);

    bool complete() const { return state_ == State::complete; }
    /// What is wrong with the coding; null: nothing so far.
    const char* fault() const { return fault_; }
    /// What is still to come of a chunk whose size is known.
    std::uint64_t announced() const { return state_ == State::data ? remaining_ : 0; }

private:
    enum class State : std::uint8_t {
        size_first,  // the first digit of a chunk's size
        size,        // the following ones
        before_extension,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_first,  // the start of a trailer line, or the last CR
        trailer_name,
        trailer_value,
        trailer_lf,
        end_lf,
        complete,
    };
    void take(char c);
    void take_size(char c);
    void expect(char c, char wanted, State next);
    void expensive(State next);
    void refuse(char c);

    std::uint64_t remaining_ = 0;  // of the current chunk
    std::uint64_t data_ = 0;       // bytes of all chunks so far
    std::uint64_t overhead_ = 0;   // bytes of extensions and trailers
    const char* fault_ = nullptr;
    State state_ = State::size_first;
    std::uint8_t digits_ = 0;
};

}  // namespace gatehouse::core
