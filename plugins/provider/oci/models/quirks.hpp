// SPDX-License-Identifier: Apache-2.0
// Fields that a model has refused, and its name of the token limit.  A plain value.
#pragma once

#include "plugins/common/upstream/learned_quirks.hpp"
#include "plugins/provider/oci/models/fields.hpp"

#include <optional>

namespace gatehouse::oci {

struct Quirks {
    FieldSet drop = {};
    std::optional<bool> max_completion_tokens = {};

    void add(const Quirks& more) {
        drop.add(more.drop);
        if (more.max_completion_tokens) max_completion_tokens = more.max_completion_tokens;
    }
};

using LearnedQuirks = upstream::LearnedQuirks<Quirks>;

}  // namespace gatehouse::oci
