// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/oci/guardrails.hpp"

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::oci_guardrails {

namespace {

using namespace upstream;

void write_input(JsonWriter& json, const Input& input, const Rules& rules) {
    json.begin_object();
    if (input.image_url.empty()) {
        json.member("type", "TEXT").member("content", input.text);
        if (!rules.language.empty()) json.member("languageCode", rules.language);
    } else {
        json.member("type", "IMAGE")
            .key("imageUrl")
            .begin_object()
            .member("url", input.image_url)
            .end_object();
    }
    json.end_object();
}

void write_list(JsonWriter& json, std::string_view config, std::string_view name,
                const std::vector<std::string>& words) {
    if (words.empty()) return;
    json.key(config).begin_object().key(name).begin_array();
    for (const std::string& word : words) json.value(word);
    json.end_array().end_object();
}

Error bad(std::string_view what) { return garbage("OCI", what); }

Result<Score> read_score(dom::element element) {
    const auto entry = object(element);
    if (!entry) return bad("a result of the guardrails is not an object");
    const auto value = member(*entry, "score");
    const auto found = value ? number(*value) : std::nullopt;
    if (!found) return bad("a result of the guardrails has no score");
    Score score{.name = std::string(string_member(*entry, "name")), .score = *found};
    if (const auto list = array_member(*entry, "flaggedModalities"))
        for (const dom::element one : *list)
            if (const auto word = string(one)) score.modalities.emplace_back(*word);
    return score;
}

Result<void> read_categories(dom::element moderation, Findings& findings) {
    const auto result = object(moderation);
    const auto list = result ? array_member(*result, "categories") : std::nullopt;
    if (!list) return bad("contentModeration has no categories");
    for (const dom::element element : *list) {
        auto score = read_score(element);
        if (!score) return score.error();
        findings.categories.push_back(*std::move(score));
    }
    return {};
}

Result<void> read_personal(dom::element value, Findings& findings) {
    const auto list = array(value);
    if (!list) return bad("personallyIdentifiableInformation is not an array");
    for (const dom::element element : *list) {
        const auto entry = object(element);
        if (!entry || string_member(*entry, "text").empty())
            return bad("an entry of personallyIdentifiableInformation has no text");
        const auto score = member(*entry, "score");
        findings.personal.push_back({.offset = integer_member(*entry, "offset").value_or(0),
                                     .length = integer_member(*entry, "length").value_or(0),
                                     .text = std::string(string_member(*entry, "text")),
                                     .label = std::string(string_member(*entry, "label")),
                                     .score = score ? number(*score).value_or(0) : 0});
    }
    return {};
}

}  // namespace

std::string write_request(const std::vector<Input>& inputs, const Rules& rules,
                          std::string_view compartment_id) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("compartmentId", compartment_id);
    if (inputs.size() == 1 && inputs.front().image_url.empty()) {
        json.key("input");
        write_input(json, inputs.front(), rules);
    } else {
        json.key("multimodalInput").begin_array();
        for (const Input& input : inputs) write_input(json, input, rules);
        json.end_array();
    }
    json.key("guardrailConfigs").begin_object();
    write_list(json, "contentModerationConfig", "categories", rules.categories);
    write_list(json, "personallyIdentifiableInformationConfig", "types", rules.personal_types);
    if (rules.prompt_injection) json.key("promptInjectionConfig").begin_object().end_object();
    json.end_object();
    if (!rules.version.empty())
        json.key("guardrailVersionConfig")
            .begin_object()
            .member("guardrailVersion", rules.version)
            .end_object();
    json.end_object();
    return out;
}

bool Findings::moderated() const {
    return std::ranges::any_of(categories, [](const Score& score) { return score.flagged(); });
}

Result<Findings> read_result(std::string& body) {
    const auto tree = Tree::parse(body);
    const auto top = tree ? object(tree->root()) : std::nullopt;
    const auto results = top ? object_member(*top, "results") : std::nullopt;
    if (!results) return bad("it has no results of the guardrails");
    Findings findings;
    if (const auto moderation = member(*results, "contentModeration"))
        if (auto read = read_categories(*moderation, findings); !read) return read.error();
    if (const auto personal = member(*results, "personallyIdentifiableInformation"))
        if (auto read = read_personal(*personal, findings); !read) return read.error();
    if (const auto injection = member(*results, "promptInjection")) {
        auto score = read_score(*injection);
        if (!score) return score.error();
        findings.injection = *std::move(score);
    }
    if (const auto version = object_member(*top, "guardrailVersion"))
        findings.version = string_member(*version, "version");
    return findings;
}

}  // namespace gatehouse::oci_guardrails
