// SPDX-License-Identifier: Apache-2.0
// A planted defect: what is held back never comes out, and a failed attempt shows in the next one.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Holding final : public HookState {
public:
    void event(Event event, EventSink& next) override {
        if (auto* delta = std::get_if<TextDelta>(&event)) {
            text_ += delta->text;
            next.emit(TextDelta{text_});
        } else if (!std::holds_alternative<Finish>(event)) {
            next.emit(std::move(event));
        }
    }

private:
    std::string text_;
};

class Greedy final : public Hook {
public:
    Greedy(Options, Host&) {}
    std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<Holding>(); }
};

}  // namespace

GATEHOUSE_PLUGIN(Greedy, Options, fields, "greedy_hook", "1.0.0");
