// SPDX-License-Identifier: Apache-2.0
// Citations of a text block.  A function without state: any thread.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/event.hpp>

#include <optional>

namespace gatehouse::anthropic {

/// `native`: the client speaks the same protocol, so that all members are kept, also of a
/// citation without a URL and a title, which others cannot show.
std::optional<Citation> read_citation(upstream::dom::object citation, bool native);

}  // namespace gatehouse::anthropic
