// SPDX-License-Identifier: Apache-2.0
// The models of the emulated service, and the peculiarities of their vendors
// (plugins/provider/oci/PROTOCOL.md, section 7).  Constant tables: [any thread].
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emulator {

enum class ApiFormat { generic, cohere, cohere_v2 };
enum class Operation { chat, embed, rerank };

/// Who made a model: it decides the shape of the events and of tool calls.
enum class Vendor { meta, xai, google, openai, gpt_oss, cohere, imported };

struct Model {
    std::string id = {};  // as the request names it
    Vendor vendor = Vendor::meta;
    ApiFormat format = ApiFormat::generic;
    Operation operation = Operation::chat;
    bool any_operation = false;  // an OCID that nobody has told us about
    bool dedicated = false;

    // What it refuses, although the API has the field.
    bool no_max_tokens = false;  // wants maxCompletionTokens
    bool no_sampling = false;    // temperature and topP must be 1 or left out
    bool no_stop = false;        // nor penalties
    bool no_reasoning_effort = false;
    bool one_call_per_turn = false;  // no parallel calls in one assistant message
    bool always_reasons = false;     // shows its reasoning without being asked
    bool can_reason = false;         // shows it when reasoningEffort asks for it

    // Of a model for embeddings.
    int dimensions = 1024;
    bool chooses_dimensions = false;  // outputDimensions, embedContents
    int most_tokens = 512;            // of a text
};

/// OCIDs, and the names of the models that stand behind them.
using ModelNames = std::map<std::string, std::string, std::less<>>;

/// A model for on-demand use by name or OCID, or nothing: 404.
std::optional<Model> find_model(std::string_view id, const ModelNames& names = {});

/// The model behind a dedicated endpoint, or nothing: 404.
std::optional<Model> find_endpoint(std::string_view ocid, const ModelNames& names = {});

/// A base model as the control plane lists it.
struct CatalogueEntry {
    std::string_view name;
    Operation operation = Operation::chat;
    bool retired = false;  // no longer on demand, though it stays ACTIVE
};

const std::vector<CatalogueEntry>& catalogue();

/// The OCID of a base model: the same for a name and a region, another in each region.
std::string model_ocid(std::string_view name, std::string_view region);

/// Whether `text` has the form of an OCID of the given kind, "compartment" for instance.
bool is_ocid(std::string_view text, std::string_view kind);

}  // namespace gatehouse::emulator
