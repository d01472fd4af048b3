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

/// The vendor of a model, which determines the form of events and tool calls.
enum class Vendor { meta, xai, google, openai, gpt_oss, cohere, imported };

struct Model {
    std::string id = {};  // name in the request
    Vendor vendor = Vendor::meta;
    ApiFormat format = ApiFormat::generic;
    Operation operation = Operation::chat;
    bool any_operation = false;  // an unknown OCID
    bool dedicated = false;

    // Fields of the API that the model refuses.
    bool no_max_tokens = false;  // requires maxCompletionTokens
    bool no_sampling = false;    // temperature and topP must be 1 or absent
    bool no_stop = false;        // refuses penalties too
    bool no_reasoning_effort = false;
    bool one_call_per_turn = false;  // no parallel calls in one assistant message
    bool always_reasons = false;     // always shows its reasoning
    bool can_reason = false;         // shows its reasoning if reasoningEffort requests it

    bool responses_only = false;  // chats only by the Responses API

    // Only for embeddings.
    int dimensions = 1024;
    bool chooses_dimensions = false;  // outputDimensions, embedContents
    int most_tokens = 512;            // maximum tokens of a text
};

/// OCIDs, and the names of the models behind them.
using ModelNames = std::map<std::string, std::string, std::less<>>;

/// Returns an on-demand model by name or OCID, or nothing for 404.
std::optional<Model> find_model(std::string_view id, const ModelNames& names = {});

/// Returns the model behind a dedicated endpoint, or nothing for 404.
std::optional<Model> find_endpoint(std::string_view ocid, const ModelNames& names = {});

/// A base model in the control plane's list.
struct CatalogueEntry {
    std::string_view name;
    Operation operation = Operation::chat;
    bool retired = false;  // not available on demand, but still ACTIVE
};

const std::vector<CatalogueEntry>& catalogue();

/// Returns a base model's OCID, which depends on the name and the region.
std::string model_ocid(std::string_view name, std::string_view region);

/// Whether `text` has the form of an OCID of the given kind, "compartment" for instance.
bool is_ocid(std::string_view text, std::string_view kind);

}  // namespace gatehouse::emulator
