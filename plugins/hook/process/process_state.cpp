// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/process/process_state.hpp"

#include "plugins/common/c_door/mistake.hpp"
#include "plugins/common/hook/facts.hpp"

#include <gatehouse/all_texts.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::process {

using hook_texts::Channel;

namespace {

void ignore(const Result<Reply>&) {}

/// `text` as the answer of each choice.
std::vector<Event> answer_of(const std::string& text, int choices) {
    std::vector<Event> events;
    for (int choice = 0; choice < choices; ++choice) {
        if (!text.empty()) events.push_back(TextDelta{text, choice});
        events.push_back(Finish{.choice = choice});
    }
    return events;
}

/// The reply of the program.  Its mistakes are errors of the call.
Result<Said> said_in(Result<Reply>& reply, const std::string& call) {
    if (!reply) return reply.error();
    try {
        return read_said(std::move(reply->line), call);
    } catch (const c_bridge::Mistake& mistake) {
        return Error{ErrorKind::unavailable, std::string("cannot be used: ") + mistake.what()};
    }
}

}  // namespace

/// The question whether a request may continue.  It may be answered after the end of the state.
struct ProcessState::Asking {
    ProcessHook& hook;
    Program& program;
    std::string id;
    int choices;  // 0: no chat, which cannot be answered
    std::shared_ptr<Life> life;
    Completion<Verdict> done;
};

void ProcessState::decide(Operation& operation, Completion<Verdict> done) {
    std::optional<std::string> text;
    if (hook_.description().reads_request) text = all_texts(operation);
    const auto* chat = std::get_if<ChatRequest>(&operation);
    const bool is_chat = chat && hook_texts::name_of(operation) == "chat";
    const auto choices = is_chat ? std::clamp<std::int64_t>(chat->sampling.n.value_or(1), 1, 128) : 0;
    auto asking = std::make_shared<Asking>(
        Asking{hook_, program_, id_, static_cast<int>(choices), life_, std::move(done)});
    program_.ask(request_line(id_, hook_texts::info_json(info_, operation), text), 0,
                 [asking](Result<Reply> reply) { replied(*asking, std::move(reply)); });
}

void ProcessState::replied(Asking& asking, Result<Reply> reply) {
    if (reply) asking.life->is_read = true;
    if (asking.life->is_over) tell_end(*asking.life, asking.program, end_line(asking.id, "{}"));
    auto said = said_in(reply, "request");
    if (said && said->answer && asking.choices == 0)
        said = Error{ErrorKind::unavailable, "answered a request that is not a chat"};
    if (!said) {
        asking.life->is_read = false;
        Error error = asking.hook.failed(asking.id, said.error().message);
        if (asking.hook.passes()) return asking.done(Verdict::go_on());
        return asking.done(std::move(error));
    }
    if (said->error) return asking.done(*std::move(said->error));
    if (said->answer) return asking.done(Verdict::answer(answer_of(*said->answer, asking.choices)));
    asking.done(Verdict::go_on());
}

bool ProcessState::reads_response() const { return hook_.description().reads_response && life_->is_read; }

/// Once, although the reply to the request and the end of the request may come at the same time.
void ProcessState::tell_end(Life& life, Program& program, std::string line) {
    if (life.is_read.exchange(false)) program.ask(std::move(line), 0, ignore);
}

void ProcessState::attempt(const AttemptInfo&) {
    runs_.clear();
    held_ = std::make_shared<HeldEvents>();  // replies for the failed attempt go to the old ones
    if (const auto process = life_->process.exchange(0)) program_.ask(attempt_line(id_), process, ignore);
}

void ProcessState::event(Event event, EventSink& next) {
    if (!reads_response()) return next.emit(std::move(event));
    runs_.event(std::move(event));
    if (!waits()) return;
    resume(next);
}

void ProcessState::end(EventSink& next) {
    runs_.end();
    resume(next);
}

void ProcessState::resume(EventSink& next) {
    for (Event& event : held_->take()) next.emit(std::move(event));
}

void ProcessState::text(Channel channel, std::int32_t choice, const std::string& piece) {
    ask_for_text(text_line(id_, channel, choice, piece), "text", channel, choice);
}

void ProcessState::flush(Channel channel, std::int32_t choice) {
    ask_for_text(flush_line(id_, channel, choice), "flush", channel, choice);
}

void ProcessState::ask_for_text(std::string line, const char* call, Channel channel, std::int32_t choice) {
    const std::size_t place = held_->add_place();
    program_.ask(std::move(line), life_->process,
                 [hook = &hook_, life = life_, held = held_, id = id_, call, channel, choice,
                  place](Result<Reply> reply) {
                     if (reply) life->process = reply->process;
                     auto said = said_in(reply, call);
                     if (!said) return held->fail(hook->failed(id, said.error().message));
                     if (said->error) return held->fail(*std::move(said->error));
                     std::optional<Event> event;
                     if (!said->text->empty())
                         event = hook_texts::event_of(channel, choice, *std::move(said->text));
                     held->fill(place, std::move(event));
                 });
}

void ProcessState::done(const RequestOutcome& outcome) {
    life_->is_over = true;
    tell_end(*life_, program_, end_line(id_, hook_texts::outcome_json(outcome)));
}

}  // namespace gatehouse::process
