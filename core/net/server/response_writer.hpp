// SPDX-License-Identifier: Apache-2.0
// Writes the head of an answer.  Plain functions; nothing that comes from the
// application can break out of its line.
#pragma once

#include <gatehouse/http.hpp>

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// What the connection has decided about an answer.
struct ResponseFraming {
    bool http_1_0 = false;
    bool close = false;  // the connection ends after this answer
    bool chunked = false;
    std::optional<std::size_t> content_length = {};
    std::size_t room = 0;  // for bytes that the caller appends
};

/// Appends status line, fields and the empty line.  Fields of `head` that are the
/// connection's affair are left out, names that are none too; control characters
/// in values become spaces.
void write_head(std::string& out, const http::ResponseHead& head, const ResponseFraming& framing,
                std::string_view date);

/// Whether an answer with this status has no body, whatever the method.
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
