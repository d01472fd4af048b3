// SPDX-License-Identifier: Apache-2.0
// The head of a request: where it ends, what it says, and whether two parties
// could read it differently.  Boost.Beast parses; the checks that it leaves to
// us (RFC 9110, 9112) are here.  Plain functions and values.
#pragma once

#include "core/net/server/request_line.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// Finds the empty line that ends a head, however its bytes arrive: each byte is
/// looked at once.
class HeadScanner {
public:
    HeadScanner(std::size_t max_bytes, std::size_t max_fields)
        : max_bytes_(max_bytes), max_fields_(max_fields) {}

    /// `bytes` starts with the request line and is what the last call saw, or
    /// more.  The size of the head with its empty line; 0: more is needed.
    Result<std::size_t> scan(std::string_view bytes);
    /// Starts over, for the next head.
    void reset() {
        scanned_ = line_ = lines_ = 0;
        line_checked_ = false;
    }

private:
    std::size_t max_bytes_, max_fields_;
    std::size_t scanned_ = 0, line_ = 0,
                lines_ = 0;      // bytes seen, start of the current line, lines before it
    bool line_checked_ = false;  // the request line
};

/// A head that has passed every check.
struct ParsedHead {
    http::RequestHead head = {};
    bool http_1_0 = false;
    bool keep_alive = true;  // what the client asks for
    bool chunked = false;
    std::optional<std::uint64_t> content_length = {};
    bool expects_continue = false;

    bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// Reads a whole head, empty line included.
Result<ParsedHead> parse_head(std::string_view bytes, std::size_t max_fields);

}  // namespace gatehouse::core
