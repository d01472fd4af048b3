// SPDX-License-Identifier: Apache-2.0
// Custom tools, whose input is free text, for an upstream that has only functions.  Such a
// tool becomes a function with one string, {"input": "…"}, and its calls become those of a
// custom tool again.
//
// An exchange of a provider uses FunctionsOnly, which does both.
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::upstream {

/// A copy of `request` in which custom tools, their calls and a choice of one are functions, without the
/// tools and items of hosted_tools.hpp.  Returns nothing if `request` has none of them.  Any thread.
std::optional<ChatRequest> without_custom_tools(const ChatRequest& request);

/// Makes a custom tool, or a call of one, a function's.  Any thread.
void make_function(Tool& tool);
void make_function(ToolCall& call);

/// Takes the text out of {"input": "…"} as it arrives.  Arguments of another form are the
/// text themselves.  Bytes behind the string are dropped.  One thread at a time.
class CustomToolInput {
public:
    /// Returns the text that `arguments` add, in complete characters.
    std::string feed(std::string_view arguments);
    /// Called after the last piece.  `cut`: the arguments may be incomplete, because a limit or
    /// a filter has ended the answer.  Returns the rest of the text.
    std::string end(bool cut);

private:
    enum class State { before, blank_object, text, behind, other };

    void before(char c, std::string& out);
    void blank_object(char c, std::string& out);
    void in_text(char c, std::string& out);
    void in_escape(char c, std::string& out);
    void add_unit(std::uint16_t unit, std::string& out);
    void end_half(std::string& out);
    void become_other(std::string& out);

    State state_ = State::before;
    std::size_t matched_ = 0;  // bytes of {"input":" that were read
    std::string held_;         // the bytes read before the text
    std::string escape_;       // the begun escape
    std::uint16_t half_ = 0;   // a surrogate that waits for its other half
};

/// The text of a call that make_function() has changed.  Any thread.
std::string text_of_custom_call(std::string_view arguments);

/// The calls of one response.  One thread at a time.
class CustomToolCalls {
public:
    /// `request` is the client's, with its custom tools.
    explicit CustomToolCalls(const ChatRequest& request);

    /// Emits `event` to `to`.  A call of a custom tool is changed into one.
    void emit(Event event, EventSink& to);

private:
    using Place = std::pair<int, int>;  // choice, index of the call

    void emit_call(ToolCallDelta delta, EventSink& to);
    void end_calls(const Finish& finish, EventSink& to);

    std::set<std::string, std::less<>> names_;
    std::map<Place, CustomToolInput> open_;
};

/// A sink in front of `to` that changes these calls.
class CustomToolSink final : public EventSink {
public:
    CustomToolSink(CustomToolCalls& calls, EventSink& to) : calls_(calls), to_(to) {}
    void emit(Event event) override { calls_.emit(std::move(event), to_); }
    bool full() const override { return to_.full(); }

private:
    CustomToolCalls& calls_;
    EventSink& to_;
};

/// A client's request without custom tools, and its calls on their way back.  It costs nothing
/// if the request has none.  One thread at a time.
class FunctionsOnly {
public:
    /// `upstream_has_custom`: nothing is changed.  REQUIRES: `request` outlives it.
    explicit FunctionsOnly(const ChatRequest& request, bool upstream_has_custom = false) : given_(request) {
        if (upstream_has_custom) return;
        if (auto copy = without_custom_tools(request))
            copy_ = std::make_unique<const ChatRequest>(*std::move(copy));
    }
    FunctionsOnly(const FunctionsOnly&) = delete;
    FunctionsOnly& operator=(const FunctionsOnly&) = delete;

    /// The request for the upstream.  It lives as long as this.
    const ChatRequest& request() const { return copy_ ? *copy_ : given_; }
    /// Called before each request to the upstream.
    void begin() {
        if (copy_) calls_ = std::make_unique<CustomToolCalls>(given_);
    }
    /// Calls read(sink).  The sink changes the calls on their way to `events`.
    template <typename Read>
    Result<void> read(EventSink& events, Read&& read) {
        if (!calls_) return read(events);
        CustomToolSink raised(*calls_, events);
        return read(raised);
    }

private:
    const ChatRequest& given_;
    // Null without custom tools, so that most exchanges are small.
    std::unique_ptr<const ChatRequest> copy_;
    std::unique_ptr<CustomToolCalls> calls_;
};

}  // namespace gatehouse::upstream
