// SPDX-License-Identifier: Apache-2.0
// A planted defect: a computation throws.
#include "computing.hpp"

#include <stdexcept>

using namespace gatehouse;

namespace {

class Throwing final : public bad::Computing {
public:
    using Computing::Computing;

    Result<void> say(const std::string& text, LocalSink& sink) override {
        if (text.empty()) throw std::runtime_error("nothing to say");
        return Computing::say(text, sink);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Throwing, bad::NoOptions, bad::no_fields, "computes_throwing", "1.0.0");
