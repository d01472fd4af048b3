// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/raw_exchange.hpp"

#include "plugins/common/json/json.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_provider {

namespace {

/// The members of `body` in their order, with another `model`.
std::string with_model(const RawRequest& request) {
    std::string text = request.body, out;
    auto document = json::Document::parse(text);
    auto top = document ? document->object() : std::nullopt;
    if (!top) return request.body;
    JsonWriter json(out);
    json.begin_object().member("model", request.model);
    json::for_each(*top, [&](std::string_view name, json::Value& value) {
        if (name != "model") json.key(name).raw(json::raw(value));
        return true;
    });
    json.end_object();
    return out;
}

}  // namespace

Result<std::optional<http::Request>> RawExchange::request() {
    http::Request http = begin("POST", "/" + request_.operation);
    http.headers.add("content-type", request_.content_type);
    http.headers.add("accept", "*/*");
    http.body = with_model(request_);
    return std::optional(std::move(http));
}

Result<void> RawExchange::on_end(EventSink& events) {
    events.emit(RawBytes{std::string(answer_head().headers.get("content-type")), std::move(document_)});
    return {};
}

}  // namespace gatehouse::openai_provider
