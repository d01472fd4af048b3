// SPDX-License-Identifier: Apache-2.0
// Reads the head of an upstream's answer line by line, as libcurl hands it over,
// and refuses what two readers could understand differently: our reading and
// libcurl's of where the body ends must not part.  One thread at a time.
#pragma once

#include <gatehouse/http.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// Whether a header's name may have this byte (RFC 9110, 5.6.2).
inline bool http_token_byte(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-') return true;
    return c != '\0' && std::string_view("!#$%&'*+.^_`|~").find(c) != std::string_view::npos;
}

class AnswerHead {
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

private:
    State fail(const char* fault);
    State take_status(std::string_view line);
    State take_field(std::string_view line);
    State take_end();

    State state_ = State::reading;
    std::size_t bytes_ = 0, max_bytes_ = 0;
    bool in_fields_ = false, chunked_ = false;
    std::optional<std::uint64_t> length_;
    const char* fault_ = "";
    http::ResponseHead head_;
};

}  // namespace gatehouse::core
