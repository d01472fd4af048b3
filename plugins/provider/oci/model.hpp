// SPDX-License-Identifier: Apache-2.0
// One model as this instance talks to it: its family's manners, overridden by
// the configuration.  Models is made at start and only read afterwards: any thread.
#pragma once

#include "plugins/common/upstream/model_options.hpp"
#include "plugins/provider/oci/model_families.hpp"
#include "plugins/provider/oci/options.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// OCI's own operations, or those that speak OpenAI.
enum class Surface { native, openai };

/// How embeddings are asked for.
struct EmbeddingManners {
    std::string input_type = {}, truncate = {};  // where the client says nothing; as configured
    std::size_t batch = 96;                      // texts of one request
    bool dimensions = false;                     // the size of the vectors can be chosen
    bool mixed = false;                          // texts and images in one request
};

struct Model {
    std::string id;  // a name or an OCID, as it goes upstream
    Format format = Format::generic;
    bool known = false;  // the format is, by the name or by configuration
    Surface surface = Surface::native;
    bool surface_given = false;  // for this very model
    bool dedicated = false;
    bool max_completion_tokens = false;
    bool developer = false;
    bool sequential_tools = false;
    bool tools = true;
    bool exclusive_bounds = true;
    bool send_reasoning = false;
    bool simulated_stream = false;
    std::int64_t max_tokens = 0;  // when the client names none
    std::optional<std::int64_t> max_tokens_cap = {};
    std::optional<std::int64_t> context_window = {};
    std::optional<std::string> empty_text = {};  // for an assistant's turn without a text
    FieldSet drop = {};
    EmbeddingManners embedding = {};
};

class Models {
public:
    /// Throws KeyError for what the types of the keys did not show to be wrong.
    explicit Models(const Options& options);

    Model find(std::string_view id) const;

private:
    std::int64_t max_tokens_;
    bool simulated_;
    std::string surface_, input_type_, truncate_;
    upstream::ModelOptionsTable<ModelOptions> special_;
};

}  // namespace gatehouse::oci
