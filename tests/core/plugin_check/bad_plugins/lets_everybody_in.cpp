// SPDX-License-Identifier: Apache-2.0
// A planted defect: any credential is accepted and becomes the name in the log.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class AcceptsAll final : public Authenticator {
public:
    AcceptsAll(Options, Host&) {}
    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        const std::string shown(head.headers.get("authorization"));
        if (shown.empty()) return done(Error{ErrorKind::unauthenticated, "show a key"});
        done(Identity{shown});
    }
};

}  // namespace

GATEHOUSE_PLUGIN(AcceptsAll, Options, fields, "lets_everybody_in", "1.0.0");
