// SPDX-License-Identifier: Apache-2.0
// Prints the findings: each once, the most severe first.  [main thread]
#pragma once

#include "core/plugin_check/finding.hpp"

namespace gatehouse::core::plugin_check {

struct Summary {
    std::size_t errors = 0, warnings = 0, notes = 0;
};

/// Prints every finding of `record`, those that differ by their context only as one.
Summary print(const Record& record);

/// The same as one JSON object, with the facts about the library.
Summary print_json(const std::string& library, const Record& record);

}  // namespace gatehouse::core::plugin_check
