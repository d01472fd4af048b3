// SPDX-License-Identifier: Apache-2.0
// A state machine with one state per place where a body can be cut in two.
#include "core/http/body.hpp"

#include "core/http/request_line.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr std::size_t spare = 64;  // what JSON readers want beyond the end
constexpr std::size_t max_overhead = 16 * 1024;
constexpr int max_digits = 16;

Error bad(std::string message) { return {ErrorKind::bad_request, std::move(message)}; }

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
bool is_text(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

void BodyReader::start_length(std::uint64_t length) {
    *this = BodyReader();
    remaining_ = length;
}

void BodyReader::start_chunked(std::size_t limit) {
    *this = BodyReader();
    chunked_ = true;
    limit_ = limit;
}

void BodyReader::make_room(std::size_t more) {
    const std::size_t wanted = size_ + more + spare;
    if (wanted <= body_.capacity()) return;
    std::size_t target = std::max(wanted, 2 * body_.capacity());
    // The announced end is believed only as far as doubling would go anyway.
    if (!chunked_)
        target = std::min<std::uint64_t>(target, std::max<std::uint64_t>(wanted, size_ + remaining_ + spare));
    body_.reserve(target);
}

BodyReader::Room BodyReader::room(std::size_t wanted) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, remaining_));
    make_room(size);
    body_.resize(size_ + size);
    return {body_.data() + size_, size};
}

bool BodyReader::received(std::size_t count) {
    size_ += count;
    remaining_ -= count;
    body_.resize(size_);
    return remaining_ == 0;
}

std::string BodyReader::take() {
    body_.resize(size_);
    if (body_.capacity() < size_ + spare) body_.reserve(size_ + spare);
    return std::exchange(body_, {});
}

Result<bool> BodyReader::feed(std::string_view& bytes) {
    return chunked_ ? feed_chunked(bytes) : feed_length(bytes);
}

Result<bool> BodyReader::feed_length(std::string_view& bytes) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_));
    make_room(part);
    body_.append(bytes.data(), part);
    bytes.remove_prefix(part);
    size_ += part;
    remaining_ -= part;
    return remaining_ == 0;
}

Error BodyReader::framing_error(char c) const {
    if (c == '\n') return bad("a line of the chunked body ends without a carriage return");
    switch (state_) {
        case State::size_first:
        case State::size:
        case State::before_extension: return bad("a chunk's size is not a hexadecimal number");
        case State::extension: return bad("a chunk's extension contains a control character");
        case State::data_cr:
        case State::data_lf: return bad("a chunk is longer than its size");
        case State::trailer_first:
        case State::trailer_name:
        case State::trailer_value: return bad("a trailer of the chunked body is malformed");
        default: return bad("a line of the chunked body is malformed");
    }
}

Result<bool> BodyReader::feed_chunked(std::string_view& bytes) {
    while (!bytes.empty()) {
        if (state_ == State::data) {
            const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_));
            make_room(part);
            body_.append(bytes.data(), part);
            bytes.remove_prefix(part);
            size_ += part;
            remaining_ -= part;
            if (remaining_ == 0) state_ = State::data_cr;
            continue;
        }
        const char c = bytes.front();
        bytes.remove_prefix(1);
        switch (state_) {
            case State::size_first:
                remaining_ = 0;
                digits_ = 0;
                if (hex_value(c) < 0) return framing_error(c);
                state_ = State::size;
                [[fallthrough]];
            case State::size:
                if (const int value = hex_value(c); value >= 0) {
                    if (++digits_ > max_digits) return bad("a chunk's size has too many digits");
                    remaining_ = remaining_ * 16 + static_cast<unsigned>(value);
                    continue;
                }
                [[fallthrough]];
            case State::before_extension:
                if (c == '\r' && state_ == State::size) {
                    state_ = State::size_lf;
                } else if (c == ';') {
                    state_ = State::extension;
                } else if (c == ' ' || c == '\t') {
                    state_ = State::before_extension;
                } else {
                    return framing_error(c);
                }
                break;
            case State::extension:
                if (c == '\r')
                    state_ = State::size_lf;
                else if (!is_text(c))
                    return framing_error(c);
                break;
            case State::size_lf:
                if (c != '\n') return framing_error(c);
                if (remaining_ > limit_ - size_)
                    return Error{ErrorKind::too_large,
                                 "the body is larger than " + std::to_string(limit_) + " bytes"};
                state_ = remaining_ == 0 ? State::trailer_first : State::data;
                continue;
            case State::data_cr:
                if (c != '\r') return framing_error(c);
                state_ = State::data_lf;
                continue;
            case State::data_lf:
                if (c != '\n') return framing_error(c);
                state_ = State::size_first;
                continue;
            case State::trailer_first:
                if (c == '\r') {
                    state_ = State::end_lf;
                    continue;
                }
                if (!is_token({&c, 1})) return framing_error(c);
                state_ = State::trailer_name;
                break;
            case State::trailer_name:
                if (c == ':')
                    state_ = State::trailer_value;
                else if (!is_token({&c, 1}))
                    return framing_error(c);
                break;
            case State::trailer_value:
                if (c == '\r')
                    state_ = State::trailer_lf;
                else if (!is_text(c))
                    return framing_error(c);
                break;
            case State::trailer_lf:
                if (c != '\n') return framing_error(c);
                state_ = State::trailer_first;
                break;
            case State::end_lf:
                if (c != '\n') return framing_error(c);
                return true;
            case State::data: break;  // handled above
        }
        if (++overhead_ > max_overhead) return bad("the chunked body has too many extensions or trailers");
    }
    return false;
}

}  // namespace gatehouse::core
