// SPDX-License-Identifier: Apache-2.0
// The first warnings of a kind, and the number of the others.  [main thread]
#pragma once

#include "core/config/file.hpp"
#include "core/config/mistakes.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace gatehouse::core {

class BoundedWarnings {
public:
    /// The arguments must outlive it.  `others` follows the number of the others: "more routes".
    BoundedWarnings(const ConfigFile& file, const SourceLocation& table, std::string others,
                    Mistakes& mistakes)
        : file_(file), table_(table), others_(std::move(others)), mistakes_(mistakes) {}

    void add(const SourceLocation& at, const std::string& message) {
        if (++count_ <= most) mistakes_.warn(file_.error(at, message));
    }
    /// Whether the text of the next warning is used.
    bool has_room() const { return count_ < most; }
    /// To be called at the end.
    void finish() {
        if (count_ > most)
            mistakes_.warn(file_.error(table_, "and " + std::to_string(count_ - most) + " " + others_));
    }

private:
    static constexpr std::size_t most = 20;
    const ConfigFile& file_;
    const SourceLocation table_;
    const std::string others_;
    Mistakes& mistakes_;
    std::size_t count_ = 0;
};

}  // namespace gatehouse::core
