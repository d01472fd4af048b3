// SPDX-License-Identifier: Apache-2.0
// Writes messages as items again, for the store.  It writes the messages as the hooks have left
// them, so that removed text is not kept.  Pure functions.  [any thread]
#pragma once

#include "plugins/dialect/openai/responses/facts.hpp"

#include <gatehouse/chat.hpp>

#include <string>
#include <vector>

namespace gatehouse::openai_dialect::responses {

/// The elements of an array, with ids of `facts`.  Tools that came as items are the first one.
std::string items_of(const std::vector<const Message*>& messages, const ResponseFacts& facts);

}  // namespace gatehouse::openai_dialect::responses
