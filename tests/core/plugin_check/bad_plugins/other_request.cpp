// SPDX-License-Identifier: Apache-2.0
// A planted defect: request(), called again, sends something else.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<std::optional<http::Request>> request() override {
        auto request = Words::request();
        (*request)->url += "?try=" + std::to_string(++tries_);
        return request;
    }

private:
    int tries_ = 0;
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "other_request", "1.0.0");
