// SPDX-License-Identifier: Apache-2.0
// Parses the head of a request, and rejects heads that two parsers could read
// differently.  Boost.Beast parses; this file adds the checks of RFC 9110 and 9112
// that Beast does not make.  Plain functions and values.  [any thread]
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

/// Finds the empty line that ends a head, in input of any pieces.  Looks at each byte once.
class HeadScanner {
public:
    HeadScanner(std::size_t max_bytes, std::size_t max_fields)
        : max_bytes_(max_bytes), max_fields_(max_fields) {}

    /// `bytes` starts with the request line and extends the bytes of the last call.  Returns the
    /// size of the head with its empty line, or 0 if more bytes are needed.
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
    bool keep_alive = true;  // as the client requests
    bool chunked = false;
    std::optional<std::uint64_t> content_length = {};
    bool expects_continue = false;

    bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// Parses a complete head with its empty line.
Result<ParsedHead> parse_head(std::string_view bytes, std::size_t max_fields);

}  // namespace gatehouse::core
