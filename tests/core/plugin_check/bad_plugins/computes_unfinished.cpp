// SPDX-License-Identifier: Apache-2.0
// A planted defect: a computation ends without a Finish.
#include "computing.hpp"

using namespace gatehouse;

namespace {

class Unfinished final : public bad::Computing {
public:
    using Computing::Computing;

    Result<void> say(const std::string& text, LocalSink& sink) override {
        sink.emit(TextDelta{text});
        return {};
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Unfinished, bad::NoOptions, bad::no_fields, "computes_unfinished", "1.0.0");
