// SPDX-License-Identifier: Apache-2.0
// Drives a provider in the order of calls that the core uses: one operation and one upstream response, cut at
// any position.  [any thread, one simulation each]
#pragma once

#include "core/plugin_check/answers.hpp"
#include "core/plugin_check/events.hpp"
#include "core/plugin_check/target.hpp"
#include "core/plugin_check/texts.hpp"

#include <gatehouse/provider.hpp>

#include <optional>
#include <thread>

namespace gatehouse::core::plugin_check {

/// How the bytes of a body are divided.
struct Cut {
    enum class How { whole, in_two, by_byte, ends_early } how = How::whole;
    std::size_t at = 0;  // in_two: position of the cut; ends_early: number of bytes
};

/// A sink that records the events.
class Kept final : public EventSink {
public:
    explicit Kept(Check& check) : check_(check) {}
    void emit(Event event) override {
        check_.beat();
        std::this_thread::yield();  // makes concurrent requests interleave
        if (!full()) events.push_back(std::move(event));
    }
    bool full() const override { return events.size() >= 100'000; }
    std::vector<Event> events;

private:
    Check& check_;
};

/// The result of one simulation.
struct DriverResult {
    std::unique_ptr<Exchange> exchange;      // null: the provider refused, or threw
    std::optional<http::Request> sent = {};  // nothing: no upstream request
    std::optional<Error> error = {};
    std::vector<Event> events = {};
    bool threw = false;  // already reported

    bool good() const { return exchange && !error && !threw; }
    /// The events, or the error.  They must not depend on how the bytes were divided.
    std::string text() const { return error ? "error " + shown(*error) : described(events); }
};

/// The exchange and its first request.
DriverResult begin(Check& check, Provider& provider, const Operation& operation);
/// The response to that request: head, body, end, and the pages of next().
void feed(Check& check, DriverResult& driven, const Answer& answer, Cut cut = {});
/// Both.
DriverResult simulate(Check& check, Provider& provider, const Operation& operation, const Answer& answer,
                      Cut cut = {});

/// request() once more, as before a retry.
std::optional<http::Request> ask_again(Check& check, DriverResult& driven);

/// An operation and a response that this provider understands, if there is one.
struct Understood {
    Operation operation;
    Answer answer;
    std::string text;    // the text of its events
    bool alone = false;  // it sends no upstream request, so the response is not read
};
std::optional<Understood> understood(Check& check, Provider& provider, const Given& given);

/// The operation that a recorded answer is for.
Operation operation_of(const std::string& word, const std::string& model);

}  // namespace gatehouse::core::plugin_check
