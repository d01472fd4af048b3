// SPDX-License-Identifier: Apache-2.0
// A planted defect: a computation continues after its client has disconnected.
#include "computing.hpp"

using namespace gatehouse;

namespace {

class Deaf final : public bad::Computing {
public:
    using Computing::Computing;

    Result<void> say(const std::string& text, LocalSink& sink) override {
        for (int i = 0; i < 100; ++i) sink.emit(TextDelta{text.empty() ? "and " : "so "});
        sink.emit(Finish{});
        return {};
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Deaf, bad::NoOptions, bad::no_fields, "ignores_leaving", "1.0.0");
