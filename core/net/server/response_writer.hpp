// SPDX-License-Identifier: Apache-2.0
// Writes the head of a response.  Plain functions; no text of the application can break out
// of its line.
#pragma once

#include <gatehouse/http.hpp>

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// The connection's decisions about a response.
struct ResponseFraming {
    bool http_1_0 = false;
    bool close = false;  // the connection ends after this response
    bool chunked = false;
    std::optional<std::size_t> content_length = {};
    std::size_t room = 0;  // for bytes that the caller appends
};

/// Appends status line, headers and the empty line.  Leaves out headers of `head` that the
/// connection sets itself, and headers with an invalid name.  Control characters in values
/// become spaces.  A date in `head` replaces `date`, for a server with a simulated clock.
void write_head(std::string& out, const http::ResponseHead& head, const ResponseFraming& framing,
                std::string_view date);

/// The phrase of a status, such as "Not Found".
std::string_view reason_phrase(int status);

/// Whether a response with this status has no body, whatever the method.
constexpr bool is_bodiless(int status) { return status == 204 || status == 304; }

/// The value of the date field, made once a second.  [one thread]
class DateCache {
public:
    std::string_view get();

private:
    std::time_t second_ = -1;
    std::string text_;
};

}  // namespace gatehouse::core
