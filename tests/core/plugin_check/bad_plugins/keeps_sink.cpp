// SPDX-License-Identifier: Apache-2.0
// A planted defect: another thread keeps using the sink.
#include "computing.hpp"

#include <thread>

using namespace gatehouse;

namespace {

class Keeping final : public bad::Computing {
public:
    using Computing::Computing;

    Result<void> say(const std::string& text, LocalSink& sink) override {
        std::thread([&sink] {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            sink.gone();
        }).detach();
        return Computing::say(text, sink);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Keeping, bad::NoOptions, bad::no_fields, "keeps_sink", "1.0.0");
