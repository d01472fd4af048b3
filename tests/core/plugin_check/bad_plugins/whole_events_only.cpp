// SPDX-License-Identifier: Apache-2.0
// A planted defect: each piece of the body is taken for a whole number of events.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> body(std::string_view bytes, EventSink& events) override {
        reader_ = SseReader();
        if (auto ok = Words::body(bytes, events); !ok) return ok;
        reader_.finish([&](std::string_view word) { take(word, events); });
        return {};
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "whole_events_only", "1.0.0");
