// SPDX-License-Identifier: Apache-2.0
// Drives, as the core does, a provider: one operation, one answer of an upstream, cut as one
// likes; the calls come in the core's order.  [any thread, one simulation each]
#pragma once

#include "core/plugin_check/answers.hpp"
#include "core/plugin_check/events.hpp"
#include "core/plugin_check/target.hpp"
#include "core/plugin_check/texts.hpp"

#include <gatehouse/provider.hpp>

#include <optional>
#include <thread>

namespace gatehouse::core::plugin_check {

/// How the bytes of a body come.
struct Cut {
    enum class How { whole, in_two, by_byte, ends_early } how = How::whole;
    std::size_t at = 0;  // in_two: position of the cut; ends_early: number of bytes
};

/// A sink that keeps what comes.
class Kept final : public EventSink {
public:
    explicit Kept(Check& check) : check_(check) {}
    void emit(Event event) override {
        check_.beat();
        std::this_thread::yield();  // makes concurrent requests interleave
        if (events.size() < 100'000) events.push_back(std::move(event));
    }
    std::vector<Event> events;

private:
    Check& check_;
};

/// How it ended.
struct DriverResult {
    std::unique_ptr<Exchange> exchange;      // null: the provider refused, or threw
    std::optional<http::Request> sent = {};  // nothing: no upstream was asked
    std::optional<Error> error = {};
    std::vector<Event> events = {};
    bool threw = false;  // which has been said

    bool good() const { return exchange && !error && !threw; }
    /// The events, or the error: what must not depend on how the bytes came.
    std::string text() const { return error ? "error " + shown(*error) : described(events); }
};

/// The exchange and its first request.
DriverResult begin(Check& check, Provider& provider, const Operation& operation);
/// The answer to what has been asked: head, body, end, and the pages of next().
void feed(Check& check, DriverResult& driven, const Answer& answer, Cut cut = {});
/// Both.
DriverResult simulate(Check& check, Provider& provider, const Operation& operation, const Answer& answer,
                      Cut cut = {});

/// request() once more, as before a retry.
std::optional<http::Request> ask_again(Check& check, DriverResult& driven);

/// An operation and an answer to it that this provider takes, if there is one.
struct Understood {
    Operation operation;
    Answer answer;
    std::string text;    // the text of its events
    bool alone = false;  // it asks no upstream, so that the answer is never looked at
};
std::optional<Understood> understood(Check& check, Provider& provider, const Given& given);

/// The operation that a recorded answer is for.
Operation operation_of(const std::string& word, const std::string& model);

}  // namespace gatehouse::core::plugin_check
