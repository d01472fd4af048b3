// SPDX-License-Identifier: Apache-2.0
// Credentials on both sides: an Authenticator checks those of a client, a Signer adds
// those for an upstream.  Either may have to wait, so both complete later.
#pragma once

#include "gatehouse/completion.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/plugin.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {

/// The client of a request.  `name` may be logged; the credential never is.
struct Identity {
    std::string name = {};
    /// The models that the client may use, by the client's names: complete names, or a
    /// prefix and a star.  Empty: all; refuse a client without any model with forbidden.  The
    /// core checks the name that the client wrote, before a hook can change it.
    std::vector<std::string> models = {};
    std::string id = {};                   // does not change with the name; empty: `name` is the id
    std::vector<std::string> groups = {};  // teams of the client, for limits and reports
    /// Other facts about the client, such as its tenant.  Plugins may log them.
    std::map<std::string, std::vector<std::string>, std::less<>> attributes = {};
};

/// Checks a client's credentials.  All members: [any thread, concurrently].
class Authenticator : public Plugin {
public:
    static constexpr const char* kind = "authenticator/1";

    /// Completes with an Identity, or with unauthenticated or forbidden.  Another kind of
    /// error means that the check itself failed, and is logged as such.  The core has not
    /// read the body yet.  `head` is valid until `done` has been called.
    virtual void authenticate(const http::RequestHead& head, Completion<Identity> done) = 0;

    /// The reason why no client can be authenticated yet, in a few words for the operator, such as "the
    /// keys have not been loaded yet"; empty: this instance is ready.  While the first authenticator of the
    /// file is not ready, /ready returns 503.
    virtual std::string unready() const { return {}; }
};

/// An upstream's refusal of a signed request.  Valid until the completion has been called.
struct Rejection {
    const http::ResponseHead& head;  // its status is 400, 401 or 403
    std::string_view body;           // at most the first 8 KiB
    const Identity& who;             // as in sign_for()
};

/// Adds the credentials that an upstream requires: a signature or a bearer token.
/// All members: [any thread, concurrently].
class Signer : public Plugin {
public:
    static constexpr const char* kind = "signer/1";

    /// Called for each upstream request, as the last step before sending, because a
    /// signature may contain the time.  The core sends exactly the method, url, headers
    /// and body that come back.  It adds only `content-length`, `accept-encoding`, and
    /// `host` if absent.  After an error of kind `unavailable`, `timeout` or `rate_limited` the core may
    /// try the route again; after any other error only the next route may follow.
    virtual void sign(http::Request request, Completion<http::Request> done) = 0;

    /// As sign(), for a request of the client `who`.  Its name is `anonymous` if the configuration
    /// has no authenticator, and empty if the gateway itself asks for a list of models.  `who` is
    /// valid until `done` has been called.
    virtual void sign_for(const Identity& who, http::Request request, Completion<http::Request> done) {
        (void)who;
        sign(std::move(request), std::move(done));
    }

    /// The upstream answered 400, 401 or 403 to a signed request.  Completes with true if
    /// the status and the body say that the credentials were refused, and signing again may
    /// help.  It says so at most once per attempt, and is not asked again then.
    virtual void rejected(const Rejection& rejection, Completion<bool> done) {
        (void)rejection;
        done(false);
    }

    /// Called after an upstream has rejected a signed request (401, 403, 404).  Says how
    /// this signer signs and what an operator should check, in sentences, one on each
    /// line, without secrets.  `gatehouse check --live` shows them; a client never sees them.
    virtual std::string advice() const { return {}; }
};

}  // namespace gatehouse
