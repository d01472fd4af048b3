// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/responses/exchange.hpp"

#include "plugins/common/openai/responses/answer.hpp"
#include "plugins/common/openai/responses/request.hpp"
#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/text.hpp"

#include <algorithm>

namespace gatehouse::openai_provider::responses {

namespace api = openai_format::responses;

Result<std::optional<http::Request>> ResponsesExchange::request() {
    const Options& options = service_.options;
    api::Wire wire{.developer = options.developer_role == "developer",
                   .encrypted = !quirks_.no_encrypted_thoughts,
                   .thoughts = thoughts_};
    wire.wants = [&](std::string_view name) { return !std::ranges::count(options.drop, name); };
    auto body = api::write_request(request_, wire);
    if (!body) return body.error();
    if (const auto names = api::left_out(request_); !names.empty() && !std::exchange(told_, true))
        service_.host.log(Level::debug, "request fields dropped",
                          {{"model", model_}, {"fields", common::joined(names)}});

    begin_answer(
        std::make_unique<api::ResponseReader>("the upstream", api::is_native(request_),
                                              [this](std::string_view json) { return event_error(json); }));
    http::Request http = begin_chat("/responses");
    http.body = *std::move(body);
    return std::optional(std::move(http));
}

// The client cannot know whether a model encrypts its thoughts, or that another account has
// encrypted them.
void ResponsesExchange::on_refusal(const Error& error) {
    if (error.kind != ErrorKind::bad_request && error.kind != ErrorKind::unprocessable) return;
    const std::string text = upstream::lower_case(error.message + " " + error.param + " " + error.code);
    if (text.find("encrypted") == text.npos) return;
    if (!quirks_.no_encrypted_thoughts && text.find("not supported") != text.npos) {
        quirks_.no_encrypted_thoughts = true;
        remember("encrypted_content");
    } else if (std::exchange(thoughts_, false)) {
        retry("encrypted_content");
    }
}

}  // namespace gatehouse::openai_provider::responses
