// SPDX-License-Identifier: Apache-2.0
// The two doors: who may come in (Authenticator), and how we show ourselves
// to an upstream (Signer).  Either may have to wait, so both complete later.
#pragma once

#include "gatehouse/completion.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/plugin.hpp"

#include <string>
#include <vector>

namespace gatehouse {

/// Who a request is from.  `name` may be logged; the credential never is.
struct Identity {
    std::string name = {};
    /// The models it may name, as the client writes them: whole names, or the beginning
    /// of one and a star.  Empty: all.  Kept by the core, before the mapper is asked.
    std::vector<std::string> models = {};
};

/// Checks a client's credentials.  All members: [any thread, concurrently].
class Authenticator : public Plugin {
public:
    static constexpr const char* kind = "authenticator/1";

    /// Completes with an Identity, or with unauthenticated / forbidden.  Another
    /// kind of error means that the check itself failed, and is logged as such.
    /// Called before a byte of the body is read.  `head` is valid until `done`
    /// has been called.
    virtual void authenticate(const http::RequestHead& head, Completion<Identity> done) = 0;
};

/// Adds what an upstream asks for: a signature, a bearer token.
/// All members: [any thread, concurrently].
class Signer : public Plugin {
public:
    static constexpr const char* kind = "signer/1";

    /// Called once per attempt, last before sending: a signature may be dated.
    /// The core sends exactly the method, url, headers and body that come back,
    /// and adds only what it must: `host` if absent, `content-length`, `accept-encoding`.
    virtual void sign(http::Request request, Completion<http::Request> done) = 0;

    /// The upstream answered 401 to what was signed.  Completes with true if
    /// signing once more may help, because a token has been renewed meanwhile.
    virtual void rejected(Completion<bool> done) { done(false); }

    /// After an upstream has refused (401, 403, 404) what was signed: how this signer
    /// signs and what an operator should look at, in sentences, each a line.  Shown
    /// by `gatehouse check --live`, never to a client; no secrets.
    virtual std::string advice() const { return {}; }
};

}  // namespace gatehouse
