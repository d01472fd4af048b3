// SPDX-License-Identifier: Apache-2.0
// A planted defect: a completion is kept for ever.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Signing final : public Signer {
public:
    Signing(Options, Host& host) : host_(host) {}
    void sign(http::Request request, Completion<http::Request> done) override {
        static auto* const kept = new std::vector<Completion<http::Request>>;
        if (request.method == "PUT") return kept->push_back(std::move(done));
        done(std::move(request));
    }

private:
    [[maybe_unused]] Host& host_;
};

}  // namespace

GATEHOUSE_PLUGIN(Signing, Options, fields, "never_completes", "1.0.0");
