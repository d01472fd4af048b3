// SPDX-License-Identifier: Apache-2.0
// Builds the list, filters and sorts it, and cuts it into pages.
#include "tools/oci_emulator/models_page.hpp"

#include "tools/oci_emulator/encoding.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>

namespace gatehouse::emulator {

namespace {

constexpr std::size_t default_page = 25, largest_page = 1000;

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            unsigned byte = 0;
            if (i + 2 >= text.size()) return std::nullopt;
            const auto [end, failure] = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
            if (failure != std::errc() || end != text.data() + i + 3) return std::nullopt;
            out += static_cast<char>(byte);
            i += 2;
        }
    }
    return out;
}

struct Query {
    std::string compartment, vendor, state, name, id, order, sort_by, page;
    std::set<std::string> capabilities;
    std::size_t limit = default_page;
};

Refusal read_query(const std::string& text, Query& query) {
    const std::vector<std::pair<std::string_view, std::string*>> known = {
        {"compartmentId", &query.compartment},
        {"vendor", &query.vendor},
        {"lifecycleState", &query.state},
        {"displayName", &query.name},
        {"id", &query.id},
        {"sortOrder", &query.order},
        {"sortBy", &query.sort_by},
        {"page", &query.page}};
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('&', start), text.size());
        const std::string_view pair = std::string_view(text).substr(start, end - start);
        start = end + 1;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string name(pair.substr(0, equals));
        const auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (!value) return invalid(name, "is not percent-encoded");
        const auto field =
            std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.first == name; });
        if (field != known.end()) {
            *field->second = *value;
        } else if (name == "capability") {
            query.capabilities.insert(*value);
        } else if (name == "limit") {
            const auto [rest, failure] =
                std::from_chars(value->data(), value->data() + value->size(), query.limit);
            if (failure != std::errc() || rest != value->data() + value->size() || query.limit < 1 ||
                query.limit > largest_page)
                return invalid("limit", "must be between 1 and " + std::to_string(largest_page));
        } else {
            return invalid(name, "is not a parameter of this operation");
        }
    }
    if (query.compartment.empty()) return missing("compartmentId");
    if (!query.state.empty())
        if (auto refusal =
                word({"ACTIVE", "CREATING", "DELETING", "DELETED", "FAILED"})(query.state, "lifecycleState"))
            return refusal;
    static const Check capability = word(
        {"TEXT_GENERATION", "TEXT_SUMMARIZATION", "TEXT_EMBEDDINGS", "FINE_TUNE", "CHAT", "TEXT_RERANK",
         "TEXT_TO_IMAGE", "IMAGE_TEXT_TO_IMAGE", "IMAGE_TEXT_TO_TEXT", "IMAGE_TEXT_TO_VIDEO",
         "IMAGE_TO_IMAGE", "REALTIME", "AUDIO_TO_AUDIO", "AUDIO_TO_TEXT", "TEXT_TO_AUDIO", "TEXT_TO_VIDEO"});
    for (const std::string& one : query.capabilities)
        if (auto refusal = capability(one, "capability")) return refusal;
    if (!query.order.empty())
        if (auto refusal = word({"ASC", "DESC"})(query.order, "sortOrder")) return refusal;
    if (!query.sort_by.empty())
        if (auto refusal = word({"displayName", "lifecycleState", "timeCreated"})(query.sort_by, "sortBy"))
            return refusal;
    return {};
}

// A different day for each, so that the order by time is unique.
std::string day(std::size_t number) {
    char text[64];
    std::snprintf(text, sizeof text, "%04zu-%02zu-%02zuT17:44:01.747Z", 2024 + number / 336,
                  1 + number / 28 % 12, 1 + number % 28);
    return text;
}

class List {
public:
    explicit List(const std::string& region) : region_(region) {}

    Json& add(std::string_view name, std::vector<std::string> capabilities,
              std::string_view distinction = "") {
        const std::string key = std::string(name) + std::string(distinction);
        items_.push_back({{"id", model_ocid(key, region_)},
                          {"compartmentId", nullptr},
                          {"capabilities", std::move(capabilities)},
                          {"lifecycleState", "ACTIVE"},
                          {"lifecycleDetails", "Creating Base Model"},
                          {"displayName", name},
                          {"vendor", name.substr(0, name.find('.'))},
                          {"version", "1.0.0"},
                          {"timeCreated", day(items_.size())},
                          {"baseModelId", nullptr},
                          {"type", "BASE"},
                          {"fineTuneDetails", nullptr},
                          {"modelMetrics", nullptr},
                          {"isLongTermSupported", false},
                          {"timeDeprecated", nullptr},
                          {"timeOnDemandRetired", nullptr},
                          {"timeDedicatedRetired", nullptr},
                          {"freeformTags", Json::object()},
                          {"definedTags", Json::object()},
                          {"systemTags", Json::object()}});
        return items_.back();
    }

    std::vector<Json> take() { return std::move(items_); }

private:
    std::string region_;
    std::vector<Json> items_;
};

// All models of a region: base models, a twin for fine-tuning, a model in
// deletion, a deleted model, and a custom model.
std::vector<Json> all_models(const std::string& region, const std::string& compartment) {
    List list(region);
    for (const CatalogueEntry& entry : catalogue()) {
        std::vector<std::string> capabilities = {entry.operation == Operation::embed    ? "TEXT_EMBEDDINGS"
                                                 : entry.operation == Operation::rerank ? "TEXT_RERANK"
                                                                                        : "CHAT"};
        if (entry.name.find("vision") != std::string_view::npos) capabilities.push_back("IMAGE_TEXT_TO_TEXT");
        Json& item = list.add(entry.name, std::move(capabilities));
        if (entry.retired) {
            item["timeDeprecated"] = "2025-02-01T00:00:00.000Z";
            item["timeOnDemandRetired"] = "2025-08-15T00:00:00.000Z";
        }
        if (entry.name == "cohere.command-r-08-2024") {
            item["timeDeprecated"] = "2026-02-01T00:00:00.000Z";
            item["timeOnDemandRetired"] = "2199-01-01T00:00:00.000Z";
        }
    }
    for (const char* name : {"meta.llama-3.3-70b-instruct", "cohere.command-r-08-2024"})
        list.add(name, {"FINE_TUNE"}, "/fine-tune");
    list.add("meta.llama-3.1-405b-instruct", {"CHAT"}, "/twin");
    list.add("cohere.command-nightly", {"CHAT"}, "/gone")["lifecycleState"] = "DELETED";
    list.add("meta.llama-5-preview", {"CHAT"}, "/made")["lifecycleState"] = "CREATING";
    list.add("stability.image-core", {"TEXT_TO_IMAGE"});
    Json& own = list.add("my-tuned-llama", {"CHAT"}, "/own");
    own["vendor"] = "meta";
    own["type"] = "CUSTOM";
    own["compartmentId"] = compartment;
    own["baseModelId"] = model_ocid("meta.llama-3.3-70b-instruct/fine-tune", region);
    // The maximum length of an OCID.
    own["id"] =
        own["id"].get<std::string>() + std::string(255 - own["id"].get_ref<const std::string&>().size(), 'q');
    return list.take();
}

bool wanted(const Json& item, const Query& query) {
    const auto is = [&](const std::string& value, const char* name) {
        return value.empty() || string_member(item, name) == value;
    };
    const Json& capabilities = item.at("capabilities");
    return is(query.vendor, "vendor") && is(query.state, "lifecycleState") && is(query.name, "displayName") &&
           is(query.id, "id") &&
           (query.capabilities.empty() ||
            std::any_of(capabilities.begin(), capabilities.end(), [&](const Json& one) {
                return query.capabilities.contains(one.get<std::string>());
            }));
}

// Base64 with a slash in it, and often an equals sign; no plus, because OCI's own
// client sends tokens without encoding.
std::string token_of(std::size_t start) { return "\xff\xff" + std::to_string(start); }

}  // namespace

http::Response list_models(const std::string& text, const std::string& region, const RequestRules& rules) {
    Query query;
    if (auto refusal = read_query(text, query)) return to_response(*refusal);
    if (!compartment_exists(query.compartment, rules)) return to_response(usual_error(404));
    std::vector<Json> items = all_models(region, query.compartment);
    std::erase_if(items, [&](const Json& item) { return !wanted(item, query); });
    const std::string key = query.sort_by.empty() ? "timeCreated" : query.sort_by;
    const bool descending = query.order.empty() ? key == "timeCreated" : query.order == "DESC";
    std::stable_sort(items.begin(), items.end(), [&](const Json& a, const Json& b) {
        return descending ? string_member(b, key) < string_member(a, key)
                          : string_member(a, key) < string_member(b, key);
    });

    std::size_t start = 0;
    if (!query.page.empty()) {
        const std::string token = from_base64(query.page).value_or("");
        const auto [end, failure] = std::from_chars(token.data() + std::min<std::size_t>(2, token.size()),
                                                    token.data() + token.size(), start);
        if (failure != std::errc() || end != token.data() + token.size() || token != token_of(start))
            return to_response(invalid("page", "is not the opc-next-page of an answer"));
    }
    Json page = Json::array();
    const std::size_t end = std::min(items.size(), start + query.limit);
    for (std::size_t i = start; i < end; ++i) page.push_back(items[i]);
    http::Response response{{200, {{"content-type", "application/json"}}},
                            to_text({{"items", std::move(page)}})};
    if (end < items.size()) response.head.headers.add("opc-next-page", to_base64(token_of(end)));
    return response;
}

}  // namespace gatehouse::emulator
