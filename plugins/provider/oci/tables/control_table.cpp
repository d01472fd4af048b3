// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/tables/control_table.hpp"

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/provider/oci/tables/warnings.hpp"
#include "plugins/provider/oci/text.hpp"

#include <gatehouse/json_writer.hpp>

#include <utility>
#include <vector>

namespace gatehouse::oci {

namespace {

using upstream::array_member;
using upstream::object_member;
using upstream::shown;

constexpr std::size_t max_table_bytes = 8 * 1024 * 1024;  // the rows together

std::string_view path_of(ControlList list) {
    switch (list) {
        case ControlList::endpoints: return "endpoints";
        case ControlList::profiles: return "routingProfiles";
        case ControlList::keys: return "apikeys";
    }
    return "";
}

std::string_view date_in(dom::object item, std::string_view name) {
    return string_member(item, name).substr(0, 10);
}

/// Texts of a list in a policy, such as regionRoutingPolicy.allowedRegions.
std::vector<std::string> allowed_by(dom::object item, std::string_view policy, std::string_view name) {
    std::vector<std::string> out;
    const auto members = object_member(item, policy);
    const auto list = members ? array_member(*members, name) : std::nullopt;
    if (!list) return out;
    for (const dom::element one : *list)
        if (const auto text = string(one)) out.emplace_back(*text);
    return out;
}

/// "The endpoint "a" is FAILED: its details."; empty for a resource that works.
std::string state_warning(std::string_view what, dom::object item) {
    const std::string_view state = string_member(item, "lifecycleState");
    if (state == "ACTIVE") return "";
    const std::string details = upstream::presentable(string_member(item, "lifecycleDetails"), 200);
    return "The " + std::string(what) + " " + shown(string_member(item, "displayName")) + " is " +
           upstream::presentable(state, 32) + (details.empty() ? "" : ": " + details) + ".";
}

/// The guardrails that are on, in the words of the endpoint's members.
std::vector<std::string> guardrails_of(dom::object item) {
    std::vector<std::string> out;
    for (const char* name : {"contentModerationConfig", "promptInjectionConfig", "piiDetectionConfig"}) {
        const auto config = object_member(item, name);
        const auto flag = config ? member(*config, "isEnabled") : std::nullopt;
        bool enabled = false;
        if (flag && !flag->get_bool().get(enabled) && enabled)
            out.emplace_back(name, std::string_view(name).size() - std::string_view("Config").size());
    }
    return out;
}

void write_endpoint(JsonWriter& json, dom::object item) {
    json.begin_object();
    json.member("id", string_member(item, "id")).member("name", string_member(item, "displayName"));
    json.member("model", string_member(item, "modelId"));
    json.member("cluster", string_member(item, "dedicatedAiClusterId"));
    json.member("private_endpoint", string_member(item, "generativeAiPrivateEndpointId"));
    json.member("guardrails", guardrails_of(item)).member("state", string_member(item, "lifecycleState"));
    json.member("created_on", date_in(item, "timeCreated"));
    json.member("warning", state_warning("endpoint", item)).end_object();
}

/// A profile without a policy of regions uses only the region that has the profile.
void write_profile(JsonWriter& json, dom::object item, const std::string& region) {
    auto regions = allowed_by(item, "regionRoutingPolicy", "allowedRegions");
    if (regions.empty() && !region.empty()) regions.push_back(region);
    json.begin_object();
    json.member("id", string_member(item, "id")).member("name", string_member(item, "displayName"));
    json.member("models", allowed_by(item, "modelRoutingPolicy", "allowedModels"));
    json.member("regions", regions).member("state", string_member(item, "lifecycleState"));
    json.member("warning", state_warning("routing profile", item)).end_object();
}

/// A row for each secret of an API key.
void write_keys(JsonWriter& json, dom::object item, WarningTime now) {
    const auto keys = array_member(item, "keys");
    if (!keys) return;
    for (const dom::element one : *keys) {
        const auto key = object(one);
        if (!key) continue;
        const std::string_view state = string_member(*key, "state"),
                               expiry = string_member(*key, "timeExpiry");
        const std::string name = "key " + shown(string_member(*key, "keyName")) + " of " +
                                 shown(string_member(item, "displayName"));
        json.begin_object().member("id", string_member(item, "id"));
        json.member("name", string_member(item, "displayName")).member("key", string_member(*key, "keyName"));
        json.member("mask", string_member(*key, "keyMask")).member("state", state);
        json.member("created_on", date_in(*key, "timeCreated")).member("expires_on", expiry.substr(0, 10));
        json.member("used_on", date_in(*key, "timeLastUsed"));
        json.member("warning", state == "ACTIVE" ? expiry_warning(name, expiry, now) : std::string());
        json.end_object();
    }
}

}  // namespace

std::optional<ControlList> control_list_called(std::string_view name) {
    if (name == "endpoints") return ControlList::endpoints;
    if (name == "profiles") return ControlList::profiles;
    if (name == "keys") return ControlList::keys;
    return std::nullopt;
}

Result<std::optional<http::Request>> ControlTable::request() {
    rows_.clear();
    return std::optional(first_page(path_of(list_), ""));
}

Result<void> ControlTable::on_end(EventSink& events) {
    const auto tree = upstream::Tree::parse(document_);
    const auto root = tree ? object(tree->root()) : std::nullopt;
    const auto items = root ? array_member(*root, "items") : std::nullopt;
    if (!items) return upstream::garbage("OCI", "the list has no 'items'");
    for (const dom::element element : *items) {
        const auto item = object(element);
        if (!item || string_member(*item, "lifecycleState") == "DELETED") continue;
        std::string rows;
        JsonWriter json(rows);
        json.begin_array();
        switch (list_) {
            case ControlList::endpoints: write_endpoint(json, *item); break;
            case ControlList::profiles: write_profile(json, *item, endpoint().region); break;
            case ControlList::keys: write_keys(json, *item, service_.host.now()); break;
        }
        json.end_array();
        const std::string inner = rows.substr(1, rows.size() - 2);
        if (!inner.empty()) rows_ += (rows_.empty() ? "" : ",") + inner;
    }
    if (rows_.size() > max_table_bytes) return upstream::garbage("OCI", "the list is too long");
    if (!has_next_page()) events.emit(RawBytes{"application/json", "{\"rows\":[" + rows_ + "]}"});
    return {};
}

Result<std::optional<http::Request>> ControlTable::next() {
    if (!has_next_page()) return std::nullopt;
    return std::optional(next_page(path_of(list_), ""));
}

}  // namespace gatehouse::oci
