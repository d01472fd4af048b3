// SPDX-License-Identifier: Apache-2.0
// A planted defect: content-length is set by hand.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<std::optional<http::Request>> request() override {
        auto request = Words::request();
        (*request)->headers.set("content-length", std::to_string((*request)->body.size()));
        return request;
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "own_framing", "1.0.0");
