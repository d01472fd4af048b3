// SPDX-License-Identifier: Apache-2.0
// `encrypted_content` of a reasoning item: a thought in a form that a client keeps and sends
// back.  It contains the vendor's own signature or encryption, which protects it.  The text
// in it is the text of the item's summary.  Pure functions.  [any thread]
#pragma once

#include <gatehouse/chat.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

/// "gw1." and base64url.
std::string seal(const Thought& thought);

/// Returns nothing for the content of another gateway or vendor.
std::optional<Thought> unseal(std::string_view sealed);

}  // namespace gatehouse::openai_dialect::responses
