// SPDX-License-Identifier: Apache-2.0
// Cuts a body of JSON lines (NDJSON) into lines, wherever its bytes are cut.  A line ends in LF
// or CRLF.  Blank lines are skipped.  A line at the end of the body counts even without its LF.
// [one thread at a time]
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse {

class LineReader {
public:
    /// Maximum size of a line, in bytes.
    explicit LineReader(std::size_t max_line_bytes = 16 * 1024 * 1024) : limit_(max_line_bytes) {}

    /// Calls on_line(std::string_view) for each complete line.  The view is valid during the
    /// call.  False: a line exceeds the limit; feed no more.
    template <typename OnLine>
    [[nodiscard]] bool feed(std::string_view bytes, OnLine&& on_line) {
        while (!bytes.empty()) {
            const std::size_t end = bytes.find('\n');
            const std::string_view piece = bytes.substr(0, end);
            if (rest_.size() + piece.size() > limit_) return false;
            if (end == bytes.npos || !rest_.empty()) rest_ += piece;
            if (end == bytes.npos) return true;
            deliver(rest_.empty() ? piece : std::string_view(rest_), on_line);
            rest_.clear();
            bytes.remove_prefix(end + 1);
        }
        return true;
    }

    /// The body has ended.  Delivers a last line without its LF.
    template <typename OnLine>
    void finish(OnLine&& on_line) {
        deliver(rest_, on_line);
        rest_.clear();
    }

private:
    template <typename OnLine>
    static void deliver(std::string_view line, OnLine& on_line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t") != line.npos) on_line(line);
    }

    std::size_t limit_;
    std::string rest_;
};

}  // namespace gatehouse
