// SPDX-License-Identifier: Apache-2.0
// Authenticates clients by keys that an operator makes, rotates, blocks and revokes by the admin API,
// without a restart or a reload.  Any thread.
#include "plugins/auth/managed_keys/key_admin.hpp"
#include "plugins/auth/managed_keys/key_expiry.hpp"
#include "plugins/auth/managed_keys/key_uses.hpp"
#include "plugins/auth/managed_keys/stored_uses.hpp"
#include "plugins/common/inbound/credential.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::managed_keys {

namespace {

struct Options {
    std::string resource = AdminOptions().resource;
    std::int64_t refresh_ms = 250, expiry_warning_days = 7;
    std::int64_t grace_seconds = AdminOptions().grace_seconds, max_keys = AdminOptions().max_keys;
};

const Fields<Options> fields = {
    optional("resource", &Options::resource,
             "Name of the resource of the admin API with the keys: /api/v1/NAME."),
    ranged("refresh_ms", &Options::refresh_ms, 100, 60'000,
           "Interval at which the gateway looks for changes by other gateways, in milliseconds."),
    ranged(
        "grace_seconds", &Options::grace_seconds, 0, 31'536'000,
        "Time for which the old secret stays valid if the rotate call gives no grace_seconds, in seconds."),
    ranged("expiry_warning_days", &Options::expiry_warning_days, 0, 365,
           "Days before the end of a key at which the log has a warning; 0: none."),
    ranged("max_keys", &Options::max_keys, 1, 1'000'000,
           "Maximum number of keys, including revoked keys.  The API refuses to make more."),
};

Error refusal(std::string message, std::string reason, const KeyRecord& key) {
    return {.kind = ErrorKind::unauthenticated,
            .message = std::move(message),
            .detail = "key " + key.id + " (" + key.name + ") " + std::move(reason)};
}

}  // namespace

class ManagedKeys final : public Authenticator {
public:
    ManagedKeys(Options options, Host& host)
        : host_(host),
          keys_(with_store(host), std::chrono::milliseconds(options.refresh_ms)),
          admin_({options.resource, options.grace_seconds, options.max_keys}, keys_, host),
          expiry_(host, keys_.table(), options.expiry_warning_days),
          uses_(host, keys_, KeyUses::of_process()) {
        keys_.start();
        expiry_.start();
        uses_.start();
    }

    AdminResource* admin() override { return &admin_; }

    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        done(identify(inbound::bearer_or_api_key(head.headers)));
    }

    std::string unready() const override {
        return keys_.loaded() ? "" : "the API keys have not been loaded yet";
    }

private:
    static Host& with_store(Host& host) {
        if (!host.store())
            throw KeyError("store",
                           "the keys need a store: name one, such as store = \"keys\" for [store.keys]");
        return host;
    }

    Result<Identity> identify(std::string_view presented) const {
        const Error unknown{ErrorKind::unauthenticated, "the API key is missing or wrong"};
        const auto text = parse_key(presented);
        if (!text) return unknown;
        if (const std::string reason = unready(); !reason.empty())
            return Error{ErrorKind::unavailable, reason};
        const KeyPointer key = keys_.table().find(text->id);
        const std::int64_t now =
            std::chrono::duration_cast<std::chrono::seconds>(host_.now().time_since_epoch()).count();
        if (!key || !key->knows(text->digest, now)) return unknown;
        // From here on the client has proven that it knows the secret.
        const std::string_view state = key->state(now);
        if (state != "active")
            return refusal("the API key is " + std::string(state), "is " + std::string(state), *key);
        KeyUses::of_process().note(key->id, now);
        return Identity{.name = key->name, .models = key->models, .id = key->id, .groups = key->groups};
    }

    Host& host_;
    KeyStore keys_;
    KeyAdmin admin_;
    KeyExpiry expiry_;
    StoredUses uses_;
};

}  // namespace gatehouse::managed_keys

GATEHOUSE_PLUGIN(gatehouse::managed_keys::ManagedKeys, gatehouse::managed_keys::Options,
                 gatehouse::managed_keys::fields, "managed_keys", "1.0.0");
