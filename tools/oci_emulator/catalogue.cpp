// SPDX-License-Identifier: Apache-2.0
// Names of models: exact ones, and families whose variants change monthly.
#include "tools/oci_emulator/catalogue.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::emulator {

namespace {

// A star at the end stands for any rest, the empty one included.
constexpr std::array<std::string_view, 43> names = {"cohere.command-a-03-2025",
                                                    "cohere.command-r-08-2024",
                                                    "cohere.command-r-plus-08-2024",
                                                    "cohere.command-latest",
                                                    "cohere.command-plus-latest",
                                                    "cohere.command-a-vision",
                                                    "cohere.command-a-vision-07-2025",
                                                    "cohere.command-a-reasoning",
                                                    "cohere.command-a-reasoning-08-2025",
                                                    "meta.llama-3.1-70b-instruct",
                                                    "meta.llama-3.1-405b-instruct",
                                                    "meta.llama-3.2-11b-vision-instruct",
                                                    "meta.llama-3.2-90b-vision-instruct",
                                                    "meta.llama-3.3-70b-instruct",
                                                    "meta.llama-4-scout-17b-16e-instruct",
                                                    "meta.llama-4-maverick-17b-128e-instruct-fp8",
                                                    "xai.grok-3",
                                                    "xai.grok-3-fast",
                                                    "xai.grok-3-mini",
                                                    "xai.grok-3-mini-fast",
                                                    "xai.grok-4",
                                                    "xai.grok-4-fast-reasoning",
                                                    "xai.grok-4-fast-non-reasoning",
                                                    "xai.grok-4-1-fast-reasoning",
                                                    "xai.grok-4-1-fast-non-reasoning",
                                                    "xai.grok-code-fast-1",
                                                    "xai.grok-4.20-0309-reasoning",
                                                    "xai.grok-4.20-0309-non-reasoning",
                                                    "xai.grok-4.3",
                                                    "google.gemini-2.5-pro",
                                                    "google.gemini-2.5-flash",
                                                    "google.gemini-2.5-flash-lite",
                                                    "openai.gpt-oss-120b",
                                                    "openai.gpt-oss-20b",
                                                    "openai.gpt-4.1",
                                                    "openai.gpt-4.1-mini",
                                                    "openai.gpt-4.1-nano",
                                                    "openai.gpt-4o*",
                                                    "openai.gpt-5*",
                                                    "openai.gpt-audio*",
                                                    "openai.o1*",
                                                    "openai.o3*",
                                                    "openai.o4-mini*"};

bool listed(std::string_view id) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        return name.ends_with('*') ? id.starts_with(name.substr(0, name.size() - 1)) : id == name;
    });
}

void give_manners_of_openai(Model& model) {
    model.vendor = Vendor::openai;
    model.no_max_tokens = true;
    model.no_sampling = model.id.starts_with("openai.gpt-5") || model.id.starts_with("openai.o");
}

void give_manners_of_xai(Model& model) {
    model.vendor = Vendor::xai;
    const bool grok_4 = model.id.starts_with("xai.grok-4"), mini = model.id.starts_with("xai.grok-3-mini");
    model.no_stop = grok_4 || mini || model.id.starts_with("xai.grok-code");
    model.no_reasoning_effort = grok_4;
    model.can_reason = mini;
    model.always_reasons = model.id.ends_with("-reasoning") && !model.id.ends_with("-non-reasoning");
}

}  // namespace

std::optional<Model> find_model(std::string_view id) {
    Model model{.id = std::string(id)};
    if (is_ocid(id, "generativeaimodel")) return model;
    if (!listed(id)) return std::nullopt;
    if (id.starts_with("cohere.")) {
        model.vendor = Vendor::cohere;
        model.format =
            id.starts_with("cohere.command-a-vision") || id.starts_with("cohere.command-a-reasoning")
                ? ApiFormat::cohere_v2
                : ApiFormat::cohere;
    } else if (id.starts_with("openai.gpt-oss")) {
        model.vendor = Vendor::gpt_oss;
        model.can_reason = true;
    } else if (id.starts_with("openai.")) {
        give_manners_of_openai(model);
    } else if (id.starts_with("xai.")) {
        give_manners_of_xai(model);
    } else if (id.starts_with("google.")) {
        model.vendor = Vendor::google;
        model.one_call_per_turn = true;
    }
    return model;
}

std::optional<Model> find_endpoint(std::string_view ocid) {
    if (!is_ocid(ocid, "generativeaiendpoint")) return std::nullopt;
    return Model{.id = std::string(ocid), .vendor = Vendor::imported};
}

bool is_ocid(std::string_view text, std::string_view kind) {
    // ocid1.<kind>.<realm>.[region].<unique>, and nothing but letters, digits, dots, - and _.
    const std::string prefix = "ocid1." + std::string(kind) + ".";
    if (!text.starts_with(prefix)) return false;
    const std::string_view rest = text.substr(prefix.size());
    return std::count(rest.begin(), rest.end(), '.') >= 2 && !rest.ends_with('.') && !rest.starts_with('.') &&
           std::all_of(rest.begin(), rest.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

}  // namespace gatehouse::emulator
