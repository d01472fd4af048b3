// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/count_exchange.hpp"

#include "plugins/provider/bedrock/chat_exchange.hpp"
#include "plugins/provider/bedrock/errors.hpp"

namespace gatehouse::bedrock {

CountExchange::CountExchange(Service& service, const ChatRequest& request)
    : UpstreamExchange(service.host, "Bedrock"),
      service_(service),
      model_(service.model(request.model)),
      tools_(request),
      names_(tools_.request(), tool_name_rule) {}

Result<std::optional<http::Request>> CountExchange::request() {
    auto body = write_count(tools_.request(), model_, names_);
    if (!body) return body.error();
    const auto path = model_path(model_, "count-tokens");
    if (!path) return path.error();
    return json_request("POST", service_.hosts.runtime + *path, *std::move(body));
}

Result<void> CountExchange::on_json(JsonValue top, EventSink& events) {
    const auto count = top["inputTokens"].integer();
    if (!count || *count < 0) return invalid("'inputTokens' is not a number");
    events.emit(TokenCount{*count});
    return {};
}

Error CountExchange::on_failure() {
    Error error = explain(response_head(), error_body(), model_, host().now());
    // "The provided model doesn't support counting tokens."
    const bool missing = error.kind == ErrorKind::bad_request &&
                         lower_case(error.message).find("support counting tokens") != std::string::npos;
    if (missing) error.kind = ErrorKind::unsupported;
    return error;
}

}  // namespace gatehouse::bedrock
