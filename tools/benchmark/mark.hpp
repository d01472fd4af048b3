// SPDX-License-Identifier: Apache-2.0
// The mark in each piece of text: when it was sent, so that the receiver
// knows its transit time, whatever format it has been translated to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::benchmark {

/// "@", the time in 19 digits, "@": characters that no JSON writer escapes.
inline constexpr std::size_t mark_size = 21;
inline constexpr char mark_edge = '@';

inline void write_mark(char* out, std::int64_t when_ns) {
    out[0] = out[mark_size - 1] = mark_edge;
    for (std::size_t i = mark_size - 2; i > 0; --i, when_ns /= 10)
        out[i] = static_cast<char>('0' + when_ns % 10);
}

/// Finds marks in a text that comes in pieces, however they are cut.
class MarkScanner {
public:
    template <typename Found>
    void take(std::string_view text, Found&& found) {
        while (!text.empty()) {
            if (digits_ == outside) {
                const std::size_t edge = text.find(mark_edge);
                if (edge == std::string_view::npos) return;
                text.remove_prefix(edge + 1);
                digits_ = 0;
                when_ns_ = 0;
                continue;
            }
            const char next = text.front();
            if (next >= '0' && next <= '9' && digits_ < mark_size - 2) {
                when_ns_ = when_ns_ * 10 + (next - '0');
                ++digits_;
            } else {
                const bool whole = next == mark_edge && digits_ == mark_size - 2;
                digits_ = outside;
                if (!whole) continue;  // this may be the edge of another one
                found(when_ns_);
            }
            text.remove_prefix(1);
        }
    }

private:
    static constexpr std::size_t outside = ~std::size_t{0};
    std::size_t digits_ = outside;
    std::int64_t when_ns_ = 0;
};

}  // namespace gatehouse::benchmark
