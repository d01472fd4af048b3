// SPDX-License-Identifier: Apache-2.0
// JSON that the core never looks into, kept as text, so that these headers need
// nothing but the standard library.  A plain value.
#pragma once

#include <string>

namespace gatehouse {

/// Valid JSON, kept as it was received: a tool's schema, unknown fields.
/// Empty: it was not there, or null.
struct JsonText {
    std::string text = {};
    bool empty() const { return text.empty(); }
};

}  // namespace gatehouse
