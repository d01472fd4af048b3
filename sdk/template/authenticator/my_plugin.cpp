// SPDX-License-Identifier: Apache-2.0
// An authenticator that knows clients by their tokens.  Change it into your own.
//
// A client sends `Authorization: Bearer TOKEN`.  The log and the metrics show the name
// that the configuration gives to the token.
#include <gatehouse/sdk.hpp>

#include <set>

using namespace gatehouse;

namespace {

// The keys of [authenticator.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml authenticator my_plugin` prints them.
struct Client {
    std::string name, token;
};
struct Options {
    std::vector<Client> clients = {};
};

const Fields<Options> fields = {
    tables("clients", &Options::clients,
           Fields<Client>{
               required("name", &Client::name, "The client's name in the log and the metrics."),
               secret("token", &Client::token, "The token that the client sends."),
           },
           "The clients that are admitted."),
};

// Takes the same time for every wrong token of the same length.
bool same(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

class ByToken final : public Authenticator {
public:
    ByToken(Options options, Host&) : options_(std::move(options)) {
        std::set<std::string> names;
        for (std::size_t i = 0; i < options_.clients.size(); ++i) {
            const std::string at = "clients[" + std::to_string(i) + "]";
            // Rejects a value of the right type that cannot be used.  The message names the key.
            if (options_.clients[i].token.empty()) throw KeyError(at + ".token", "a token must not be empty");
            if (!names.insert(options_.clients[i].name).second)
                throw KeyError(at + ".name", "two clients have this name");
        }
    }

    // Many threads may call this at once.  It may also complete later: Host::fetch
    // asks another service, Host::run does long work.
    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        constexpr std::string_view scheme = "Bearer ";
        const std::string_view given = head.headers.get("authorization");
        if (given.size() > scheme.size() &&
            http::equal_ignoring_case(given.substr(0, scheme.size()), scheme)) {
            const std::string_view token = given.substr(scheme.size());
            for (const Client& client : options_.clients)
                if (same(client.token, token)) return done(Identity{client.name});
        }
        // All failures look alike to the client.
        done(Error{ErrorKind::unauthenticated, "expected a valid token in the header Authorization"});
    }

private:
    const Options options_;
};

}  // namespace

GATEHOUSE_PLUGIN(ByToken, Options, fields, "my_plugin", "0.1.0");
