// SPDX-License-Identifier: Apache-2.0
// A planted defect: a thread of its own emits the events.
#include "computing.hpp"

#include <thread>

using namespace gatehouse;

namespace {

class Elsewhere final : public bad::Computing {
public:
    using Computing::Computing;

    Result<void> say(const std::string& text, LocalSink& sink) override {
        Result<void> result;
        std::thread([&] { result = Computing::say(text, sink); }).join();
        return result;
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Elsewhere, bad::NoOptions, bad::no_fields, "emits_elsewhere", "1.0.0");
