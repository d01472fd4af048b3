// SPDX-License-Identifier: Apache-2.0
// Decodes the chunked coding of a body (RFC 9112, 7.1), of a client or of an upstream, without
// buffering data.  Owned by a BodyReader or a ResponseParser.  [the loop's thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::core {

class ChunkReader {
public:
    /// Consumes the front of `bytes` and returns the next piece of data.  Returns an empty piece
    /// when the body is complete, has a fault, or a chunk's size is known.  Call it until `bytes`
    /// is empty or the body has ended.
    std::string_view next(std::string_view& bytes);

    bool complete() const { return state_ == State::complete; }
    /// The fault in the coding; null: no fault so far.
    const char* fault() const { return fault_; }
    /// The remaining bytes of the chunk whose size is known.
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

    std::uint64_t remaining_ = 0;  // bytes of the current chunk
    std::uint64_t data_ = 0;       // bytes of all chunks so far
    std::uint64_t overhead_ = 0;   // bytes of extensions and trailers
    const char* fault_ = nullptr;
    State state_ = State::size_first;
    std::uint8_t digits_ = 0;
};

}  // namespace gatehouse::core
