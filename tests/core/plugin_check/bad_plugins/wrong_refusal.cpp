// SPDX-License-Identifier: Apache-2.0
// A planted defect: a wrong key is an internal error that repeats the key.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class WrongRefusal final : public Authenticator {
public:
    WrongRefusal(Options, Host&) {}
    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        const std::string shown(head.headers.get("authorization"));
        done(Error{ErrorKind::internal, "the key " + shown.substr(0, 100) + " is not known"});
    }
};

}  // namespace

GATEHOUSE_PLUGIN(WrongRefusal, Options, fields, "wrong_refusal", "1.0.0");
