// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/raw_exchange.hpp"

#include "plugins/common/json/json.hpp"
#include "plugins/common/openai/stored_object.hpp"

#include <gatehouse/json.hpp>
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

/// The usage in a response, by the names of either of OpenAI's interfaces; nothing without one.
std::optional<Usage> usage_in(std::string_view document) {
    const auto top = read_json(document);
    const JsonValue usage = top ? (*top)["usage"] : JsonValue();
    auto either = [&](const char* name, const char* other) {
        return usage[name] ? usage[name] : usage[other];
    };
    const auto prompt = either("prompt_tokens", "input_tokens").integer(),
               completion = either("completion_tokens", "output_tokens").integer();
    if (!prompt && !completion) return std::nullopt;
    Usage read{.prompt = prompt.value_or(0), .completion = completion.value_or(0)};
    read.total = usage["total_tokens"].integer().value_or(read.prompt + read.completion);
    const JsonValue in = either("prompt_tokens_details", "input_tokens_details"),
                    out = either("completion_tokens_details", "output_tokens_details");
    read.cached = in["cached_tokens"].integer();
    read.reasoning = out["reasoning_tokens"].integer();
    read.prompt_extra = in.text();
    read.completion_extra = out.text();
    return read;
}

}  // namespace

Result<std::optional<http::Request>> RawExchange::request() {
    if (request_.stored) {
        http::Request http =
            begin_at(request_.method, service_.url("/" + request_.operation + request_.path, {}));
        openai_format::write_stored_object(request_, http);
        return std::optional(std::move(http));
    }
    http::Request http = begin("POST", "/" + request_.operation);
    http.headers.add("content-type", request_.content_type);
    http.headers.add("accept", "*/*");
    http.body = with_model(request_);
    return std::optional(std::move(http));
}

Result<void> RawExchange::on_end(EventSink& events) {
    const std::string type(answer_head().headers.get("content-type"));
    const bool may_have_usage = !request_.stored && type.starts_with("application/json");
    const auto usage = may_have_usage ? usage_in(document_) : std::nullopt;
    events.emit(RawBytes{type, std::move(document_)});
    if (usage) events.emit(*usage);
    return {};
}

}  // namespace gatehouse::openai_provider
