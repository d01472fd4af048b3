// SPDX-License-Identifier: Apache-2.0
// The operation ApplyGuardrails of OCI Generative AI: its request and its result
// (plugins/provider/oci/PROTOCOL.md, sections 2.8 and 3.7).  Functions without state: any thread.
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci_guardrails {

/// Below an endpoint's base.
inline constexpr std::string_view path = "/20231130/actions/applyGuardrails";

/// The checks of a request.  An empty list leaves out its check.
struct Rules {
    std::vector<std::string> categories = {};      // for content moderation: "OVERALL", "BLOCKLIST"
    std::vector<std::string> personal_types = {};  // for personal data: "PERSON", "EMAIL", …
    bool prompt_injection = false;
    std::string version = {};   // version of the guardrails; empty: the service's default
    std::string language = {};  // code of the texts' language; empty: not sent
};

/// A text, or an image by its URL.
struct Input {
    std::string text = {}, image_url = {};
};

/// REQUIRES: `inputs` is not empty.  One text is sent in the older form, `input`.
std::string write_request(const std::vector<Input>& inputs, const Rules& rules,
                          std::string_view compartment_id);

struct Score {
    std::string name = {};                     // empty for prompt injection
    double score = 0;                          // 0 to 1; in practice one of these two
    std::vector<std::string> modalities = {};  // that were flagged: "TEXT", "IMAGE"; empty: not told

    bool flagged() const { return score >= 0.5; }
};
struct Personal {
    std::int64_t offset = 0, length = 0;  // unknown unit: use `text` to find it
    std::string text = {}, label = {};
    double score = 0;
};
struct Findings {
    std::vector<Score> categories = {};
    std::vector<Personal> personal = {};
    std::optional<Score> injection = {};
    std::string version = {};  // version of the guardrails; empty: not told

    /// Whether content moderation has flagged a category.
    bool moderated() const;
    bool injected() const { return injection && injection->flagged(); }
};

/// The error is `upstream`.  Members of a wrong type in a result are an error, because a check that was
/// not understood must not pass.
Result<Findings> read_result(std::string& body);

}  // namespace gatehouse::oci_guardrails
