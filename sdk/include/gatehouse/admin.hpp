// SPDX-License-Identifier: Apache-2.0
// A resource of the admin API: an operator's view of a plugin instance.
//
// An instance of any kind offers one with Plugin::admin().  The core serves it on the [admin]
// listener at /api/v1/NAME.  It checks the token, its rights and the size of the body, and logs
// the caller of each call.
#pragma once

#include "gatehouse/completion.hpp"
#include "gatehouse/http.hpp"

#include <string>
#include <vector>

namespace gatehouse {

/// A method of a resource.
struct AdminMethod {
    std::string method = "GET";  // GET, POST, PUT, PATCH or DELETE; the core answers HEAD by GET
    /// The right that the caller's token must have (`may` of `[admin] tokens`): "read", "operate", or
    /// another word of letters, digits, "_" and "-".
    std::string needs = "read";
    std::string doc = {};  // one sentence, shown by GET /api/v1
};

/// A call of a resource.  All texts are the caller's own, except `method` and `who`.
struct AdminRequest {
    std::string method = "GET";  // one of the resource's methods
    std::string path = {};       // behind /api/v1/NAME: empty, or begins with "/"; percent-encoded as sent
    std::string query = {};      // as sent, without the question mark
    http::Headers headers = {};  // without the credential
    std::string body = {};       // at most `[admin] max_body_bytes`
    std::string who = {};        // the name of the caller's token, or "console" for a login by a code; empty:
                                 // the configuration has no tokens
};

class AdminResource {
public:
    /// Lower-case letters, digits, "_" and "-", at most 64 of them.  Unique in a configuration, so make
    /// it a key of the plugin.  The same each time.  [main thread, at start or reload]
    virtual std::string name() const = 0;
    /// Each method once; the core refuses others with 405.  As name().
    virtual std::vector<AdminMethod> methods() const = 0;

    /// Completes with a response, or with an Error, which the caller sees as problem details (RFC 9457).
    /// A caller that does not get it within `[admin] timeout_ms` gets 504.  The instance lives until the
    /// call has ended, also over a reload.  Calls may overlap if their completions come later.  Must not
    /// block, because the thread also serves /health and /metrics.  [the admin thread]
    virtual void handle(AdminRequest request, Completion<http::Response> done) = 0;

protected:
    ~AdminResource() = default;
};

}  // namespace gatehouse
