// SPDX-License-Identifier: Apache-2.0
// Chats of clients that speak another protocol than the upstream: their meaning in the words
// of OpenAI's Chat Completions.
//
// Members of the client's protocol are left out, also `cache_control` and signatures.  System
// messages within the conversation become a part of the user's turn, because many servers
// accept them only at its beginning.  Images and files in a tool's result move into the user's
// message behind the results.  Consecutive messages of the user become one.  Names of tools with
// more than 64 bytes are changed, and found again in the answer.  A client of the Responses API
// speaks OpenAI's words: its system messages and those of the user stay in place.
// Functions without state: any thread.
#pragma once

#include "plugins/common/upstream/tool_names.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/provider.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::openai_format {

/// ChatRequest::protocol of clients of OpenAI's Responses API.
inline constexpr std::string_view responses_protocol = "responses";

struct TranslatedChat {
    ChatRequest request = {};
    std::vector<std::string> left_out = {};  // such as "tools[0] of type web_search_20250305"
};

/// Whether the client speaks another protocol.
bool is_foreign(const ChatRequest& request);

/// The error is unsupported: the client forces a call of a tool that only its protocol has, or
/// defines one whose schema only models of its vendor know.
Result<TranslatedChat> translate(const ChatRequest& request);

/// The exchange of a translated request, which it keeps.
class TranslatedExchange final : public Exchange {
public:
    using Begin = Result<std::unique_ptr<Exchange>>;

    /// Calls begin(request) with a request of the upstream's protocol: a translated one if
    /// `request` is foreign.
    template <typename Start>
    static Begin make(const ChatRequest& request, Host& host, Start&& begin) {
        if (!is_foreign(request)) return begin(request);
        auto translated = translate(request);
        if (!translated) return translated.error();
        log(host, *translated);
        std::unique_ptr<TranslatedExchange> made(new TranslatedExchange(std::move(translated->request)));
        auto inner = begin(made->request_);
        if (!inner) return inner.error();
        made->inner_ = *std::move(inner);
        return made;
    }

    Result<std::optional<http::Request>> request() override { return inner_->request(); }
    void head(const http::ResponseHead& head) override { inner_->head(head); }
    Result<void> body(std::string_view bytes, EventSink& events) override;
    Result<void> end(EventSink& events) override;
    Result<std::optional<http::Request>> next() override { return inner_->next(); }
    std::chrono::milliseconds delay() const override { return inner_->delay(); }
    bool complete() const override { return inner_->complete(); }
    bool may_end() const override { return inner_->may_end(); }
    bool amend(const Error& error) override { return inner_->amend(error); }
    std::string advice(const Error& error) override { return inner_->advice(error); }
    std::string_view request_id_header() const override { return inner_->request_id_header(); }

private:
    explicit TranslatedExchange(ChatRequest request);
    static void log(Host& host, const TranslatedChat& chat);

    ChatRequest request_;
    const upstream::ToolNames names_;
    std::unique_ptr<Exchange> inner_;  // reads request_
};

}  // namespace gatehouse::openai_format
