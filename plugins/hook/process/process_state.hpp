// SPDX-License-Identifier: Apache-2.0
// One request and its response, checked by the program.  One thread at a time; replies arrive on the thread
// of the program.
#pragma once

#include "plugins/hook/process/held_events.hpp"
#include "plugins/hook/process/process_hook.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::process {

class ProcessState final : public HookState {
public:
    /// REQUIRES: `hook` and `info` outlive it.
    ProcessState(ProcessHook& hook, const RequestInfo& info)
        : hook_(hook), info_(info), id_(info.id), program_(hook.program()) {}

    bool decides() const override { return true; }
    void decide(Operation& operation, Completion<Verdict> done) override;
    void attempt(const AttemptInfo& info) override;
    void event(Event event, EventSink& next) override;
    void end(EventSink& next) override;
    bool waits() const override { return !held_->empty(); }
    void wait(Completion<void> done) override { held_->wait(std::move(done)); }
    void resume(EventSink& next) override;
    void done(const RequestOutcome& outcome) override;

private:
    struct Life {
        std::atomic<std::uint64_t> process{0};  // the process that has read text of the response; 0: none
        std::atomic<bool> is_read{false};  // the program has read the request, and has not heard of its end
        std::atomic<bool> is_over{false};
    };
    struct Asking;
    static void replied(Asking& asking, Result<Reply> reply);
    static void tell_end(Life& life, Program& program, std::string line);
    // For the runs of text.
    friend hook_texts::TextRuns<ProcessState>;
    void text(hook_texts::Channel channel, std::int32_t choice, const std::string& piece);
    void flush(hook_texts::Channel channel, std::int32_t choice);
    void pass(Event event) { held_->add(std::move(event)); }
    void ask_for_text(std::string line, const char* call, hook_texts::Channel channel, std::int32_t choice);
    bool reads_response() const;

    ProcessHook& hook_;
    const RequestInfo& info_;
    const std::string id_;
    Program& program_;
    std::shared_ptr<Life> life_ = std::make_shared<Life>();
    std::shared_ptr<HeldEvents> held_ = std::make_shared<HeldEvents>();
    hook_texts::TextRuns<ProcessState> runs_{*this};
};

}  // namespace gatehouse::process
