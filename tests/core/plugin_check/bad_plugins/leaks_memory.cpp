// SPDX-License-Identifier: Apache-2.0
// A planted defect: an exchange leaves its request behind.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<std::optional<http::Request>> request() override {
        kept_ = new std::string(last_user_text(request_));
        return Words::request();
    }

private:
    std::string* kept_ = nullptr;
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "leaks_memory", "1.0.0");
