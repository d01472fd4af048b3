// SPDX-License-Identifier: Apache-2.0
// A planted defect: a signer sets framing, drops a header, and changes the body.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Signing final : public Signer {
public:
    Signing(Options, Host& host) : host_(host) {}
    void sign(http::Request request, Completion<http::Request> done) override {
        request.headers = {{"transfer-encoding", "chunked"}, {"x-signature", "a\r\nb"}};
        request.body += ' ';
        done(std::move(request));
    }

private:
    [[maybe_unused]] Host& host_;
};

}  // namespace

GATEHOUSE_PLUGIN(Signing, Options, fields, "signs_framing", "1.0.0");
