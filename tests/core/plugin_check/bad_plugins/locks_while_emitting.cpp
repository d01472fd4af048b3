// SPDX-License-Identifier: Apache-2.0
// A planted defect: one answer after another, however slow its client.
#include "computing.hpp"

#include <mutex>

using namespace gatehouse;

namespace {

class Locking final : public bad::Computing {
public:
    using Computing::Computing;

    Result<void> say(const std::string& text, LocalSink& sink) override {
        const std::lock_guard lock(mutex_);
        return Computing::say(text, sink);
    }

private:
    std::mutex mutex_;
};

}  // namespace

GATEHOUSE_PLUGIN(Locking, bad::NoOptions, bad::no_fields, "locks_while_emitting", "1.0.0");
