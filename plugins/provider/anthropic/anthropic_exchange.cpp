// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/anthropic_exchange.hpp"

#include "plugins/provider/anthropic/advice.hpp"
#include "plugins/provider/anthropic/errors.hpp"
#include "plugins/provider/anthropic/system_messages.hpp"

#include <algorithm>

namespace gatehouse::anthropic {

namespace {

constexpr std::size_t longest_betas = 4096;  // bytes of the header

bool is_beta(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool has_word(std::string_view list, std::string_view word) {
    return ("," + std::string(list) + ",").find("," + std::string(word) + ",") != std::string::npos;
}

/// Calls each(word) for the words of `value`, a list with commas.
template <typename Each>
void for_each_word(std::string_view value, Each&& each) {
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        std::string_view word = value.substr(0, comma);
        value.remove_prefix(std::min(comma + 1, value.size()));
        word.remove_prefix(std::min(word.find_first_not_of(" \t"), word.size()));
        each(word.substr(0, word.find_last_not_of(" \t") + 1));
    }
}

/// `own` and the words of `betas` that it does not have.
std::string joined(std::string own, const std::vector<std::string>& betas) {
    for (const std::string& beta : betas)
        for_each_word(beta, [&](std::string_view word) {
            if (!is_beta(word) || has_word(own, word) || own.size() + word.size() >= longest_betas) return;
            own.append(own.empty() ? "" : ",").append(word);
        });
    return own;
}

}  // namespace

AnthropicExchange::AnthropicExchange(Service& service, Model model, const std::vector<std::string>& betas)
    : HttpExchange(service.host, "Anthropic"), service_(service), model_(std::move(model)) {
    model_.system_beta = allow_inner_system(service.beta, betas);
}

http::Request AnthropicExchange::begin(std::string_view method, std::string_view path,
                                       const std::vector<std::string>& betas) {
    http::Request request = HttpExchange::begin(method, service_.base.text + std::string(path));
    request.headers.add("anthropic-version", service_.version);
    if (std::string beta = joined(service_.beta, betas); !beta.empty())
        request.headers.add("anthropic-beta", std::move(beta));
    return request;
}

Error AnthropicExchange::on_failure() {
    const http::ResponseHead& head = answer_head();
    on_refusal(head.status, error_body());
    return explain(head.status, head.headers, error_body(), model_, service_.host.now());
}

std::string AnthropicExchange::advice(const Error&) {
    return advise(answer_head().status, error_body(), model_, service_.base.host);
}

}  // namespace gatehouse::anthropic
