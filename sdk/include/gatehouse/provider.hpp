// SPDX-License-Identifier: Apache-2.0
// A provider translates requests to the HTTP of one upstream, and its responses back.
//
// A provider does no I/O.  For each request the core asks it for an Exchange, sends
// the request that the Exchange describes, and feeds it the bytes of the response.
// A provider never waits, never starts a thread and can be tested with strings.
// The core does retries, routes, timeouts, cancellation and back-pressure.
//
// Threads: a Provider's members may be called from several threads at once.
// The members of one Exchange are never called at the same time, but not always
// from the same thread.
#pragma once

#include "gatehouse/event.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/operation.hpp"
#include "gatehouse/plugin.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace gatehouse {

/// One request to one upstream.  Destroyed when the response is complete or has
/// failed, or the client has disconnected.
///
/// Order of calls: request, head, body (any number of times), end, next.  If next
/// names another request, head, body and end follow again.  end() is not called if
/// the transfer fails.
class Exchange {
public:
    virtual ~Exchange() = default;

    /// The unsigned request to send.  std::nullopt: there is no upstream request, and
    /// end() follows at once.  Called first, and again before a retry.  A retry starts
    /// from the beginning, as if nothing had been received.
    virtual Result<std::optional<http::Request>> request() = 0;

    /// The upstream's status and headers: record them.  A status that is not 2xx is
    /// not an error yet, because the reason is in the body.
    virtual void head(const http::ResponseHead&) {}

    /// Some bytes of the body, cut anywhere.  Keep an incomplete rest.  If the status is
    /// not 2xx, the core feeds at most 64 KiB.  `bytes` is valid during the call.  An
    /// error ends the exchange.
    virtual Result<void> body(std::string_view bytes, EventSink& events) = 0;

    /// The body is complete.  Emit the remaining events, among them the Finish of each
    /// choice, or return the reason of a failure: a bad status, no finish.
    virtual Result<void> end(EventSink& events) = 0;

    /// Called after end() has succeeded.  Another request of the same response, such as
    /// the next batch or page.  std::nullopt, the usual case: the response is complete.
    virtual Result<std::optional<http::Request>> next() { return std::nullopt; }

    /// Called after next() has returned a request: the time that the core waits before it
    /// sends that request, for an upstream that is polled.  The timeouts of the response run
    /// meanwhile.
    virtual std::chrono::milliseconds delay() const { return {}; }

    /// Whether the response is complete although the upstream has not closed it.  Called
    /// after body().  If true, the core calls end() without waiting for more bytes.
    virtual bool complete() const { return false; }

    /// Called after body().  Whether the response may be complete already:
    /// nothing is missing, but the upstream has neither ended it nor said so.  If true, the core
    /// calls body() without bytes after each half second of silence, and then complete().
    virtual bool may_end() const { return false; }

    /// Called after the attempt has failed with `error` before any event: in end(), or in
    /// the transfer, and then end() was not called.  Return true if a second request()
    /// would differ, for example without a parameter that the model rejected, or at
    /// another endpoint.  The core then sends it at once on the same route, a bounded
    /// number of times.  It counts as an attempt if the failure was not the request's
    /// mistake (a broken transfer, 429, 5xx) or the endpoint is another one.
    virtual bool amend(const Error&) { return false; }

    /// Called after a failure.  Hints for an operator, in sentences, one on each line.
    /// Empty if the exchange knows no more than `error` says.  `gatehouse check --live`
    /// shows them; a client never sees them.
    virtual std::string advice(const Error&) { return {}; }

    /// The name of the response header that has the upstream's own request id.  The core sends the id of
    /// the gateway's request under the same name, unless the request has such a header.  Empty: neither.
    virtual std::string_view request_id_header() const { return "x-request-id"; }
};

class LocalProvider;  // local.hpp

class Provider : public Plugin {
public:
    static constexpr const char* kind = "provider/1";

    /// Begins an exchange.  `model` of `request` is this provider's own name of the model.
    /// `request` stays valid and unchanged during the life of the Exchange.
    virtual Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) = 0;

    virtual Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest&) {
        return Error{ErrorKind::unsupported, "the provider of this model has no embeddings"};
    }
    virtual Result<std::unique_ptr<Exchange>> rerank(const RerankRequest&) {
        return Error{ErrorKind::unsupported, "the provider of this model has no reranking"};
    }

    /// Begins an exchange that counts the tokens of a prompt.  It emits one TokenCount.  If the
    /// provider returns `unsupported`, the core emits an estimate (token_estimate.hpp).
    virtual Result<std::unique_ptr<Exchange>> count_tokens(const TokenCountRequest&) {
        return Error{ErrorKind::unsupported, "the provider of this model cannot count tokens"};
    }
    /// Begins an exchange for an operation that only the dialect and this provider know.  It
    /// emits RawBytes.
    virtual Result<std::unique_ptr<Exchange>> raw(const RawRequest& request) {
        return Error{ErrorKind::unsupported,
                     "the provider of this model does not support '" + request.operation + "'"};
    }

    /// Begins an exchange that lists the upstream's models.  It emits a ModelInfo event for
    /// each model that a route may name, page after page by Exchange::next().
    virtual Result<std::unique_ptr<Exchange>> models() {
        return Error{ErrorKind::unsupported, "this provider cannot list its models"};
    }
    /// Whether the configuration asks for that list.  If true, the core fetches it in the
    /// background, at start and periodically.  It keeps the last good list and passes it
    /// to the mapper.  Neither the start nor a request waits for it.
    virtual bool discovers() const { return false; }

    /// This provider if it computes in this process and needs no exchange, else null.
    /// Called once, at start.  local.hpp overrides it.
    virtual LocalProvider* local() { return nullptr; }
};

/// An Exchange that emits `text` and needs no upstream, for mocks and examples.
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
