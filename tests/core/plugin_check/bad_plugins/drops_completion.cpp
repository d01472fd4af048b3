// SPDX-License-Identifier: Apache-2.0
// A planted defect: requests without a body are forgotten.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Signing final : public Signer {
public:
    Signing(Options, Host& host) : host_(host) {}
    void sign(http::Request request, Completion<http::Request> done) override {
        if (request.body.empty()) return;
        done(std::move(request));
    }

private:
    [[maybe_unused]] Host& host_;
};

}  // namespace

GATEHOUSE_PLUGIN(Signing, Options, fields, "drops_completion", "1.0.0");
