// SPDX-License-Identifier: Apache-2.0
// A state machine with one state for each position where the input can be split.
#include "core/net/framing/chunk_reader.hpp"

#include "core/net/framing/token.hpp"

#include <algorithm>

namespace gatehouse::core {
namespace {

// Limits the bytes of extensions and trailers, in addition to the size of the body, because a
// long stream may have a short extension in each chunk.
constexpr std::size_t max_overhead = 16 * 1024;
constexpr int max_digits = 16;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_text(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

std::string_view ChunkReader::next(std::string_view& bytes) {
    while (!bytes.empty() && !fault_) {
        if (state_ == State::data) {
            const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_));
            const std::string_view piece = bytes.substr(0, part);
            bytes.remove_prefix(part);
            remaining_ -= part;
            data_ += part;
            if (remaining_ == 0) state_ = State::data_cr;
            return piece;
        }
        const char c = bytes.front();
        bytes.remove_prefix(1);
        take(c);
        if (state_ == State::data || state_ == State::complete) break;
    }
    return {};
}

void ChunkReader::take(char c) {
    switch (state_) {
        case State::size_first:
            if (hex_value(c) < 0) return refuse(c);
            remaining_ = 0;
            digits_ = 0;
            state_ = State::size;
            return take_size(c);
        case State::size: return take_size(c);
        case State::before_extension:
            if (c != ';' && c != ' ' && c != '\t') return refuse(c);
            return expensive(c == ';' ? State::extension : State::before_extension);
        case State::extension:
            if (c == '\r') {
                state_ = State::size_lf;
                return;
            }
            return is_text(c) ? expensive(State::extension) : refuse(c);
        case State::size_lf: return expect(c, '\n', remaining_ == 0 ? State::trailer_first : State::data);
        case State::data_cr: return expect(c, '\r', State::data_lf);
        case State::data_lf: return expect(c, '\n', State::size_first);
        case State::trailer_first:
            if (c == '\r') {
                state_ = State::end_lf;
                return;
            }
            return is_token({&c, 1}) ? expensive(State::trailer_name) : refuse(c);
        case State::trailer_name:
            if (c == ':') return expensive(State::trailer_value);
            return is_token({&c, 1}) ? expensive(State::trailer_name) : refuse(c);
        case State::trailer_value:
            if (c == '\r') return expensive(State::trailer_lf);
            return is_text(c) ? expensive(State::trailer_value) : refuse(c);
        case State::trailer_lf: return expect(c, '\n', State::trailer_first);
        case State::end_lf: return expect(c, '\n', State::complete);
        case State::data:
        case State::complete: return;  // handled in next(), not byte by byte
    }
}

void ChunkReader::take_size(char c) {
    if (const int value = hex_value(c); value >= 0) {
        if (++digits_ > max_digits) {
            fault_ = "a chunk's size has too many digits";
            return;
        }
        remaining_ = remaining_ * 16 + static_cast<unsigned>(value);
    } else if (c == '\r') {
        state_ = State::size_lf;
    } else if (c == ';') {
        expensive(State::extension);
    } else if (c == ' ' || c == '\t') {
        expensive(State::before_extension);
    } else {
        refuse(c);
    }
}

void ChunkReader::expect(char c, char wanted, State next) {
    if (c != wanted) return refuse(c);
    state_ = next;
}

void ChunkReader::expensive(State next) {
    state_ = next;
    if (++overhead_ > max_overhead + data_) fault_ = "the chunked body has too many extensions or trailers";
}

void ChunkReader::refuse(char c) {
    fault_ = [&] {
        if (c == '\n') return "a line of the chunked body ends without a carriage return";
        switch (state_) {
            case State::size_first:
            case State::size:
            case State::before_extension: return "a chunk's size is not a hexadecimal number";
            case State::extension: return "a chunk's extension contains a control character";
            case State::data_cr:
            case State::data_lf: return "a chunk is longer than its size";
            case State::trailer_first:
            case State::trailer_name:
            case State::trailer_value: return "a trailer of the chunked body is malformed";
            case State::size_lf:
            case State::data:
            case State::trailer_lf:
            case State::end_lf:
            case State::complete: break;
        }
        return "a line of the chunked body is malformed";
    }();
}

}  // namespace gatehouse::core
