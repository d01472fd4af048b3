// SPDX-License-Identifier: Apache-2.0
// A planted defect: a computation that never ends, and never looks.
#include "computing.hpp"

using namespace gatehouse;

namespace {

class Endless final : public bad::Computing {
public:
    using Computing::Computing;

    Result<void> say(const std::string& text, LocalSink&) override {
        volatile bool more = !text.empty();
        while (more) {
        }
        return {};
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Endless, bad::NoOptions, bad::no_fields, "computes_forever", "1.0.0");
