// SPDX-License-Identifier: Apache-2.0
// Asks a provider for the exchange of an operation.  [any thread]
#pragma once

#include <gatehouse/operation.hpp>
#include <gatehouse/provider.hpp>

#include <memory>
#include <variant>

namespace gatehouse::core {

/// `operation` must outlive the exchange.
inline Result<std::unique_ptr<Exchange>> begin_exchange(Provider& provider, const Operation& operation) {
    struct Visitor {
        Provider& provider;
        Result<std::unique_ptr<Exchange>> operator()(const ChatRequest& request) {
            return provider.chat(request);
        }
        Result<std::unique_ptr<Exchange>> operator()(const TokenCountRequest& request) {
            return provider.count_tokens(request);
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

}  // namespace gatehouse::core
