// SPDX-License-Identifier: Apache-2.0
// A mapper's view of a request: model, client, sizes, tools, images, headers, session, and
// the health of routes.
//
// Members are computed when they are called, so a mapper pays only for those that it asks.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/operation.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatehouse {

/// A destination of a request.
struct Route {
    std::string provider;  // an instance name, "oci" in [provider.oci]
    std::string model;     // the provider's own name for it, not empty
};

/// The price of a route's tokens, from the key `price` of its provider or of its model in `per_model`.
/// In 1e-12 of the currency of the configuration: 2.50 for a million tokens is 2'500'000 for one token.
struct Price {
    std::int64_t input = 0;   // for a token of the prompt
    std::int64_t output = 0;  // for a token of the response
};

/// The state of a route in this process.  The measurements are 0 and absent unless
/// ModelMapper::measures() returns true.
struct RouteHealth {
    bool open = false;         // the circuit breaker refuses requests now
    std::int64_t running = 0;  // requests at this route now
    /// From sending a request until the head of a 2xx response: a moving average, in which
    /// the last five responses weigh most.
    std::optional<std::chrono::microseconds> first_byte = {};
    std::optional<Price> price = {};  // absent: the configuration has none
};

/// [any thread]
class RouteHealths {
public:
    virtual RouteHealth of(std::string_view provider, std::string_view model) const = 0;

protected:
    ~RouteHealths() = default;
};

namespace detail {
struct NoHealths final : RouteHealths {
    RouteHealth of(std::string_view, std::string_view) const override { return {}; }
};
inline const Identity no_client = {};
inline const Operation no_operation = {};
inline const http::RequestHead no_head = {};
inline const NoHealths no_healths = {};
}  // namespace detail

/// A request for ModelMapper::map().  Valid during the call.  For tests it can be made of a
/// model and an Identity alone.
struct RouteQuery {
    std::string_view model;  // the client's name, or the name that a hook has put in its place
    const Identity& who = detail::no_client;
    const Operation& operation = detail::no_operation;
    const http::RequestHead& head = detail::no_head;
    std::size_t body_bytes = 0;  // the client's body, with its images
    const RouteHealths& healths = detail::no_healths;

    /// "chat", "count_tokens", "embeddings", "rerank", "models", or the name of a RawRequest.
    std::string_view kind() const {
        static constexpr std::string_view names[] = {"chat", "count_tokens", "embeddings", "rerank",
                                                     "models"};
        auto* raw = std::get_if<RawRequest>(&operation);
        return raw ? std::string_view(raw->operation) : names[operation.index()];
    }
    /// Null if the request is neither a chat nor a count of a chat's tokens.
    const ChatRequest* chat() const {
        if (auto* count = std::get_if<TokenCountRequest>(&operation)) return &count->chat;
        return std::get_if<ChatRequest>(&operation);
    }
    std::size_t messages() const { return chat() ? chat()->messages.size() : 0; }
    bool stream() const { return chat() && chat()->stream; }
    bool tools() const { return chat() && !chat()->tools.empty(); }
    bool images() const {
        auto has_image = [](const Message& message) {
            return std::any_of(message.parts.begin(), message.parts.end(),
                               [](const Part& part) { return std::holds_alternative<Image>(part); });
        };
        return chat() && std::any_of(chat()->messages.begin(), chat()->messages.end(), has_image);
    }

    /// Bytes of the texts, tools and tool calls of a chat, without images, or of the inputs of
    /// another request.  Texts of a chat count in the spelling of the client's JSON.
    std::size_t text_bytes() const;
    /// A rough number: one token for four bytes of text.
    std::size_t estimated_tokens() const { return (text_bytes() + 3) / 4; }
    /// A rough number of tokens of the response, to compare prices: a quarter of the chat's limit, at least
    /// 512 tokens but not more than the limit; 1,024 without a limit.  0 if the request is not a chat.
    std::int64_t likely_output_tokens() const;

    /// A name of the conversation: `prompt_cache_key`, else the first of `headers` that the
    /// request has, else `user`.  Empty: the request has none.
    std::string_view session(const std::vector<std::string>& headers) const {
        if (chat() && !chat()->prompt_cache_key.empty()) return chat()->prompt_cache_key;
        for (const std::string& name : headers)
            if (auto value = head.headers.get(name); !value.empty()) return value;
        return chat() ? std::string_view(chat()->user) : std::string_view();
    }
};

inline std::int64_t RouteQuery::likely_output_tokens() const {
    const auto* chat = std::get_if<ChatRequest>(&operation);
    if (!chat) return 0;
    const std::int64_t limit = std::max<std::int64_t>(0, chat->sampling.output_limit().value_or(4'096));
    return std::min(limit, std::max<std::int64_t>(512, limit / 4));
}

inline std::size_t RouteQuery::text_bytes() const {
    struct Bytes {
        std::size_t operator()(const ChatRequest& request) const {
            std::size_t bytes = 0;
            for (const Message& message : request.messages) {
                for (const Part& part : message.parts)
                    if (auto* text = std::get_if<Text>(&part)) bytes += text->text.json_size();
                for (const ToolCall& call : message.tool_calls) bytes += call.arguments.json_size();
            }
            for (const Tool& tool : request.tools)
                bytes += tool.description.json_size() + tool.parameters.text.size();
            return bytes;
        }
        std::size_t operator()(const TokenCountRequest& request) const { return (*this)(request.chat); }
        std::size_t operator()(const EmbeddingRequest& request) const { return sum(request.inputs); }
        std::size_t operator()(const RerankRequest& request) const {
            return request.query.size() + sum(request.documents);
        }
        std::size_t operator()(const ModelsRequest&) const { return 0; }
        std::size_t operator()(const RawRequest& request) const { return request.body.size(); }

        static std::size_t sum(const std::vector<std::string>& texts) {
            std::size_t bytes = 0;
            for (const std::string& text : texts) bytes += text.size();
            return bytes;
        }
    };
    return std::visit(Bytes{}, operation);
}

}  // namespace gatehouse
