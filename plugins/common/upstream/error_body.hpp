// SPDX-License-Identifier: Apache-2.0
// Reads error bodies in several formats: OCI's own, a vendor's JSON inside a string of it,
// OpenAI's, OpenRouter's `metadata.raw`, FastAPI's `detail`, lists of errors, or plain text
// (plugins/provider/oci/PROTOCOL.md, sections 5.1 and 5.3). Functions without state: any thread.
#pragma once

#include "plugins/common/upstream/text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

struct ErrorBody {
    /// The innermost text, on one line, shortened, without credentials.  Empty if no text may
    /// be shown.
    std::string message = {};
    /// The innermost error code: "unsupported_value", "NotAuthenticated".
    std::string code = {};
    std::string type = {};   // the innermost type: "rate_limit_error"
    std::string param = {};  // the field at fault, in the upstream's spelling
    int status = 0;          // status in the body; 0 if absent
    /// Whether the code or the type says that the prompt is too long.
    bool context_length = false;
    /// The context window in tokens, if the body has it as a member.
    std::optional<std::int64_t> limit = {};
};

ErrorBody read_error_body(std::string_view body);

/// `text` on one line, without credentials, of at most `most` bytes.
std::string presentable(std::string_view text, std::size_t most = 1000);

/// A client's text for a message: presentable, short, in quotes.
inline std::string shown(std::string_view text) { return in_quotes(presentable(text, 200)); }

}  // namespace gatehouse::upstream
