// SPDX-License-Identifier: Apache-2.0
// The capabilities of one model: its family's row, overridden by the
// configuration.  Models is immutable after the start: any thread.
#pragma once

#include "plugins/common/upstream/model_options.hpp"
#include "plugins/provider/oci/models/model_families.hpp"
#include "plugins/provider/oci/options.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// OCI's own operations, or its OpenAI-compatible ones.  `responses`: the model has only the Responses API.
enum class Surface { native, openai, responses };

/// Capabilities and defaults of a model for embeddings.
struct EmbeddingCapabilities {
    std::string input_type = {}, truncate = {};  // configured defaults
    std::size_t batch = 96;                      // maximum texts in one request
    bool dimensions = false;                     // the client can choose the size of the vectors
    bool mixed = false;                          // texts and images may share a request
};

struct Model {
    std::string id;  // name or OCID, as sent upstream
    Format format = Format::generic;
    bool known = false;  // the name or the configuration determines the format
    Surface surface = Surface::native;
    bool surface_given = false;        // by a key of this model
    bool surface_auto = false;         // the surface follows from the model
    bool limit_auto = true;            // the name of the token limit follows from it too
    std::optional<bool> proxied = {};  // served outside Oracle; nothing: not known
    bool hosting_given = false;        // by a key of this model
    bool routed = false;               // a routing profile, which chooses the region
    bool responses = false;            // the OpenAI-compatible surface has the Responses API for it
    bool dedicated = false;
    bool max_completion_tokens = false;
    bool developer = false;
    bool sequential_tools = false;
    bool tools = true;
    bool exclusive_bounds = true;
    bool send_reasoning = false;
    bool simulated_stream = false;
    std::int64_t max_tokens = 0;  // if the client sets no limit
    std::optional<std::int64_t> max_tokens_cap = {};
    std::optional<std::int64_t> context_window = {};
    std::optional<std::string> empty_text = {};  // for an assistant's turn without a text
    FieldSet drop = {};
    FieldSet own_drop = {};  // those of the configuration
    EmbeddingCapabilities embedding = {};
};

class Models {
public:
    /// Throws KeyError for invalid values that the keys' types do not exclude.
    explicit Models(const Options& options);

    Model find(std::string_view id) const;

private:
    std::int64_t max_tokens_;
    bool simulated_;
    std::string surface_, input_type_, truncate_;
    upstream::ModelOptionsTable<ModelOptions> special_;
};

}  // namespace gatehouse::oci
