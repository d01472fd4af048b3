// SPDX-License-Identifier: Apache-2.0
// An authenticator that asks a service.  It is correct, unless `confused` makes it report a refused
// credential as a failure of the service.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

struct Options {
    bool confused = false;
};

const Fields<Options> fields = {optional("confused", &Options::confused, "Report refusals as failures.")};

class AsksService final : public Authenticator {
public:
    AsksService(Options options, Host& host) : options_(options), host_(host) {}

    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        http::Request question{.url = "https://auth.example/check",
                               .headers = {{"x-key", std::string(head.headers.get("x-api-key"))}}};
        auto shared = std::make_shared<Completion<Identity>>(std::move(done));
        host_.fetch(std::move(question), Completion<http::Response>([this, shared](auto response) {
                        (*shared)(verdict(response));
                    }));
    }

private:
    Result<Identity> verdict(const Result<http::Response>& response) const {
        if (!response) return Error{ErrorKind::unavailable, "the service for keys does not respond"};
        if (response->head.status == 200) return Identity{response->body};
        if (options_.confused) return Error{ErrorKind::unavailable, "the service for keys refused the key"};
        return Error{ErrorKind::unauthenticated, "unknown key"};
    }

    const Options options_;
    Host& host_;
};

GATEHOUSE_PLUGIN(AsksService, Options, fields, "asks_service", "1.0.0");
