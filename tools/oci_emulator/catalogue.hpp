// SPDX-License-Identifier: Apache-2.0
// The models that the emulated service has, and the manners of their vendors
// (reference, section 7).  Constant tables: [any thread].
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::emulator {

enum class ApiFormat { generic, cohere, cohere_v2 };

/// Who made a model: it decides the shape of the events and of tool calls.
enum class Vendor { meta, xai, google, openai, gpt_oss, cohere, imported };

struct Model {
    std::string id;  // as the request names it
    Vendor vendor = Vendor::meta;
    ApiFormat format = ApiFormat::generic;

    // What it refuses, although the API has the field.
    bool no_max_tokens = false;  // wants maxCompletionTokens
    bool no_sampling = false;    // temperature and topP must be 1 or left out
    bool no_stop = false;        // nor penalties
    bool no_reasoning_effort = false;
    bool one_call_per_turn = false;  // no parallel calls in one assistant message
    bool always_reasons = false;     // shows its reasoning without being asked
    bool can_reason = false;         // shows it when reasoningEffort asks for it
};

/// A model for on-demand use by name or OCID, or nothing: 404.
std::optional<Model> find_model(std::string_view id);

/// The model behind a dedicated endpoint, or nothing: 404.
std::optional<Model> find_endpoint(std::string_view ocid);

/// Whether `text` has the form of an OCID of the given kind, "compartment" for instance.
bool is_ocid(std::string_view text, std::string_view kind);

}  // namespace gatehouse::emulator
