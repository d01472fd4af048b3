// SPDX-License-Identifier: Apache-2.0
// What is known of the vendors' models by the beginning of their names: the
// format they speak and their manners (reference, section 7), as a table that
// the `models` keys of the configuration override.  Constant data: any thread.
#pragma once

#include "plugins/provider/oci/fields.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::oci {

/// What a model is spoken to in.  The last two are no chats.
enum class Format { generic, cohere, coherev2, embed, rerank };

struct Family {
    std::string_view prefix;  // of the model's name; empty: all others
    Format format = Format::generic;
    /// Takes maxCompletionTokens and refuses maxTokens.
    bool max_completion_tokens = false;
    /// Knows the role DEVELOPER; others get SYSTEM.
    bool developer = false;
    /// Wants every tool call in a turn of its own, its result right behind it.
    bool sequential_tools = false;
    /// Calls tools.
    bool tools = true;
    /// Knows exclusiveMinimum and exclusiveMaximum in schemas.
    bool exclusive_bounds = true;
    /// Refused by these models, so never sent.
    FieldSet drop = {};
    std::int64_t context_window = 0;  // tokens; 0: not known
    /// Of models for embeddings: the size of the vectors can be chosen, and texts
    /// and images can be asked for together.
    bool dimensions = false, mixed = false;
    /// A higher limit of an answer is refused on demand; 0: none is.
    std::int64_t max_tokens_cap = 0;
};

/// The row with the longest prefix of `name`; OCIDs and unknown names get the last one.
const Family& family_of(std::string_view name);

/// "GENERIC", as OCI and messages call a format.
std::string_view name_of(Format format);

}  // namespace gatehouse::oci
