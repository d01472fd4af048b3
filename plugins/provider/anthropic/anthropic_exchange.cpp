// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/anthropic_exchange.hpp"

#include "plugins/provider/anthropic/advice.hpp"
#include "plugins/provider/anthropic/errors.hpp"

namespace gatehouse::anthropic {

http::Request AnthropicExchange::begin(std::string_view method, std::string_view path) {
    http::Request request = HttpExchange::begin(method, service_.base.text + std::string(path));
    request.headers.add("anthropic-version", service_.version);
    if (!service_.beta.empty()) request.headers.add("anthropic-beta", service_.beta);
    return request;
}

Error AnthropicExchange::on_failure() {
    const http::ResponseHead& head = answer_head();
    on_refusal(head.status, error_body());
    return explain(head.status, head.headers, error_body(), model_, service_.host.now());
}

std::string AnthropicExchange::advice(const Error& error) {
    return advise(error, answer_head().status, error_body(), model_, service_.base.host);
}

}  // namespace gatehouse::anthropic
