// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/count_exchange.hpp"

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/provider/anthropic/request.hpp"

namespace gatehouse::anthropic {

CountExchange::CountExchange(Service& service, const ChatRequest& request)
    : AnthropicExchange(service, service.model(request.model), request.betas),
      tools_(request),
      names_(tools_.request(), tool_name_rule) {}

Result<std::optional<http::Request>> CountExchange::request() {
    const ChatRequest& request = tools_.request();
    auto written = write_request(request, model_, names_, Purpose::count);
    if (!written) return written.error();
    return std::optional(
        for_document(begin("POST", "/v1/messages/count_tokens", request.betas), std::move(written->body)));
}

Result<void> CountExchange::on_end(EventSink& events) {
    const auto tree = upstream::Tree::parse(document_);
    const auto top = tree ? upstream::object(tree->root()) : std::nullopt;
    const auto count = top ? upstream::token_count(*top, "input_tokens") : std::nullopt;
    if (!count) return upstream::garbage("Anthropic", "'input_tokens' is not a number");
    events.emit(TokenCount{*count});
    return {};
}

}  // namespace gatehouse::anthropic
