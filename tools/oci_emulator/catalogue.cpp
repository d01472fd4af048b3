// SPDX-License-Identifier: Apache-2.0
// Names of models: exact ones, and families whose variants change monthly.
#include "tools/oci_emulator/catalogue.hpp"

#include "tools/oci_emulator/encoding.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::emulator {

namespace {

// Prefixes of further models.  Each name with such a prefix is a model, but is not
// listed.
constexpr std::array<std::string_view, 7> families = {
    "openai.gpt-4o", "openai.gpt-5",   "openai.gpt-audio",         "openai.o1",
    "openai.o3",     "openai.o4-mini", "xai.grok-4.20-multi-agent"};

std::vector<CatalogueEntry> make_catalogue() {
    std::vector<CatalogueEntry> all;
    for (std::string_view name : {"cohere.command-a-03-2025",
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
                                  "openai.gpt-4o",
                                  "openai.gpt-5",
                                  "openai.gpt-5-mini",
                                  "openai.gpt-5.4",
                                  "openai.o3",
                                  "openai.o4-mini"})
        all.push_back({name});
    for (std::string_view name :
         {"cohere.embed-v4.0", "cohere.embed-english-v3.0", "cohere.embed-multilingual-v3.0",
          "cohere.embed-english-light-v3.0", "cohere.embed-multilingual-light-v3.0",
          "cohere.embed-english-image-v3.0", "cohere.embed-multilingual-image-v3.0",
          "cohere.embed-english-light-image-v3.0", "cohere.embed-multilingual-light-image-v3.0"})
        all.push_back({name, Operation::embed});
    for (std::string_view name : {"cohere.rerank-v3.5", "cohere.rerank-v4.0-fast",
                                  "cohere.rerank-multilingual-v3.1", "cohere.rerank-english-v3.1"})
        all.push_back({name, Operation::rerank});
    for (std::string_view name : {"cohere.command-r-16k", "cohere.command-r-plus", "cohere.command",
                                  "cohere.command-light", "meta.llama-3-70b-instruct"})
        all.push_back({name, Operation::chat, true});
    return all;
}

const CatalogueEntry* listed(std::string_view name) {
    const auto& all = catalogue();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

void set_limits_of_openai(Model& model, std::string_view name) {
    model.vendor = Vendor::openai;
    model.no_max_tokens = true;
    model.no_sampling = name.starts_with("openai.gpt-5") || name.starts_with("openai.o");
}

void set_limits_of_xai(Model& model, std::string_view name) {
    model.vendor = Vendor::xai;
    const bool grok_4 = name.starts_with("xai.grok-4"), mini = name.starts_with("xai.grok-3-mini");
    model.no_stop = grok_4 || mini || name.starts_with("xai.grok-code");
    model.no_reasoning_effort = grok_4;
    model.responses_only = name.starts_with("xai.grok-4.20-multi-agent");
    model.can_reason = mini;
    model.always_reasons = name.ends_with("-reasoning") && !name.ends_with("-non-reasoning");
}

void set_limits_of_cohere(Model& model, std::string_view name) {
    model.vendor = Vendor::cohere;
    const bool reasons = name.starts_with("cohere.command-a-reasoning");
    model.format =
        reasons || name.starts_with("cohere.command-a-vision") ? ApiFormat::cohere_v2 : ApiFormat::cohere;
    model.always_reasons = reasons;
    if (name.find("light") != std::string_view::npos) model.dimensions = 384;
    if (name != "cohere.embed-v4.0") return;
    model.dimensions = 1536;
    model.chooses_dimensions = true;
    model.most_tokens = 128'000;
}

std::optional<Model> named(std::string_view name) {
    const CatalogueEntry* entry = listed(name);
    const bool variant = std::any_of(families.begin(), families.end(),
                                     [&](std::string_view family) { return name.starts_with(family); });
    if (entry ? entry->retired : !variant) return std::nullopt;
    Model model{.id = std::string(name)};
    if (entry) model.operation = entry->operation;
    if (name.starts_with("cohere.")) {
        set_limits_of_cohere(model, name);
    } else if (name.starts_with("openai.gpt-oss")) {
        model.vendor = Vendor::gpt_oss;
        model.can_reason = true;
    } else if (name.starts_with("openai.")) {
        set_limits_of_openai(model, name);
    } else if (name.starts_with("xai.")) {
        set_limits_of_xai(model, name);
    } else if (name.starts_with("google.")) {
        model.vendor = Vendor::google;
        model.one_call_per_turn = true;
    }
    return model;
}

// Returns the name of a base model by its OCID in any region, or an empty view.
std::string_view name_behind(std::string_view ocid) {
    constexpr std::string_view prefix = "ocid1.generativeaimodel.oc1.";
    if (!ocid.starts_with(prefix)) return {};
    const std::string_view region = ocid.substr(prefix.size(), ocid.rfind('.') - prefix.size());
    for (const CatalogueEntry& entry : catalogue())
        if (model_ocid(entry.name, region) == ocid) return entry.name;
    return {};
}

}  // namespace

const std::vector<CatalogueEntry>& catalogue() {
    static const std::vector<CatalogueEntry> all = make_catalogue();
    return all;
}

std::string model_ocid(std::string_view name, std::string_view region) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
    std::string unique = "amaaaaaa";
    const std::string digest = sha256(std::string(region) + "/" + std::string(name)) +
                               sha256(std::string(name) + "/" + std::string(region));
    for (std::size_t i = 0; i < 52; ++i) unique += letters[static_cast<unsigned char>(digest[i]) % 32];
    return "ocid1.generativeaimodel.oc1." + std::string(region) + "." + unique;
}

std::optional<Model> find_model(std::string_view id, const ModelNames& names) {
    std::optional<Model> model;
    if (const auto told = names.find(id); told != names.end())
        model = named(told->second);
    else if (const std::string_view name = name_behind(id); !name.empty())
        model = named(name);
    else if (is_ocid(id, "generativeaimodel"))
        model = Model{.any_operation = true};
    else
        model = named(id);
    if (model) model->id = id;
    return model;
}

std::optional<Model> find_endpoint(std::string_view ocid, const ModelNames& names) {
    if (!is_ocid(ocid, "generativeaiendpoint")) return std::nullopt;
    const auto told = names.find(ocid);
    std::optional<Model> model =
        told == names.end() ? Model{.vendor = Vendor::imported, .any_operation = true} : named(told->second);
    if (!model) return std::nullopt;
    model->id = ocid;
    model->dedicated = true;
    return model;
}

bool is_ocid(std::string_view text, std::string_view kind) {
    // ocid1.<kind>.<realm>.[region].<unique>, with only letters, digits, dots, -
    // and _.
    const std::string prefix = "ocid1." + std::string(kind) + ".";
    if (!text.starts_with(prefix) || text.size() > 255) return false;
    const std::string_view rest = text.substr(prefix.size());
    return std::count(rest.begin(), rest.end(), '.') >= 2 && !rest.ends_with('.') && !rest.starts_with('.') &&
           std::all_of(rest.begin(), rest.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

}  // namespace gatehouse::emulator
