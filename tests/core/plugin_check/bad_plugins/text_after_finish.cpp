// SPDX-License-Identifier: Apache-2.0
// A planted defect: a text comes after its Finish, and Usage comes twice.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink& events) override {
        auto ok = Words::end(events);
        if (!ok) return ok;
        events.emit(TextDelta{"late"});
        events.emit(Usage{.prompt = 1});
        events.emit(Usage{.prompt = 1});
        return ok;
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "text_after_finish", "1.0.0");
