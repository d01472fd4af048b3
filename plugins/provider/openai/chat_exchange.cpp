// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/chat_exchange.hpp"

#include "plugins/common/openai/chat_answer.hpp"
#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/common/openai/chat_request.hpp"
#include "plugins/common/openai/text_answer.hpp"
#include "plugins/common/upstream/text.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::openai_provider {

Result<std::optional<http::Request>> ChatExchange::request() {
    using Limit = openai_format::WireFormat::Limit;
    const Options& options = service_.options;
    const bool chat = !request_.completion;
    sent_max_tokens_ = sent_stream_options_ = false;

    openai_format::WireFormat wire;
    wire.stream = request_.stream;
    // Text completions have only the older name.
    wire.limit = !chat ? Limit::as_given
                 : quirks_.max_completion_tokens || options.token_limit == "max_completion_tokens"
                     ? Limit::max_completion_tokens
                 : options.token_limit == "max_tokens" ? Limit::max_tokens
                                                       : Limit::as_given;
    wire.developer = options.developer_role == "developer";
    sent_reasoning_ = wire.reasoning = (options.send_reasoning || quirks_.reasoning) && !quirks_.no_reasoning;
    if (translated_) adjust(wire);
    wire.wants = [&](std::string_view name) {
        if (std::count(options.drop.begin(), options.drop.end(), name)) return false;
        if (translated_ && quirks_.adjustments.drops(name)) return false;
        if (name == "stream_options") {
            sent_stream_options_ = options.usage && !quirks_.no_stream_options;
            return sent_stream_options_;
        }
        if (name == "max_tokens") sent_max_tokens_ = chat;
        return true;
    };

    http::Request http = begin_chat(chat ? "/chat/completions" : "/completions");
    http.body =
        chat ? openai_format::write_chat(request_, wire) : openai_format::write_completion(request_, wire);
    // The member stream_options has been written or left out.
    const bool wants_usage = request_.stream && request_.include_usage && sent_stream_options_;
    begin_answer(chat ? openai_format::make_reader("the upstream", wants_usage)
                      : openai_format::make_text_reader("the upstream", !request_.stream, wants_usage));
    return std::optional(std::move(http));
}

// A client of another protocol has no names of OpenAI's fields.
void ChatExchange::adjust(openai_format::WireFormat& wire) const {
    using Limit = openai_format::WireFormat::Limit;
    const Adjustments& known = quirks_.adjustments;
    if (wire.limit == Limit::as_given) wire.limit = Limit::max_completion_tokens;
    if (known.older_limit) wire.limit = Limit::max_tokens;
    if (known.most) wire.most = known.most;
}

namespace {

bool has_reasoning(const ChatRequest& request) {
    return std::ranges::any_of(request.messages, [](const Message& message) {
        return !openai_format::reasoning_of(message).empty();
    });
}

}  // namespace

// The provider itself chooses the name of the token limit, and whether stream_options and the
// reasoning of earlier turns are sent.  It retries if the upstream refuses them, because the client did not
// cause the refusal.
void ChatExchange::on_refusal(const Error& error) {
    if (error.kind != ErrorKind::bad_request && error.kind != ErrorKind::unprocessable) return;
    const std::string text = upstream::lower_case(error.message + " " + error.param);
    if (translated_)
        if (const std::string_view changed = learn(quirks_.adjustments, request_, text); !changed.empty())
            return remember(changed);
    if (sent_max_tokens_ && !quirks_.max_completion_tokens &&
        text.find("max_completion_tokens") != text.npos) {
        quirks_.max_completion_tokens = true;
        remember("max_tokens");
    } else if (sent_stream_options_ && text.find("stream_options") != text.npos) {
        quirks_.no_stream_options = true;
        remember("stream_options");
    } else if (text.find("reasoning_content") != text.npos && has_reasoning(request_)) {
        // DeepSeek requires it while it thinks.  Other servers refuse it.
        bool& quirk = sent_reasoning_ ? quirks_.no_reasoning : quirks_.reasoning;
        if (!std::exchange(quirk, true)) remember("reasoning_content");
    }
}

}  // namespace gatehouse::openai_provider
