// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/hook/facts.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::hook_texts {

namespace {

struct OperationName {
    std::string_view operator()(const ChatRequest& request) const {
        return request.completion ? "completion" : "chat";
    }
    std::string_view operator()(const TokenCountRequest&) const { return "count_tokens"; }
    std::string_view operator()(const EmbeddingRequest&) const { return "embed"; }
    std::string_view operator()(const RerankRequest&) const { return "rerank"; }
    std::string_view operator()(const ModelsRequest&) const { return "models"; }
    std::string_view operator()(const RawRequest&) const { return "raw"; }
};

}  // namespace

std::string_view name_of(const Operation& operation) { return std::visit(OperationName{}, operation); }

std::string info_json(const RequestInfo& info, const Operation& operation) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("id", info.id).member("client", info.who.name);
    json.member("client_id", info.who.id.empty() ? info.who.name : info.who.id);
    json.key("groups").begin_array();
    for (const std::string& group : info.who.groups) json.value(group);
    json.end_array();
    json.member("operation", name_of(operation)).member("model", model_of(operation)).end_object();
    return out;
}

std::string outcome_json(const RequestOutcome& outcome) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("status", outcome.status).member("client_left", outcome.client_left);
    json.member("attempts", outcome.attempts);
    if (!outcome.provider.empty()) json.member("provider", outcome.provider);
    if (!outcome.route.empty()) json.member("model", outcome.route);
    if (outcome.usage)
        json.member("prompt", outcome.usage->prompt).member("completion", outcome.usage->completion);
    json.member("total_us", static_cast<std::int64_t>(outcome.total.count())).end_object();
    return out;
}

}  // namespace gatehouse::hook_texts
