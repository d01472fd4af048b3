// SPDX-License-Identifier: Apache-2.0
// A planted defect: a huge body is signed, and then refused.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Signing final : public Signer {
public:
    Signing(Options, Host& host) : host_(host) {}
    void sign(http::Request request, Completion<http::Request> done) override {
        const bool huge = request.body.size() > 1'000'000;
        done(std::move(request));
        if (huge) done(Error{ErrorKind::too_large, "the body is too large"});
    }

private:
    [[maybe_unused]] Host& host_;
};

}  // namespace

GATEHOUSE_PLUGIN(Signing, Options, fields, "completes_twice", "1.0.0");
