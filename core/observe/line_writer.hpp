// SPDX-License-Identifier: Apache-2.0
// Writes whole lines to a descriptor, and counts the lines that cannot be written.
//
// A line that was written in part is cut off again if the file allows it.  Otherwise the next line begins
// after a line end.  The first line that can be written again follows a line about the loss.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// The lines of one log that were lost.  The sinks of the log share it, so a new file keeps the count.
/// [any thread]
struct LostLines {
    std::atomic<std::uint64_t> total = 0;
    std::atomic<std::uint64_t> unreported = 0;  // that the log has no line about yet
    std::atomic<int> reason = 0;                // errno of the last loss
};

/// One thread at a time.
class LineWriter {
public:
    /// Returns the line about `count` lost lines, with its line end.
    using Report = std::function<std::string(std::uint64_t count, int reason)>;

    LineWriter(LostLines& lost, Report report) : lost_(lost), report_(std::move(report)) {}

    /// Whether the file ends within a line, so that the next line needs a line end before it.
    void continue_line(bool torn) { torn_ = torn; }

    /// Writes `lines`, each with its line end.  Returns errno if any of them was lost, otherwise 0.
    int write(int descriptor, std::string_view lines);

private:
    LostLines& lost_;
    const Report report_;
    bool torn_ = false;
};

/// Whether a regular file has a last line without a line end.  False if it cannot be read.
bool ends_within_line(const std::string& file);

}  // namespace gatehouse::core
