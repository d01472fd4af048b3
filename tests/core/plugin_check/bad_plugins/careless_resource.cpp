// SPDX-License-Identifier: Apache-2.0
// Planted defects of an admin resource: its name, a status, the kind of an error, and an exception.
#include <gatehouse/sdk.hpp>

#include <stdexcept>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Careless final : public Hook, public AdminResource {
public:
    Careless(Options, Host&) {}
    std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<HookState>(); }
    AdminResource* admin() override { return this; }

    std::string name() const override { return "My Resource"; }
    std::vector<AdminMethod> methods() const override { return {{"GET", "read", "Everything."}}; }
    void handle(AdminRequest request, Completion<http::Response> done) override {
        if (request.path.size() > 1'000) throw std::out_of_range("path");
        if (!request.body.empty()) return done(Error{ErrorKind::internal, "cannot read the body"});
        if (!request.query.empty()) return done(http::Response{{.status = 20}, {}});
        done(http::Response{{.status = 200, .headers = {{"x-path", request.path}}}, {}});
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Careless, Options, fields, "careless_resource", "1.0.0");
