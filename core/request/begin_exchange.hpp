// SPDX-License-Identifier: Apache-2.0
// Asks a provider for the exchange of an operation.  [any thread]
#pragma once

#include <gatehouse/operation.hpp>
#include <gatehouse/provider.hpp>
#include <gatehouse/token_estimate.hpp>

#include <memory>
#include <string_view>
#include <variant>

namespace gatehouse::core {

/// Emits an estimate of the tokens, and needs no upstream.
class TokenEstimate final : public Exchange {
public:
    explicit TokenEstimate(const ChatRequest& chat) : tokens_(estimated_tokens(chat)) {}

    Result<std::optional<http::Request>> request() override { return std::nullopt; }
    Result<void> body(std::string_view, EventSink&) override { return {}; }
    Result<void> end(EventSink& events) override {
        events.emit(TokenCount{.input = tokens_, .estimated = true});
        return {};
    }

private:
    const std::int64_t tokens_;
};

/// `operation` must outlive the exchange.
inline Result<std::unique_ptr<Exchange>> begin_exchange(Provider& provider, const Operation& operation) {
    struct Visitor {
        Provider& provider;
        Result<std::unique_ptr<Exchange>> operator()(const ChatRequest& request) {
            return provider.chat(request);
        }
        Result<std::unique_ptr<Exchange>> operator()(const TokenCountRequest& request) {
            auto exchange = provider.count_tokens(request);
            if (exchange || exchange.error().kind != ErrorKind::unsupported) return exchange;
            return std::make_unique<TokenEstimate>(request.chat);
        }
        Result<std::unique_ptr<Exchange>> operator()(const EmbeddingRequest& request) {
            return provider.embed(request);
        }
        Result<std::unique_ptr<Exchange>> operator()(const RerankRequest& request) {
            return provider.rerank(request);
        }
        Result<std::unique_ptr<Exchange>> operator()(const ModelsRequest&) { return provider.models(); }
        Result<std::unique_ptr<Exchange>> operator()(const RawRequest& request) {
            return provider.raw(request);
        }
    };
    return std::visit(Visitor{provider}, operation);
}

/// The member of Provider that begin_exchange() calls.
inline const char* operation_member(const Operation& operation) {
    struct Visitor {
        const char* operator()(const ChatRequest&) { return "Provider::chat"; }
        const char* operator()(const TokenCountRequest&) { return "Provider::count_tokens"; }
        const char* operator()(const EmbeddingRequest&) { return "Provider::embed"; }
        const char* operator()(const RerankRequest&) { return "Provider::rerank"; }
        const char* operator()(const ModelsRequest&) { return "Provider::models"; }
        const char* operator()(const RawRequest&) { return "Provider::raw"; }
    };
    return std::visit(Visitor(), operation);
}

}  // namespace gatehouse::core
