// SPDX-License-Identifier: Apache-2.0
#include "tools/oci_emulator/guardrails.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <string>
#include <vector>

namespace gatehouse::emulator {

namespace {

constexpr std::array<std::string_view, 2> versions = {"1.0", "2.0"};

Refusal check_guardrails(const Json& details) {
    static const Check input =
        tagged("type", {{"TEXT", {{"content", true, text()}, {"languageCode", false, text()}}},
                        {"IMAGE", {{"imageUrl", true, object({{"url", true, media_url()}})}}}});
    static const std::vector<FieldRule> rules = {
        {"compartmentId", true, text()},
        {"input", false, input},
        {"multimodalInput", false, some(input)},
        {"guardrailConfigs", true,
         object({{"contentModerationConfig", false,
                  object({{"categories", true, some(word({"OVERALL", "BLOCKLIST"}))}})},
                 {"personallyIdentifiableInformationConfig", false, object({{"types", true, some(text())}})},
                 {"promptInjectionConfig", false, object({})}})},
        {"guardrailVersionConfig", false, object({{"guardrailVersion", true, text()}})}};
    return check_object(details, "", rules);
}

bool has(std::string_view text, std::string_view word) { return text.find(word) != text.npos; }

struct Checked {
    std::string text;         // text of all inputs
    std::vector<Json> flags;  // modalities that a multimodal request flags
    bool multimodal = false;
};

Json score(const Checked& checked, std::string_view word) {
    const bool flagged = has(checked.text, word);
    Json out = {{"score", flagged ? 1.0 : 0.0}};
    if (checked.multimodal && flagged) out["flaggedModalities"] = checked.flags;
    return out;
}

Json personal_in(const std::string& text, const Json& types) {
    struct Row {
        const char* label;
        const char* pattern;
    };
    static const std::array rows = {Row{"EMAIL", R"([A-Za-z0-9._]+@[A-Za-z0-9.]+[A-Za-z])"},
                                    Row{"TELEPHONE_NUMBER", R"(\+[0-9][0-9 ]{6,14}[0-9])"},
                                    Row{"PERSON", "John Smith|Jane Doe"}};
    Json found = Json::array();
    for (const Row& row : rows) {
        if (std::ranges::count(types, Json(row.label)) == 0) continue;
        const std::regex pattern(row.pattern);
        for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
            found.push_back({{"length", at->length()},
                             {"offset", at->position()},
                             {"text", at->str()},
                             {"label", row.label},
                             {"score", 0.97}});
    }
    return found;
}

Checked read_inputs(const Json& details) {
    Checked checked;
    const auto add = [&](const Json& input) {
        checked.flags.emplace_back(string_member(input, "type"));
        checked.text += string_member(input, "content");
        checked.text += '\n';
    };
    if (const Json* input = member(details, "input")) {  // then multimodalInput is ignored
        add(*input);
        return checked;
    }
    checked.multimodal = true;
    for (const Json& input : details.at("multimodalInput")) add(input);
    return checked;
}

http::Response answer(const Json& tree) {
    return {{200, {{"content-type", "application/json"}}}, to_text(tree)};
}

}  // namespace

http::Response apply_guardrails(const Json& details, const RequestRules& rules) {
    if (auto refusal = check_guardrails(details)) return to_response(*refusal);
    if (!compartment_exists(string_member(details, "compartmentId"), rules))
        return to_response(usual_error(404));
    if (!member(details, "input") && !member(details, "multimodalInput"))
        return to_response(missing("input"));
    const Json& configs = details.at("guardrailConfigs");
    const Checked checked = read_inputs(details);
    Json results = Json::object();
    if (const Json* moderation = member(configs, "contentModerationConfig")) {
        Json categories = Json::array();
        for (const Json& name : moderation->at("categories")) {
            Json entry = {{"name", name}};
            entry.update(score(checked, name == "BLOCKLIST" ? "mock:blocklist" : "mock:toxic"));
            categories.push_back(std::move(entry));
        }
        results["contentModeration"] = {{"categories", std::move(categories)}};
    }
    if (const Json* personal = member(configs, "personallyIdentifiableInformationConfig"))
        results["personallyIdentifiableInformation"] = personal_in(checked.text, personal->at("types"));
    if (member(configs, "promptInjectionConfig"))
        results["promptInjection"] = score(checked, "ignore all previous instructions");
    Json out = {{"results", std::move(results)}};
    if (const Json* config = member(details, "guardrailVersionConfig")) {
        const std::string_view version = string_member(*config, "guardrailVersion");
        if (std::ranges::count(versions, version) == 0)
            return to_response(invalid("guardrailVersionConfig.guardrailVersion", "is not a known version"));
        out["guardrailVersion"] = {{"version", version}};
    }
    return answer(out);
}

http::Response list_guardrail_versions(std::string_view compartment, const RequestRules& rules) {
    if (compartment.empty()) return to_response(missing("opc-compartment-id"));
    if (!compartment_exists(compartment, rules)) return to_response(usual_error(404));
    Json items = Json::array();
    for (const std::string_view version : versions)
        items.push_back({{"guardrailVersion", version},
                         {"state", version == versions.back() ? "ACTIVE" : "DEPRECATED"},
                         {"description", "emulated"}});
    return answer({{"items", std::move(items)}});
}

}  // namespace gatehouse::emulator
