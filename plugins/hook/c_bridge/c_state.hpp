// SPDX-License-Identifier: Apache-2.0
// One request on a library.  Calls of the core become calls of the C interface, and the
// library's output becomes a verdict or events.  One thread at a time.
#pragma once

#include "plugins/hook/c_bridge/c_bridge.hpp"
#include "plugins/hook/c_bridge/outlet.hpp"

#include <optional>
#include <string>

namespace gatehouse::c_hook {

class CState final : public HookState {
public:
    /// REQUIRES: `hook` and `info` outlive it.
    CState(const CBridge& hook, const RequestInfo& info)
        : hook_(hook), entry_(hook.entry()), info_(info), outlet_(hook.limits()) {}
    ~CState() override;

    Result<void> request(Operation& operation) override;
    bool decides() const override { return answer_.has_value(); }
    void decide(Operation& operation, Completion<Verdict> done) override;
    void attempt(const AttemptInfo& info) override;
    void event(Event event, EventSink& next) override;
    void end(EventSink& next) override;
    /// True after a failure, which wait() then reports, because event() cannot.
    bool waits() const override { return failure_.has_value(); }
    void wait(Completion<void> done) override;
    void done(const RequestOutcome& outcome) override;

private:
    std::optional<Error> failure_in(HookOutcome& said) const;
    // For the runs of text.
    friend hook_texts::TextRuns<CState>;
    void text(hook_texts::Channel channel, std::int32_t choice, const std::string& text);
    void flush(hook_texts::Channel channel, std::int32_t choice);
    void pass(Event event);

    const CBridge& hook_;
    const gatehouse_c_hook_door& entry_;
    const RequestInfo& info_;
    HookOutlet outlet_;
    void* state_ = nullptr;      // null before request()
    EventSink* next_ = nullptr;  // for the current call
    hook_texts::TextRuns<CState> runs_{*this};
    std::optional<std::string> answer_;
    std::optional<Error> failure_;  // ends the response
};

}  // namespace gatehouse::c_hook
