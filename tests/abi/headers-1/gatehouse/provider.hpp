// SPDX-License-Identifier: Apache-2.0
// A provider: translates requests to one upstream's HTTP and its answers back.
//
// A provider does no I/O.  For each request the core asks it for an Exchange,
// sends what the Exchange wants sent, and feeds it the bytes that come back.
// So a provider never waits, never starts a thread and can be tested with
// strings; retries, routes, timeouts, cancellation and flow control are the
// core's, and hold for every provider.
//
// Threads: a Provider's members may be called from several threads at once.
// The members of one Exchange are never called at the same time, though not
// always from the same thread.
#pragma once

#include "gatehouse/event.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/operation.hpp"
#include "gatehouse/plugin.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace gatehouse {

/// One request on its way through one upstream.  Destroyed when the answer is
/// complete, has failed, or the client has gone.
///
/// Order of calls: request, head, body (any number of times), end; then next,
/// and if it names another request, head, body, end again.  A transfer that
/// breaks ends the exchange without end().
class Exchange {
public:
    virtual ~Exchange() = default;

    /// What to send, unsigned; nothing if the provider answers by itself, then
    /// end() follows at once.  Called first, and again before a retry: it then
    /// starts afresh, as though nothing had been received.
    virtual Result<std::optional<http::Request>> request() = 0;

    /// The upstream's status and headers: record them.  A status that is not
    /// 2xx is no error yet; its reason is in the body.
    virtual void head(const http::ResponseHead&) {}

    /// Some bytes of the body, cut anywhere: keep what is incomplete.  Of an
    /// answer that is not 2xx the core feeds at most 64 KiB.  `bytes` is valid
    /// during the call.  An error ends the exchange.
    virtual Result<void> body(std::string_view bytes, EventSink& events) = 0;

    /// The body is complete.  Emit what is left, each choice's Finish among it,
    /// or say why the answer is a failed one: bad status, no finish.
    virtual Result<void> end(EventSink& events) = 0;

    /// After end() has succeeded: another request that belongs to the same
    /// answer (the next batch, the next page), or nothing, which is the usual case.
    virtual Result<std::optional<http::Request>> next() { return std::nullopt; }

    /// After end() has failed: whether request() would now ask differently, so
    /// that it may succeed, for instance without a parameter that the model
    /// refused.  The core then tries once more on the same route.
    virtual bool amended() { return false; }

    /// The header in which this upstream names its own id of the request.
    virtual std::string_view request_id_header() const { return "x-request-id"; }
};

class Provider : public Plugin {
public:
    static constexpr const char* kind = "provider/1";

    /// Begins an exchange.  `request`, whose `model` is this provider's own name
    /// for it, stays valid and unchanged as long as the Exchange.
    virtual Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) = 0;

    virtual Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest&) {
        return Error{ErrorKind::unsupported, "the provider of this model has no embeddings"};
    }
    virtual Result<std::unique_ptr<Exchange>> rerank(const RerankRequest&) {
        return Error{ErrorKind::unsupported, "the provider of this model has no reranking"};
    }
};

/// An Exchange that says `text` and needs no upstream: for mocks and examples.
inline std::unique_ptr<Exchange> answer(std::string text) {
    struct Answer final : Exchange {
        std::string text;
        Result<std::optional<http::Request>> request() override { return std::nullopt; }
        Result<void> body(std::string_view, EventSink&) override { return {}; }
        Result<void> end(EventSink& events) override {
            events.emit(TextDelta{text});
            events.emit(Finish{FinishReason::stop});
            return {};
        }
    };
    auto exchange = std::make_unique<Answer>();
    exchange->text = std::move(text);
    return exchange;
}

}  // namespace gatehouse
