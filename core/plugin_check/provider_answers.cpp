// SPDX-License-Identifier: Apache-2.0
// Good answers: events by the rules, the same however the bytes are cut, and half an
// answer never taken for a complete one.
#include "core/plugin_check/provider_suites.hpp"

#include <algorithm>

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::string_view body_rule = "provider.hpp, Exchange::body";

std::string at_byte(std::size_t at, std::size_t size) {
    return std::to_string(at) + " of " + std::to_string(size);
}

/// The content of the answer, without counts and finishes.
std::string substance(const std::vector<Event>& events) {
    std::vector<Event> kept;
    for (const Event& event : events)
        if (!std::holds_alternative<Usage>(event) && !std::holds_alternative<AnswerInfo>(event) &&
            !std::holds_alternative<Extra>(event) && !std::holds_alternative<Finish>(event))
            kept.push_back(event);
    return described(kept);
}

class Cutter {
public:
    Cutter(Check& check, Provider& provider, const Operation& operation, const Answer& answer)
        : check_(check), provider_(provider), operation_(operation), answer_(answer) {}

    /// Whether the provider takes the answer.
    bool run() {
        check_.doing("whole");
        DriverResult whole = simulate(check_, provider_, operation_, answer_);
        if (whole.threw) return false;
        const bool taken = whole.good() && !whole.events.empty();
        if (whole.good() && (taken || answer_.recorded)) check_events(check_, whole.events, operation_);
        if (!whole.sent) return taken;
        reference_ = whole.text();
        substance_ = substance(whole.events);
        check_.doing("whole, again");
        if (const DriverResult again = simulate(check_, provider_, operation_, answer_);
            again.text() != reference_) {
            check_.warning("not-repeatable", "the same response gives different events each time", body_rule,
                           difference(reference_, again.text()));
            return taken;
        }
        cut_everywhere();
        // In a plain-text protocol each part is a valid text: only the framing marks its end.
        const bool plain_text = text_of(whole.events) == answer_.body;
        if (taken && !plain_text) end_everywhere();
        return taken;
    }

private:
    // Long answers are cut at a sample of their bytes: each cut reads the whole again.
    std::size_t stride() const {
        const std::size_t cuts = check_.effort().slow ? 60 : 3000;
        return std::max<std::size_t>(1, (answer_.body.size() + cuts - 1) / cuts);
    }

    void compare(Cut cut, const std::string& how) {
        check_.doing(how);
        const DriverResult driven = simulate(check_, provider_, operation_, answer_, cut);
        if (driven.threw || driven.text() == reference_) return;
        check_.error("cut-dependent", "the events depend on where the bytes are cut", body_rule,
                     difference(reference_, driven.text()));
    }

    void cut_everywhere() {
        const std::size_t size = answer_.body.size();
        for (std::size_t at = 1; at < size; at += stride())
            compare({Cut::How::in_two, at}, "cut in two at byte " + at_byte(at, size));
        compare({Cut::How::by_byte}, "byte by byte");
    }

    void end_everywhere() {
        const std::string_view type = answer_.head.headers.get("content-type");
        const bool framed = type.starts_with("text/event-stream") || type.starts_with("application/json");
        for (std::size_t at = 0; at < answer_.body.size(); at += stride()) {
            check_.doing("ended after byte " + at_byte(at, answer_.body.size()));
            const DriverResult driven =
                simulate(check_, provider_, operation_, answer_, {Cut::How::ends_early, at});
            if (!driven.good()) continue;
            check_events(check_, driven.events, operation_);
            if (framed && substance(driven.events) != substance_)
                check_.error("half-answer", "a truncated response is accepted as complete",
                             "provider.hpp, Exchange::end", difference(substance_, substance(driven.events)));
        }
    }

    Check& check_;
    Provider& provider_;
    const Operation& operation_;
    const Answer& answer_;
    std::string reference_, substance_;
};

void take_well_known(Check& check, Target& target, const Answer& answer) {
    auto provider = target.make<Provider>(check);
    if (!provider) return;
    for (const char* word : {"chat", "stream", "embed", "models"}) {
        const Operation operation = operation_of(word, target.given().model);
        check.context(std::string(word) + ", " + answer.name);
        if (Cutter(check, *provider, operation, answer).run()) check.fact("understood", answer.name);
    }
}

void take_recorded(Check& check, Target& target, const Answer& answer) {
    auto provider = target.make<Provider>(check);
    if (!provider) return;
    const Operation operation = operation_of(answer.operation, target.given().model);
    check.context(answer.operation + ", the recorded answer " + answer.name);
    check.fact(used_fact + answer.name, "yes");
    const bool well = answer.head.status >= 200 && answer.head.status <= 299;
    const bool taken = Cutter(check, *provider, operation, answer).run();
    check.doing("whole");
    const DriverResult driven = simulate(check, *provider, operation, answer);
    if (driven.threw) return;
    if (taken && well) check.fact("understood", answer.name);
    if (driven.error) check_error(check, target.confidential(), *driven.error, "provider.hpp, Exchange::end");
    if (well && driven.error)
        check.error("recorded-refused", "a recorded answer is refused", "provider.hpp, Exchange::end",
                    shown(*driven.error));
    if (!well && driven.good())
        check.error("status-ignored", "a response with an error status is accepted as a success",
                    "provider.hpp, Exchange::head");
}

}  // namespace

std::vector<Suite> answer_suites(const Given& given) {
    std::vector<Suite> parts;
    if (given.answers)
        for (const Answer& answer : recorded_for_provider(*given.answers))
            parts.push_back({answer.name, [answer](Check& check, Target& target) {
                                 take_recorded(check, target, answer);
                             }});
    for (const Answer& answer : good_answers())
        parts.push_back({answer.name,
                         [answer](Check& check, Target& target) { take_well_known(check, target, answer); }});
    return parts;
}

}  // namespace gatehouse::core::plugin_check
