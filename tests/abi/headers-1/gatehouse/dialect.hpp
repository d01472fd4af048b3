// SPDX-License-Identifier: Apache-2.0
// A dialect: one client protocol, both ways.
//
// parse() reads the request; the ResponseFormatter that it offers writes the
// answer, streamed or whole, in the same protocol.  Neither does any I/O.
//
// Threads: a Dialect's members may be called from several threads at once; the
// members of one formatter never are.
#pragma once

#include "gatehouse/event.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/operation.hpp"
#include "gatehouse/plugin.hpp"

#include <functional>
#include <memory>

namespace gatehouse {

/// Writes one answer of one attempt.  Members are called in this order: event
/// for each event, then end; heartbeat between events; or, once bytes of a
/// stream have gone out, error, which is then the last call.  head() is asked
/// before the first byte goes out, and after nothing but events, heartbeats and end.
class ResponseFormatter {
public:
    virtual ~ResponseFormatter() = default;

    /// Whether what event() writes goes out at once.  If not, everything is sent
    /// when end() has returned, with a content-length.
    virtual bool streams() const = 0;

    /// Status and headers of a good answer; the core adds those of framing.
    virtual http::ResponseHead head() = 0;

    /// Appends to `out` what `event` means on the wire; it may hold back what is
    /// not yet decided, and write it later.
    virtual void event(const Event& event, std::string& out) = 0;

    /// The answer is complete.  Appends what is left.
    virtual void end(std::string& out) = 0;

    /// The upstream is silent: appends something that a client counts as life.
    virtual void heartbeat(std::string& out) { (void)out; }

    /// The answer broke after its first bytes: appends what tells the client.
    virtual void error(const Error& error, std::string& out) = 0;
};

struct Parsed {
    Operation operation;
    /// Makes a fresh formatter for each attempt, so that a failed one leaves no
    /// trace.  Called on the flow's loop; it may outlive the Dialect's last request.
    std::function<std::unique_ptr<ResponseFormatter>()> formatter;
};

class Dialect : public Plugin {
public:
    static constexpr const char* kind = "dialect/1";

    /// A method and a path that this dialect answers.  A path that ends in "/*"
    /// stands for every longer one.
    struct Endpoint {
        std::string method, path;
    };

    /// Asked once, at start.
    virtual std::vector<Endpoint> endpoints() const = 0;

    /// Reads a request to one of the endpoints.  `body` may be taken; its capacity
    /// is at least 64 bytes beyond its size, as fast JSON readers ask for.
    virtual Result<Parsed> parse(const http::RequestHead& head, std::string body) = 0;

    /// An answer to a request that was refused, by whomever, before anything of
    /// an answer went out: bad framing, 401, unknown path, 413, a failed upstream.
    virtual http::Response error(const Error& error) const = 0;
};

}  // namespace gatehouse
