// SPDX-License-Identifier: Apache-2.0
// Authenticates clients by a token that an issuer has signed.
//
// A token is untrusted until its signature has been verified with a key from the
// configured source, by an algorithm that fits this key.  Each check runs on the calling
// thread, because the slowest signature takes a tenth of a millisecond.
#include "plugins/auth/jwt/claims.hpp"
#include "plugins/auth/jwt/key_store.hpp"
#include "plugins/auth/jwt/verified_tokens.hpp"
#include "plugins/common/host/detachable_host.hpp"
#include "plugins/common/inbound/credential.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>

namespace gatehouse::jwt {

namespace {

constexpr std::size_t most_verified = 8'192;

/// The state of the checks.  The instance and the requests that wait for keys share it.
class Checker {
public:
    Checker(const Options& options, std::shared_ptr<Host> host)
        : host_(std::move(host)), claims_(options), verified_(most_verified) {
        for (const std::string& name : options.algorithms) algorithms_.push_back(*algorithm_named(name));
        store_ = std::make_shared<KeyStore>(
            KeyStore::Source{.url = options.jwks_url,
                             .file = options.jwks_file,
                             .ca_file = options.ca_file,
                             .refresh = std::chrono::seconds(options.refresh_s),
                             .max_stale = std::chrono::seconds(options.max_stale_s)},
            host_);
        if (auto ok = store_->start(); !ok)
            throw KeyError("jwks_file",
                           "cannot use the keys in " + options.jwks_file + ": " + ok.error().message);
    }

    /// Returns the client that presented the token `text`.  Returns nothing if no key in
    /// force can verify the token.
    std::optional<Result<Identity>> who(std::string_view text) {
        const auto now = host_->now();
        const KeyStore::Keys keys = store_->keys();
        const auto digest = VerifiedTokens::digest_of(text.substr(0, max_token_bytes + 1));
        if (keys.set)
            if (auto known = verified_.find(digest, keys.number, now)) return *std::move(known);

        auto token = cut(text);
        if (!token) return token.error();
        if (std::find(algorithms_.begin(), algorithms_.end(), token->algorithm) == algorithms_.end())
            return refused("algorithms does not allow its \"alg\"");
        if (auto ok = claims_.plausible(token->payload, now); !ok) return ok.error();
        if (!keys.set) return std::nullopt;
        switch (keys.set->verify(*token)) {
            case KeySet::Verdict::unknown_key: return std::nullopt;
            case KeySet::Verdict::bad: return refused("its signature is wrong");
            case KeySet::Verdict::good: break;
        }
        auto bearer = claims_.read(token->payload, now);
        if (!bearer) return bearer.error();
        Identity who = bearer->who;
        verified_.add(digest, *std::move(bearer), keys.number);
        return who;
    }

    /// The error for a token that no key can verify, when no fetch of newer keys is running.
    Error without_key() {
        if (store_->keys().set) return refused("no key of the issuer has signed it");
        return {.kind = ErrorKind::unavailable,
                .message = "tokens cannot be checked at the moment",
                .detail = "the issuer's keys could not be read yet",
                .retry_after_seconds = 5};
    }

    KeyStore& store() { return *store_; }

private:
    const std::shared_ptr<Host> host_;
    const Claims claims_;
    std::vector<Algorithm> algorithms_;
    std::shared_ptr<KeyStore> store_;
    VerifiedTokens verified_;
};

std::shared_ptr<Checker> make_checker(const Options& options,
                                      const std::shared_ptr<DetachableHost>& detachable) {
    check(options, *detachable);
    return std::make_shared<Checker>(options, detachable);
}

}  // namespace

class Jwt final : public Authenticator {
public:
    Jwt(const Options& options, Host& host)
        : detachable_(std::make_shared<DetachableHost>(host)), checker_(make_checker(options, detachable_)) {}
    ~Jwt() override {
        detachable_->cut();
        checker_->store().drop_waiting();
    }

    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        const std::string_view text = inbound::bearer_token(head.headers);
        if (auto answer = checker_->who(text)) return done(*std::move(answer));

        // `head` and its text remain valid until `done` has been called.
        auto waiting = std::make_shared<Completion<Identity>>(std::move(done));
        const bool waits = checker_->store().wait_for_newer([checker = checker_, text, waiting] {
            auto answer = checker->who(text);
            (*waiting)(answer ? *std::move(answer) : Result<Identity>(checker->without_key()));
        });
        if (!waits) (*waiting)(checker_->without_key());
    }

private:
    const std::shared_ptr<DetachableHost> detachable_;
    const std::shared_ptr<Checker> checker_;
};

}  // namespace gatehouse::jwt

GATEHOUSE_PLUGIN(gatehouse::jwt::Jwt, gatehouse::jwt::Options, gatehouse::jwt::fields, "jwt", "1.0.0");
