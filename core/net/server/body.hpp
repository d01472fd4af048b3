// SPDX-License-Identifier: Apache-2.0
// Reads the body of one request, by length or chunked (RFC 9112, 6 and 7).  The body never
// exceeds its limit, and its buffer stays within a few times the received bytes.  Owned by a
// Connection.
// [the loop's thread]
#pragma once

#include "core/net/framing/chunk_reader.hpp"

#include <gatehouse/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::core {

class BodyReader {
public:
    /// A body of exactly `length` bytes.  REQUIRES: the caller has checked it against the limit.
    void start_length(std::uint64_t length);
    /// A chunked body of at most `limit` bytes.
    void start_chunked(std::size_t limit);

    /// Consumes the bytes of the body from the front of `bytes`.  True: the body is complete.  An error:
    /// framing (400) or too large (413); feed no more.
    Result<bool> feed(std::string_view& bytes);

    /// For bodies by length, which may be received in place: returns room for at most `wanted` of
    /// the missing bytes.  received() must follow.
    struct Room {
        char* data;
        std::size_t size;
    };
    bool takes_directly() const { return !chunked_; }
    Room room(std::size_t wanted);
    /// Records `count` bytes in the room.  True: the body is complete.
    bool received(std::size_t count);

    std::size_t size() const { return size_; }
    /// The body; its capacity is at least 64 bytes beyond its size.
    std::string take();

private:
    void make_room(std::size_t more, std::size_t come);
    void append(std::string_view bytes);
    Result<bool> feed_length(std::string_view& bytes);
    Result<bool> feed_chunked(std::string_view& bytes);

    std::string body_;
    std::size_t size_ = 0;         // received; body_ may be longer after room()
    std::uint64_t remaining_ = 0;  // bytes of a body by length
    std::size_t limit_ = 0;
    ChunkReader chunks_;
    bool chunked_ = false;
};

}  // namespace gatehouse::core
