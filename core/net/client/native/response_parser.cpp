// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/native/response_parser.hpp"

#include "core/net/client/upstream_failure.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

// A record of a handshake or an alert (RFC 8446, 5.1).
bool is_tls_record(std::string_view bytes) {
    return bytes.size() > 1 && (bytes[0] == '\x15' || bytes[0] == '\x16') && bytes[1] == '\x03';
}

}  // namespace

void ResponseParser::start(std::size_t max_header_bytes, bool bodiless) {
    *this = ResponseParser();
    head_.reset(max_header_bytes);
    max_head_bytes_ = max_header_bytes;
    bodiless_ = bodiless;
}

ResponseParser::Step ResponseParser::next(std::string_view& bytes) {
    tls_ |= !begun_ && is_tls_record(bytes);
    begun_ |= !bytes.empty();
    switch (phase_) {
        case Phase::head: return read_head(bytes);
        case Phase::length:
            if (left_ == 0) {
                phase_ = Phase::over;
                return bytes.empty() ? Step::end : broken(failure::too_long);
            } else {
                const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
                const std::string_view piece = bytes.substr(0, size);
                bytes.remove_prefix(size);
                left_ -= size;
                return give(piece);
            }
        case Phase::chunks: return read_chunks(bytes);
        case Phase::until_close: {
            const std::string_view piece = bytes;
            bytes = {};
            return give(piece);
        }
        case Phase::over: break;
    }
    return Step::end;
}

ResponseParser::Step ResponseParser::give(std::string_view piece) {
    if (piece.empty()) return Step::more;
    piece_ = piece;
    return Step::body;
}

ResponseParser::Step ResponseParser::broken(const char* fault, std::string_view detail) {
    fault_ = fault;
    detail_ = tls_ ? "it uses TLS on this port: check the scheme and the port of the URL" : detail;
    phase_ = Phase::over;
    return Step::broken;
}

ResponseParser::Step ResponseParser::read_head(std::string_view& bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos) {
            const std::string_view part = bytes;
            bytes = {};
            return keep_line(part);
        }
        std::string_view line = bytes.substr(0, end + 1);
        bytes.remove_prefix(end + 1);
        if (!line_.empty()) line = line_.append(line);
        const ResponseHeadParser::State state = head_.take(line);
        std::string().swap(line_);
        switch (state) {
            case ResponseHeadParser::State::reading: break;
            case ResponseHeadParser::State::complete: frame(); return Step::head;
            case ResponseHeadParser::State::broken: return broken(failure::no_http, head_.fault());
            case ResponseHeadParser::State::too_large: return broken(failure::head_too_large);
        }
    }
    return Step::more;
}

ResponseParser::Step ResponseParser::keep_line(std::string_view part) {
    constexpr std::string_view start = "HTTP/1.";
    line_ += part;
    if (line_.size() > max_head_bytes_) return broken(failure::head_too_large);
    // Checks the start of the line early, because bytes that are not HTTP may never end a line.
    const std::size_t seen = std::min(line_.size(), start.size());
    if (!head_.within() && line_.compare(0, seen, start, 0, seen) != 0)
        return broken(failure::no_http, "no status line");
    return Step::more;
}

void ResponseParser::frame() {
    const int status = head_.value().status;
    phase_ = bodiless_ || status == 204 || status == 304 ? Phase::over
             : head_.chunked()                           ? Phase::chunks
             : head_.length()                            ? Phase::length
                                                         : Phase::until_close;
    left_ = head_.length().value_or(0);
    if (phase_ == Phase::length && left_ == 0) phase_ = Phase::over;
}

ResponseParser::Step ResponseParser::read_chunks(std::string_view& bytes) {
    while (!bytes.empty()) {
        const std::string_view piece = chunks_.next(bytes);
        if (chunks_.fault()) return broken(failure::bad_chunks, chunks_.fault());
        if (chunks_.complete()) {
            phase_ = Phase::over;
            return Step::end;
        }
        if (!piece.empty()) return give(piece);
    }
    return Step::more;
}

const char* ResponseParser::truncation() const {
    return head_.complete() || head_.within() ? failure::cut_short : failure::no_answer;
}

}  // namespace gatehouse::core
