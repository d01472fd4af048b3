// SPDX-License-Identifier: Apache-2.0
// Facts about one model in the service's model discovery (PROTOCOL.md, section 1.5).  Plain values,
// and functions without state: any thread.
#pragma once

#include "plugins/provider/oci/models/fields.hpp"
#include "plugins/provider/oci/models/model.hpp"
#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/json_text.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct ModelFacts {
    std::string vendor = {};
    bool chats = false, embeds = false, ranks = false;
    /// The APIs of the OpenAI-compatible surface; only if `has_apis`.
    bool has_apis = false, completions = false, responses = false;
    enum class Access { unknown, hosted, proxied } access = Access::unknown;
    std::vector<std::string> regions = {};             // that serve it
    bool here = false, on_demand = false;              // in the region of the request
    std::string retires_on = {};                       // "2027-01-22": end of on-demand use there
    std::vector<std::string> replacements = {};        // models that the service recommends instead
    std::vector<std::string> input = {}, output = {};  // modalities, in lower case
    std::optional<std::int64_t> context_window = {}, max_output_tokens = {};
    FieldSet accepts = {};                                   // fields among its parameters
    bool max_tokens = false, max_completion_tokens = false;  // names of the limit among them

    /// Members for a client's list of models.
    JsonText for_clients() const;
};

/// Reads one item.  Members of an unexpected type are absent.  `region`: the id; empty if it is not known,
/// then every region counts.
ModelFacts read_discovered(dom::object item, std::string_view region);

/// Changes what the table of families says about `model` into what the service says.  Keys of the
/// configuration win.
void learn(Model& model, const ModelFacts& facts);

}  // namespace gatehouse::oci
