// SPDX-License-Identifier: Apache-2.0
// Masks the body of an operation that only its dialect and its provider know.
// A plain function.  [any thread]
#pragma once

#include "plugins/hook/redact/rules.hpp"

namespace gatehouse::redact {

/// Masks JSON, text, and the fields of a form.  Files of a form and bodies of another
/// content type stay unchanged.
std::string masked_body(const Rules& rules, Tally& tally, std::string_view content_type, std::string body);

}  // namespace gatehouse::redact
