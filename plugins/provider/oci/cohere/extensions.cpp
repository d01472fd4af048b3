// SPDX-License-Identifier: Apache-2.0
// Two tables of fields, and the check of each kind of value.  OCI would refuse a
// wrong value without naming the client's field.
#include "plugins/provider/oci/cohere/extensions.hpp"

#include "plugins/provider/oci/schema/json_tree.hpp"

#include <charconv>
#include <span>

namespace gatehouse::oci {

namespace {

constexpr std::size_t max_documents = 1000;

struct Extension {
    enum class Kind { flag, integer, word, documents };
    std::string_view oci;       // clients may use this name too
    std::string_view names[2];  // names for clients
    Kind kind;
    std::initializer_list<std::string_view> words = {};
};
using Kind = Extension::Kind;

Error wrong(std::string_view name, std::string_view expected) {
    return {.kind = ErrorKind::bad_request,
            .message = std::string(name) + " must be " + std::string(expected),
            .param = std::string(name)};
}

/// Parses the value of an extension.  It is wrapped in an object, because JsonTree
/// reads only objects.
std::optional<JsonTree> wrapped(std::string_view json) {
    return JsonTree::parse("{\"v\":" + std::string(json) + "}");
}

Result<void> write_word(JsonWriter& json, std::string_view key, std::string_view name, const Node& value,
                        std::initializer_list<std::string_view> words) {
    const std::string_view word = one_of(value.text, words);
    if (!word.empty()) {
        json.member(key, word);
        return {};
    }
    std::string expected = "one of";
    for (std::string_view allowed : words) expected.append(expected == "one of" ? " " : ", ").append(allowed);
    return wrong(name, expected);
}

/// Strings are documents with only a text.  Numbers and the like are sent as text.
void write_document(JsonWriter& json, const Node& document) {
    json.begin_object();
    if (document.is_string()) json.member("text", document.text);
    for (const Member& member : document.members)
        json.member(member.key,
                    member.value.is_string() ? std::string_view(member.value.text) : member.value.raw);
    json.end_object();
}

Result<void> write_documents(JsonWriter& json, const Extension& field, std::string_view name,
                             const Node& list, bool as_they_are) {
    auto is_document = [](const Node& node) { return node.is_string() || node.is_object(); };
    if (!list.is_array() || !std::all_of(list.items.begin(), list.items.end(), is_document))
        return wrong(name, "an array of objects or strings");
    if (list.items.size() > max_documents)
        return wrong(name, "an array of at most " + std::to_string(max_documents) + " documents");
    json.key(field.oci);
    if (as_they_are) {
        json.raw(list.raw);
        return {};
    }
    json.begin_array();
    for (const Node& document : list.items) write_document(json, document);
    json.end_array();
    return {};
}

Result<void> write_fields(JsonWriter& json, json::Extras& extras, std::span<const Extension> fields,
                          bool v2) {
    for (const Extension& field : fields) {
        std::string_view name = field.oci;
        std::string_view given = extras.take(field.oci);
        for (std::string_view other : field.names)
            if (const std::string_view found = extras.take(other); !found.empty() && given.empty()) {
                given = found;
                name = other;
            }
        if (given.empty()) continue;
        const auto tree = wrapped(given);
        const Node* value = tree ? tree->root().find("v") : nullptr;
        if (!value) return wrong(name, "smaller");
        switch (field.kind) {
            case Kind::flag:
                if (value->raw != "true" && value->raw != "false") return wrong(name, "true or false");
                json.key(field.oci).raw(value->raw);
                break;
            case Kind::integer: {
                std::int64_t number = -1;
                const char* end = value->raw.data() + value->raw.size();
                const auto read = std::from_chars(value->raw.data(), end, number);
                if (read.ec != std::errc() || read.ptr != end || number < 0)
                    return wrong(name, "a whole number that is not negative");
                json.member(field.oci, number);
                break;
            }
            case Kind::word:
                if (auto ok = write_word(json, field.oci, name, *value, field.words); !ok) return ok;
                break;
            case Kind::documents:
                if (auto ok = write_documents(json, field, name, *value, v2); !ok) return ok;
                break;
        }
    }
    return {};
}

}  // namespace

Result<void> write_cohere_extensions(JsonWriter& json, json::Extras& extras) {
    static const Extension fields[] = {
        {"documents", {}, Kind::documents},
        {"citationQuality", {"citation_quality"}, Kind::word, {"ACCURATE", "FAST"}},
        {"safetyMode", {"safety_mode"}, Kind::word, {"CONTEXTUAL", "STRICT", "OFF"}},
        {"promptTruncation", {"prompt_truncation"}, Kind::word, {"OFF", "AUTO_PRESERVE_ORDER"}},
        {"maxInputTokens", {"max_input_tokens"}, Kind::integer},
        {"isForceSingleStep", {"force_single_step", "is_force_single_step"}, Kind::flag},
        {"isSearchQueriesOnly", {"search_queries_only", "is_search_queries_only"}, Kind::flag},
        {"isRawPrompting", {"raw_prompting", "is_raw_prompting"}, Kind::flag},
        {"isEcho", {"is_echo"}, Kind::flag},
    };
    return write_fields(json, extras, fields, false);
}

Result<void> write_cohere_v2_extensions(JsonWriter& json, json::Extras& extras) {
    static const Extension fields[] = {
        {"documents", {}, Kind::documents},
        {"safetyMode", {"safety_mode"}, Kind::word, {"CONTEXTUAL", "STRICT", "OFF"}},
        {"priority", {}, Kind::integer},
        {"isStrictToolsEnabled", {"strict_tools", "is_strict_tools_enabled"}, Kind::flag},
        {"isSearchQueriesOnly", {"search_queries_only", "is_search_queries_only"}, Kind::flag},
        {"isRawPrompting", {"raw_prompting", "is_raw_prompting"}, Kind::flag},
    };
    if (auto ok = write_fields(json, extras, fields, true); !ok) return ok;

    // {"mode": …}, or the one word of the older format.
    for (std::string_view name :
         {"citation_options", "citationOptions", "citation_quality", "citationQuality"}) {
        std::string_view given = extras.take(name);
        if (given.empty()) continue;
        const auto tree = wrapped(given);
        const Node* value = tree ? tree->root().find("v") : nullptr;
        const Node* mode = value && value->is_object() ? value->find("mode") : value;
        if (!mode) return wrong(name, "an object with a mode");
        json.key("citationOptions").begin_object();
        if (auto ok = write_word(json, "mode", name, *mode, {"FAST", "ACCURATE", "OFF"}); !ok) return ok;
        json.end_object();
        break;
    }
    return {};
}

Result<bool> write_thinking(JsonWriter& json, json::Extras& extras) {
    std::string_view given = extras.take("thinking");
    if (given.empty()) return false;
    const auto tree = wrapped(given);
    const Node* value = tree ? tree->root().find("v") : nullptr;
    const Node* type = value ? value->find("type") : nullptr;
    if (!type) return wrong("thinking", "an object with a type, enabled or disabled");
    json.key("thinking").begin_object();
    if (auto ok = write_word(json, "type", "thinking.type", *type, {"ENABLED", "DISABLED"}); !ok)
        return ok.error();
    const Node* budget = value->find("token_budget");
    if (!budget) budget = value->find("tokenBudget");
    if (budget && budget->raw != "null") {
        std::int64_t tokens = -1;
        const char* end = budget->raw.data() + budget->raw.size();
        const auto read = std::from_chars(budget->raw.data(), end, tokens);
        if (read.ec != std::errc() || read.ptr != end || tokens < 0)
            return wrong("thinking.token_budget", "a whole number that is not negative");
        json.member("tokenBudget", tokens);
    }
    json.end_object();
    return true;
}

}  // namespace gatehouse::oci
