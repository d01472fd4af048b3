// SPDX-License-Identifier: Apache-2.0
// Reads the head of an upstream's answer line by line, and refuses what two readers
// could understand differently: where libcurl reads the body, our reading and its of
// where that ends must not part.  One thread at a time.
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
        reading,   // more lines must come; interim answers (1xx) are skipped
        complete,  // value() is the final head
        broken,    // fault() says why
        too_large,
    };

    /// Starts afresh.  All lines together, those of interim answers and trailers
    /// included, may have `max_bytes`.
    void reset(std::size_t max_bytes);

    /// Takes one line with its line end.  After `complete` it counts trailers only.
    State take(std::string_view line);

    State state() const { return state_; }
    bool started() const { return bytes_ > 0; }
    bool complete() const { return state_ == State::complete; }
    std::string_view fault() const { return fault_; }
    /// REQUIRES: complete().
    const http::ResponseHead& value() const { return head_; }
    /// Whether a line of a head has come that is not complete yet; interim ones do not count.
    bool within() const { return in_fields_ && !complete(); }
    /// Frees what value() was.
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
