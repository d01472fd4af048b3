// SPDX-License-Identifier: Apache-2.0
// Table of the vendors' models by prefix of their names: format and capabilities
// (PROTOCOL.md, section 7).  The configuration's `models` keys override it.
// Constant data: any thread.
#pragma once

#include "plugins/provider/oci/models/fields.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::oci {

/// The format of a model's requests.  The last two are not chat formats.
enum class Format { generic, cohere, coherev2, embed, rerank };

struct Family {
    std::string_view prefix;  // prefix of the model's name; empty matches all others
    Format format = Format::generic;
    /// Accepts maxCompletionTokens and refuses maxTokens.
    bool max_completion_tokens = false;
    /// Accepts the role DEVELOPER.  Other models get SYSTEM.
    bool developer = false;
    /// Requires every tool call in a turn of its own, directly followed by its
    /// result.
    bool sequential_tools = false;
    /// Supports tools.
    bool tools = true;
    /// Accepts exclusiveMinimum and exclusiveMaximum in schemas.
    bool exclusive_bounds = true;
    /// Text for an assistant's turn with tool calls and no text; empty: no content.
    std::string_view empty_text = {};
    /// Never sent, because these models refuse them.
    FieldSet drop = {};
    std::int64_t context_window = 0;  // tokens; 0: unknown
    /// For embeddings: the client can choose the size of the vectors; texts and
    /// images may share a request.
    bool dimensions = false, mixed = false;
    /// The OpenAI-compatible surface has the Responses API for these models, or only that API.
    bool responses = false, responses_only = false;
    /// Runs inside Oracle's own service.
    bool hosted = false;
    /// Highest token limit that is accepted on demand; 0: no cap.
    std::int64_t max_tokens_cap = 0;
};

/// Returns the row with the longest prefix of `name`.  OCIDs and unknown names get
/// the last row.
const Family& family_of(std::string_view name);

/// Returns the format's name in OCI's requests and in messages, such as "GENERIC".
std::string_view name_of(Format format);

}  // namespace gatehouse::oci
