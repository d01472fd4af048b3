// SPDX-License-Identifier: Apache-2.0
// Parses the head of an upstream's response line by line, and rejects heads that two parsers
// could read differently.  If libcurl reads the body, both must agree on where the body ends.
// Owned by a ResponseParser or a CurlTransfer.  [the loop's thread]
#pragma once

#include <gatehouse/http.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

class ResponseHeadParser {
public:
    enum class State {
        reading,   // more lines are needed; interim responses (1xx) are skipped
        complete,  // value() is the final head
        broken,    // fault() has the reason
        too_large,
    };

    /// Starts over.  `max_bytes` limits all lines together, including interim responses and
    /// trailers.
    void reset(std::size_t max_bytes);

    /// Takes one line with its line end.  After `complete` it counts trailers only.
    State take(std::string_view line);

    State state() const { return state_; }
    bool started() const { return bytes_ > 0; }
    bool complete() const { return state_ == State::complete; }
    std::string_view fault() const { return fault_; }
    /// REQUIRES: complete().
    const http::ResponseHead& value() const { return head_; }
    /// Whether a head has begun and is not complete; interim heads do not count.
    bool within() const { return in_fields_ && !complete(); }
    /// Frees the memory of value().
    void forget_value() { head_ = {}; }

    // How the body is framed.  REQUIRES: complete().
    bool chunked() const { return chunked_; }
    std::optional<std::uint64_t> length() const { return length_; }
    /// Whether the connection may serve another request.
    bool keeps_connection() const { return keeps_connection_; }

private:
    State fail(const char* fault);
    State take_status(std::string_view line);
    State take_field(std::string_view line);
    State take_end();

    State state_ = State::reading;
    std::size_t bytes_ = 0, max_bytes_ = 0;
    bool in_fields_ = false, chunked_ = false, keeps_connection_ = true;
    std::optional<std::uint64_t> length_;
    const char* fault_ = "";
    http::ResponseHead head_;
};

}  // namespace gatehouse::core
