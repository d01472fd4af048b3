// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/models/discovery.hpp"

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/provider/oci/text.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace gatehouse::oci {

namespace {

using upstream::array_member;

template <typename Visit>
void for_each_word(dom::object from, std::string_view name, Visit&& visit) {
    const auto list = array_member(from, name);
    if (!list) return;
    for (const dom::element one : *list)
        if (const auto word = string(one)) visit(*word);
}

constexpr std::size_t most_words = 64;  // in a list; more are left out

void add_once(std::vector<std::string>& list, std::string word) {
    if (!word.empty() && list.size() < most_words && std::ranges::count(list, word) == 0)
        list.push_back(std::move(word));
}

void read_availability(dom::object place, std::string_view region, ModelFacts& out) {
    const std::string name = lower_case(string_member(place, "region"));
    add_once(out.regions, name);
    if (!region.empty() && name != region) return;
    out.here = true;
    for_each_word(place, "servingModes",
                  [&](std::string_view mode) { out.on_demand |= mode == "ON_DEMAND"; });
    const std::string_view retired = string_member(place, "timeOnDemandRetired").substr(0, 10);
    if (out.retires_on.empty() || (!retired.empty() && retired < out.retires_on)) out.retires_on = retired;
    for_each_word(place, "supportedReplacements",
                  [&](std::string_view model) { add_once(out.replacements, std::string(model)); });
}

/// The letters and digits of a parameter's name, in lower case.
std::string plain_name(std::string_view name) {
    std::string out;
    for (const char c : lower_case(name))
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    return out;
}

/// A number of at least 1.  The service writes limits as floats, and defaults as texts.
std::optional<std::int64_t> count_in(dom::object parameter, std::string_view name) {
    const auto found = member(parameter, name);
    if (!found) return std::nullopt;
    std::optional<std::int64_t> value = integer(*found);
    if (const auto text = string(*found)) {
        std::int64_t whole = 0;
        const auto read = std::from_chars(text->data(), text->data() + text->size(), whole);
        if (read.ec == std::errc() && read.ptr == text->data() + text->size()) value = whole;
    }
    return value && *value >= 1 ? value : std::nullopt;
}

void read_parameter(std::string_view name, dom::object parameter, ModelFacts& out) {
    const std::string plain = plain_name(name);
    auto most = count_in(parameter, "maximum");
    if (plain == "contextwindow" || plain == "contextlength" || plain == "maxcontexttokens") {
        if (!most) most = count_in(parameter, "defaultValue");
        out.context_window = most;
        return;
    }
    out.max_tokens |= plain == "maxtokens";
    out.max_completion_tokens |= plain == "maxcompletiontokens";
    if (plain == "maxtokens" || plain == "maxcompletiontokens" || plain == "maxoutputtokens") {
        if (most) out.max_output_tokens = std::max(most, out.max_output_tokens);
        return;
    }
    for (const FieldNames& field : all_fields())
        if (plain_name(field.oci) == plain) out.accepts.add(field.field);
}

void write_words(JsonWriter& json, std::string_view name, const std::vector<std::string>& words) {
    json.key(name).begin_array();
    for (const std::string& word : words) json.value(word);
    json.end_array();
}

}  // namespace

ModelFacts read_discovered(dom::object item, std::string_view region) {
    ModelFacts out{.vendor = std::string(string_member(item, "vendor"))};
    for_each_word(item, "capabilities", [&](std::string_view word) {
        out.chats |= word == "CHAT";
        out.embeds |= word == "TEXT_EMBEDDINGS";
        out.ranks |= word == "TEXT_RERANK";
    });
    for_each_word(item, "apiCapability", [&](std::string_view word) {
        out.has_apis = true;
        out.completions |= word == "OPENAI_V1_CHAT_COMPLETIONS";
        out.responses |= word == "OPENAI_V1_RESPONSES";
    });
    const std::string_view access = string_member(item, "modelAccess");
    if (access == "HOSTED") out.access = ModelFacts::Access::hosted;
    if (access == "PROXY") out.access = ModelFacts::Access::proxied;
    if (const auto places = array_member(item, "availability"))
        for (const dom::element one : *places)
            if (const auto place = object(one)) read_availability(*place, region, out);
    if (const auto pairs = array_member(item, "modalitySupport"))
        for (const dom::element one : *pairs)
            if (const auto pair = object(one)) {
                add_once(out.input, lower_case(string_member(*pair, "input")));
                add_once(out.output, lower_case(string_member(*pair, "output")));
            }
    if (const auto parameters = array_member(item, "parameters"))
        for (const dom::element one : *parameters)
            if (const auto parameter = object(one))
                read_parameter(string_member(*parameter, "name"), *parameter, out);
    return out;
}

JsonText ModelFacts::for_clients() const {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (!input.empty() || !output.empty()) {
        json.key("modalities").begin_object();
        write_words(json, "input", input);
        write_words(json, "output", output);
        json.end_object();
    }
    if (!retires_on.empty()) json.member("retires_on", retires_on);
    if (access != Access::unknown) json.member("hosting", access == Access::hosted ? "oracle" : "external");
    json.end_object();
    return {out == "{}" ? std::string() : std::move(out)};
}

void learn(Model& model, const ModelFacts& facts) {
    if (facts.has_apis) {
        model.responses = facts.responses;
        if (model.surface_auto && !model.dedicated && model.format == Format::generic)
            model.surface = facts.completions ? Surface::openai
                            : facts.responses ? Surface::responses
                                              : Surface::native;
    }
    if (!model.hosting_given && facts.access != ModelFacts::Access::unknown)
        model.proxied = facts.access == ModelFacts::Access::proxied;
    if (!model.context_window) model.context_window = facts.context_window;
    if (!model.max_tokens_cap && !model.dedicated) model.max_tokens_cap = facts.max_output_tokens;
    if (model.max_tokens_cap) model.max_tokens = std::min(model.max_tokens, *model.max_tokens_cap);
    if (model.limit_auto && facts.max_tokens != facts.max_completion_tokens)
        model.max_completion_tokens = facts.max_completion_tokens;
    // A parameter that is not listed may be accepted, so nothing is added to what is dropped.
    model.drop.remove(facts.accepts, model.own_drop);
}

}  // namespace gatehouse::oci
