// SPDX-License-Identifier: Apache-2.0
// A planted defect: the client's model name goes into a header as it is.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<std::optional<http::Request>> request() override {
        auto request = Words::request();
        (*request)->headers.set("x-model", request_.model);
        return request;
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "injected_header", "1.0.0");
