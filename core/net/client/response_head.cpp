// SPDX-License-Identifier: Apache-2.0
// Parses the head of an upstream's response by RFC 9112, sections 2 to 6.
#include "core/net/client/response_head.hpp"

#include "core/net/framing/token.hpp"
#include "core/util/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::core {

namespace {

bool is_control(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f'; }

/// Whether `list`, of a Connection field, has `close` in it.
bool asks_to_close(std::string_view list) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (http::equal_ignoring_case(without_blanks(list.substr(0, comma)), "close")) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

}  // namespace

void ResponseHeadParser::reset(std::size_t max_bytes) {
    *this = ResponseHeadParser();
    max_bytes_ = max_bytes;
}

ResponseHeadParser::State ResponseHeadParser::fail(const char* fault) {
    fault_ = fault;
    return state_ = State::broken;
}

ResponseHeadParser::State ResponseHeadParser::take(std::string_view line) {
    if (state_ == State::broken || state_ == State::too_large) return state_;
    bytes_ += line.size();
    if (bytes_ > max_bytes_) return state_ = State::too_large;
    if (state_ == State::complete) return state_;
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!in_fields_) return take_status(line);
    return line.empty() ? take_end() : take_field(line);
}

ResponseHeadParser::State ResponseHeadParser::take_status(std::string_view line) {
    // "HTTP/1.1 200", optionally followed by a reason.
    const bool well_formed = line.size() >= 12 &&
                             (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) &&
                             std::all_of(line.begin() + 9, line.begin() + 12, is_digit) &&
                             (line.size() == 12 || line[12] == ' ') && line[9] != '0';
    if (!well_formed) return fail("an invalid status line");
    head_.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    keeps_connection_ = line[7] == '1';  // HTTP/1.0 needs an explicit keep-alive
    in_fields_ = true;
    return state_;
}

ResponseHeadParser::State ResponseHeadParser::take_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail("a header line without a colon");
    const std::string_view name = line.substr(0, colon), value = without_blanks(line.substr(colon + 1));
    // Also rejects a folded line, which begins with a blank.
    if (!is_token(name)) return fail("an invalid header name");
    if (std::any_of(value.begin(), value.end(), is_control)) return fail("a control character in a header");

    if (http::equal_ignoring_case(name, "content-length")) {
        std::uint64_t length = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (error != std::errc() || end != value.data() + value.size() || length >> 62)
            return fail("a content-length that is not a number");
        if (length_.value_or(length) != length) return fail("two different content-lengths");
        length_ = length;
    } else if (http::equal_ignoring_case(name, "transfer-encoding")) {
        if (chunked_ || !http::equal_ignoring_case(value, "chunked"))
            return fail("an unsupported transfer-encoding");
        chunked_ = true;
    } else if (http::equal_ignoring_case(name, "connection") && asks_to_close(value)) {
        keeps_connection_ = false;
    }
    head_.headers.add(std::string(name), std::string(value));
    return state_;
}

ResponseHeadParser::State ResponseHeadParser::take_end() {
    if (chunked_ && length_) return fail("both content-length and transfer-encoding");
    if (head_.status == 101) return fail("a protocol switch that was not requested");
    // A 204 has no body.  An upstream that announces one may send it before the next response.
    if (head_.status == 204 && (chunked_ || length_.value_or(0) > 0)) keeps_connection_ = false;
    if (head_.status >= 200) return state_ = State::complete;
    head_ = {};
    in_fields_ = chunked_ = false;
    length_.reset();
    return state_;
}

}  // namespace gatehouse::core
