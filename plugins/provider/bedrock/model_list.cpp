// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/model_list.hpp"

#include "plugins/provider/bedrock/errors.hpp"

#include <gatehouse/url.hpp>

#include <utility>

namespace gatehouse::bedrock {

namespace {

constexpr int max_pages = 50;  // limits an endless list

bool has(JsonValue list, std::string_view word) {
    for (const JsonValue one : list.items())
        if (one.str() == word) return true;
    return false;
}

/// The id behind "arn:aws:bedrock:us-east-1::foundation-model/".
std::string model_of_arn(const std::string& arn) {
    const std::size_t slash = arn.find("foundation-model/");
    return slash == arn.npos ? "" : arn.substr(slash + 17);
}

}  // namespace

Result<std::optional<http::Request>> ModelList::request() {
    profiles_ = false;
    pages_ = 0;
    next_.clear();
    others_.clear();
    listed_.clear();
    return json_request("GET", service_.hosts.control + "/foundation-models");
}

Result<std::optional<http::Request>> ModelList::next() {
    const std::string token = std::exchange(next_, {});
    if (profiles_ && (token.empty() || ++pages_ >= max_pages)) return std::nullopt;
    profiles_ = true;
    std::string url = service_.hosts.control + "/inference-profiles?maxResults=1000";
    if (!token.empty()) url += "&nextToken=" + percent_encoded(token);
    return json_request("GET", std::move(url));
}

Result<void> ModelList::on_json(JsonValue top, EventSink& events) {
    return profiles_ ? read_profiles(top, events) : read_models(top, events);
}

void ModelList::add(const std::string& id, const std::string& owner, EventSink& events) {
    if (id.empty() || id.size() > 2048 || !listed_.insert(id).second) return;
    events.emit(ModelInfo{.id = id, .owned_by = owner.empty() ? "amazon" : owner});
}

/// Models that return text.  Models without on-demand throughput need a profile.
Result<void> ModelList::read_models(JsonValue top, EventSink& events) {
    const JsonValue list = top["modelSummaries"];
    if (!list.is(JsonType::array)) return invalid("it has no list of models");
    for (const JsonValue model : list.items()) {
        const std::string id = model["modelId"].str();
        const JsonValue types = model["inferenceTypesSupported"], outputs = model["outputModalities"];
        if (outputs.is(JsonType::array) && !has(outputs, "TEXT"))
            others_.insert(id);
        else if (!types.is(JsonType::array) || has(types, "ON_DEMAND"))
            add(id, lower_case(model["providerName"].str()), events);
    }
    return {};
}

Result<void> ModelList::read_profiles(JsonValue top, EventSink& events) {
    const JsonValue list = top["inferenceProfileSummaries"];
    if (!list.is(JsonType::array)) return invalid("it has no list of inference profiles");
    for (const JsonValue profile : list.items()) {
        const std::string model = model_of_arn(profile["models"][0]["modelArn"].str());
        const std::string status = profile["status"].str();
        if ((!status.empty() && status != "ACTIVE") || others_.contains(model)) continue;
        // A profile of the account is named by its ARN only.
        const bool own = profile["type"].str() == "APPLICATION";
        add(profile[own ? "inferenceProfileArn" : "inferenceProfileId"].str(),
            model.substr(0, model.find('.')), events);
    }
    next_ = top["nextToken"].str();
    return {};
}

Error ModelList::on_failure() { return explain(response_head(), error_body(), Model(), host().now()); }

std::string ModelList::advice(const Error&) {
    return response_head().status ? advise(response_head(), error_body(), Model()) : "";
}

}  // namespace gatehouse::bedrock
