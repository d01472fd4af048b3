// SPDX-License-Identifier: Apache-2.0
// A planted defect: the first delta of a tool call has no id and no name, and the count begins at 1.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink& events) override {
        reader_.finish([&](std::string_view word) { take(word, events); });
        if (status_ == 200 && ended_) events.emit(ToolCallDelta{.index = 1, .arguments = "{"});
        return Words::end(events);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "nameless_tools", "1.0.0");
