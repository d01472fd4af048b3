// SPDX-License-Identifier: Apache-2.0
// A dialect reads and writes one client protocol.
//
// parse() reads the request.  The ResponseFormatter that it offers writes the
// response, streaming or non-streaming, in the same protocol.  Neither does any I/O.
//
// A dialect whose protocol has state asks the core to recall, to keep, to change and to forget
// records of the client.  The core adds the client to each key, and does the waiting.  Host::store()
// says whether there is a store; see STORE.md.
//
// Threads: a Dialect's members may be called from several threads at once.  The
// members of one formatter are never called at the same time.
#pragma once

#include "gatehouse/event.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/operation.hpp"
#include "gatehouse/plugin.hpp"
#include "gatehouse/standing.hpp"
#include "gatehouse/store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse {

/// A document of the client that sends the request: StoreKey without the owner.
struct RecordId {
    std::string space = {}, id = {};
};

/// A document to be kept for later requests of the same client; see Put.
struct Keep {
    RecordId id = {};
    std::string body = {};
    std::chrono::milliseconds keep_for{};
    std::optional<std::uint64_t> expected = {};
    /// Instead of `body` and `expected`, for a document that other requests may change at the same time.
    /// The core reads the document, calls this on the flow's loop, and stores the body that it returns.
    /// nullopt: the client has no such document.  An error changes nothing.  If another request has changed
    /// the document meanwhile, the core repeats these steps, at most ten times, so `change` must have no side
    /// effects.
    std::function<Result<std::string>(const std::optional<Record>&)> change = {};
};

/// Writes the response of one attempt.  The core calls event for each event, heartbeat
/// between events, and end.  If the attempt fails after the first bytes of a stream, the
/// core calls error as the last call.  It calls head() before the first byte is sent,
/// and after nothing but events, heartbeats and end.
class ResponseFormatter {
public:
    virtual ~ResponseFormatter() = default;

    /// Whether the output of event() is sent at once.  If not, everything is sent with a
    /// content-length after end() has returned.
    virtual bool streams() const = 0;

    /// Status and headers of a successful response.  The core adds the framing headers.
    virtual http::ResponseHead head() = 0;

    /// Appends the bytes of `event` to `out`.  May hold back bytes that are not decided
    /// yet, and write them later.
    virtual void event(const Event& event, std::string& out) = 0;

    /// The response is complete.  Appends the rest.
    virtual void end(std::string& out) = 0;

    /// Called after end(): the documents to keep.  `sent` is the operation as the hooks have
    /// left it, so that text that a hook has removed is not kept.  Its model is that of the route;
    /// if a hook has answered, it is the name that the hooks have left.
    /// The bytes of end() leave when the documents are stored, because the client may
    /// refer to them at once; after two seconds they leave anyway.  A document that cannot be
    /// stored is counted and logged, and does not fail the response.
    virtual std::vector<Keep> keep(const Operation& sent) {
        (void)sent;
        return {};
    }

    /// The upstream is silent.  Appends bytes that a client counts as a sign of life.  If it is
    /// called after head() and before any event, no attempt has responded yet, and another
    /// formatter writes the response: the bytes must leave no trace, such as an SSE comment.
    virtual void heartbeat(std::string& out) { (void)out; }

    /// The response failed after its first bytes.  Appends the error for the client.
    virtual void error(const Error& error, std::string& out) = 0;
};

/// The result of parse(): a request for records (`recall` and `resume`), or an operation and its
/// formatter, or a complete response (`reply`).
struct Parsed {
    Operation operation = {};
    /// Makes a new formatter for each attempt, so that a failed attempt leaves no trace.
    /// Called on the flow's loop.  May outlive the Dialect's last request.
    std::function<std::unique_ptr<ResponseFormatter>()> formatter = {};

    /// Documents of this client that are needed before the request can be understood.  If
    /// there are any, the core fetches them and calls `resume`; no other member is used.
    std::vector<RecordId> recall = {};
    /// Called once on the flow's loop with the documents, in the order of `recall`; nullopt for
    /// a document that this client does not have.  The result replaces this Parsed.  It may recall
    /// again, at most 8 times for one request.
    std::function<Result<Parsed>(std::vector<std::optional<Record>>)> resume = {};

    /// Documents of this client that are erased before the request continues.
    std::vector<RecordId> forget = {};
    /// Documents of this client that are stored, one after the other, before the request continues.  If a
    /// document cannot be stored, the request is rejected: with the error of Keep::change, or with 503.
    /// If the store was too slow, the document may be stored after the 503.
    std::vector<Keep> keep = {};
    /// The response, without hooks, mapper and provider: the core sends it as it is.
    std::optional<http::Response> reply = {};
};

class Dialect : public Plugin {
public:
    static constexpr const char* kind = "dialect/1";

    /// A method and a path that this dialect serves.  A path that ends in "/*" matches
    /// every longer path.
    struct Endpoint {
        std::string method, path;
        /// Only requests that have this header.  Such an endpoint has precedence over one of
        /// another dialect without it.  Empty: all requests.
        std::string header = {};
    };

    /// Called once, at start.
    virtual std::vector<Endpoint> endpoints() const = 0;

    /// Reads a request to one of the endpoints.  `body` may be moved.  Its capacity is at
    /// least 64 bytes beyond its size, as fast JSON readers require.
    virtual Result<Parsed> parse(const http::RequestHead& head, std::string body) = 0;

    /// The response header that has the id of the request.  Called once, at start.
    virtual std::string request_id_header() const { return "x-request-id"; }

    /// The response to a request that failed before the first byte of a response, for any
    /// reason: bad framing, 401, unknown path, 413, a failed upstream.  Its status is that of the
    /// error, or another one of the same hundred that the protocol has instead, such as 529.
    virtual http::Response error(const Error& error) const = 0;

    /// Adds the headers that tell a client of this protocol how far its limits are used.  Called
    /// for responses and errors of a request that a limiter has decided on.
    virtual void limits(const Standing& standing, http::Headers& headers) const {
        (void)standing, (void)headers;
    }
};

}  // namespace gatehouse
