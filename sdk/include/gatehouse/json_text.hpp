// SPDX-License-Identifier: Apache-2.0
// JSON that the core never reads, kept as text.  These headers therefore need only the
// standard library.  A plain value.
#pragma once

#include <string>

namespace gatehouse {

/// Valid JSON, kept as received: a tool's schema, unknown fields.
/// Empty: absent or null.
struct JsonText {
    std::string text = {};
    bool empty() const { return text.empty(); }
};

}  // namespace gatehouse
