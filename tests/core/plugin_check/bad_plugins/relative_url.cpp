// SPDX-License-Identifier: Apache-2.0
// A planted defect: the URL is relative.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<std::optional<http::Request>> request() override {
        auto request = Words::request();
        (*request)->url = "/words";
        return request;
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "relative_url", "1.0.0");
