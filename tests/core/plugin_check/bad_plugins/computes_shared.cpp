// SPDX-License-Identifier: Apache-2.0
// A planted defect: all computations count in one place.
#include "computing.hpp"

#include <atomic>

using namespace gatehouse;

namespace {

class Shared final : public bad::Computing {
public:
    using Computing::Computing;

    Result<void> say(const std::string& text, LocalSink& sink) override {
        const std::string part = text.substr(0, 100);
        for (at_ = 0; at_ < part.size(); ++at_)
            if (!sink.emit(TextDelta{std::string(1, part[at_ % part.size()] & 0x7F)})) return {};
        sink.emit(Finish{});
        return {};
    }

private:
    std::atomic<std::size_t> at_{0};
};

}  // namespace

GATEHOUSE_PLUGIN(Shared, bad::NoOptions, bad::no_fields, "computes_shared", "1.0.0");
