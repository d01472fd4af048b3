// SPDX-License-Identifier: Apache-2.0
// Good answers: events by the rules, the same however the bytes are cut, and half an
// answer never taken for a whole one.
#include "core/plugin_check/provider_parts.hpp"

#include <algorithm>

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::string_view body_rule = "provider.hpp, Exchange::body";

std::string at_byte(std::size_t at, std::size_t size) {
    return std::to_string(at) + " of " + std::to_string(size);
}

/// What a reader of the answer sees of it: without counts and finishes.
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
        Played whole = play(check_, provider_, operation_, answer_);
        if (whole.threw) return false;
        const bool taken = whole.good() && !whole.events.empty();
        if (whole.good() && (taken || answer_.recorded)) check_events(check_, whole.events, operation_);
        if (!whole.sent) return taken;
        reference_ = whole.text();
        substance_ = substance(whole.events);
        check_.doing("whole, again");
        if (const Played again = play(check_, provider_, operation_, answer_); again.text() != reference_) {
            check_.warning("not-repeatable", "the same answer gives other events each time", body_rule,
                           difference(reference_, again.text()));
            return taken;
        }
        cut_everywhere();
        // Of a protocol of plain text each part is a text: only its framing says where it ends.
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
        const Played played = play(check_, provider_, operation_, answer_, cut);
        if (played.threw || played.text() == reference_) return;
        check_.error("cut-dependent", "the events depend on where the bytes are cut", body_rule,
                     difference(reference_, played.text()));
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
            const Played played = play(check_, provider_, operation_, answer_, {Cut::How::ends_early, at});
            if (!played.good()) continue;
            check_events(check_, played.events, operation_);
            if (framed && substance(played.events) != substance_)
                check_.error("half-answer", "half an answer passes as a whole one",
                             "provider.hpp, Exchange::end", difference(substance_, substance(played.events)));
        }
    }

    Check& check_;
    Provider& provider_;
    const Operation& operation_;
    const Answer& answer_;
    std::string reference_, substance_;
};

void take_well_known(Check& check, Subject& subject, const Answer& answer) {
    auto provider = subject.make<Provider>(check);
    if (!provider) return;
    for (const char* word : {"chat", "stream", "embed", "models"}) {
        const Operation operation = operation_of(word, subject.given().model);
        check.scene(std::string(word) + ", " + answer.name);
        if (Cutter(check, *provider, operation, answer).run()) check.fact("understood", answer.name);
    }
}

void take_recorded(Check& check, Subject& subject, const Answer& answer) {
    auto provider = subject.make<Provider>(check);
    if (!provider) return;
    const Operation operation = operation_of(answer.operation, subject.given().model);
    check.scene(answer.operation + ", the recorded answer " + answer.name);
    const bool well = answer.head.status >= 200 && answer.head.status <= 299;
    const bool taken = Cutter(check, *provider, operation, answer).run();
    check.doing("whole");
    const Played played = play(check, *provider, operation, answer);
    if (played.threw) return;
    if (taken && well) check.fact("understood", answer.name);
    if (played.error)
        check_error(check, subject.confidential(), *played.error, "provider.hpp, Exchange::end");
    if (well && played.error)
        check.error("recorded-refused", "a recorded answer is refused", "provider.hpp, Exchange::end",
                    shown(*played.error));
    if (!well && played.good())
        check.error("status-ignored", "an answer with a bad status passes as a good one",
                    "provider.hpp, Exchange::head");
}

}  // namespace

std::vector<Part> answer_parts(const Given& given) {
    std::vector<Part> parts;
    if (given.answers)
        if (const auto recorded = recorded_answers(*given.answers))
            for (const Answer& answer : *recorded)
                parts.push_back({answer.name, [answer](Check& check, Subject& subject) {
                                     take_recorded(check, subject, answer);
                                 }});
    for (const Answer& answer : good_answers())
        parts.push_back({answer.name, [answer](Check& check, Subject& subject) {
                             take_well_known(check, subject, answer);
                         }});
    return parts;
}

}  // namespace gatehouse::core::plugin_check
