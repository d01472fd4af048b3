// SPDX-License-Identifier: Apache-2.0
// Token counts of a response.  The API counts tokens from its cache separately.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/tree.hpp"
#include "plugins/provider/anthropic/member_list.hpp"

#include <gatehouse/event.hpp>

#include <cstdint>
#include <optional>

namespace gatehouse::anthropic {

class TokenCounts {
public:
    /// Reads the member `usage`, if present.  Counts are cumulative; the last ones are kept.
    void read(upstream::dom::object from);
    /// All tokens of the prompt.  Returns nothing if they are not known.
    std::optional<std::int64_t> prompt() const;
    /// Returns nothing if there were no counts.
    std::optional<Usage> total() const;

private:
    std::optional<std::int64_t> input_, output_, cache_read_, cache_creation_, thinking_;
    MemberList extra_, output_extra_;
};

}  // namespace gatehouse::anthropic
