// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/tool_calls.hpp"

#include <algorithm>
#include <random>

namespace gatehouse::upstream {

namespace {

Error broken(std::string message) { return {ErrorKind::upstream, std::move(message)}; }

bool is_cut(FinishReason reason) {
    switch (reason) {
        case FinishReason::length:
        case FinishReason::content_filter: return true;
        case FinishReason::stop:
        case FinishReason::tool_calls: return false;
    }
    return false;
}

}  // namespace

std::string make_call_id() {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    thread_local std::mt19937_64 random{[] {
        std::random_device device;
        return std::uint64_t{device()} << 32 | device();
    }()};
    std::uniform_int_distribution<std::size_t> pick(0, letters.size() - 1);
    std::string id = "call_";
    for (int i = 0; i < 24; ++i) id += letters[pick(random)];
    return id;
}

Result<void> ToolCalls::add(std::string_view id, std::string_view name, std::string_view arguments,
                            EventSink& events) {
    const std::size_t known = id.empty() ? none : find(id);
    if (known != none)
        current_ = known;
    else if (current_ == none || (!name.empty() && !calls_[current_].name.empty()))
        return begin(id, name, arguments, events);
    // Otherwise the entry continues the current call, even with an unknown id, because some
    // layers generate an id per fragment.  A name belongs to the call that waits for it.
    return extend(calls_[current_], id, name, arguments, events);
}

Result<void> ToolCalls::add_at(std::int64_t place, std::string_view id, std::string_view name,
                               std::string_view arguments, EventSink& events) {
    // Some upstreams give all calls the same number.  The last call of that number is used.
    std::size_t found = none;
    for (std::size_t i = calls_.size(); i-- > 0 && found == none;)
        if (calls_[i].place == place) found = i;
    if (found != none) {
        const Call& call = calls_[found];
        const bool whole = call.arguments.complete();
        const bool another = id.empty()
                                 ? whole && !arguments.empty()
                                 : id != call.id && !call.id.empty() && (whole || call.arguments.blank());
        if (!another || name.empty() || call.name.empty()) {
            current_ = found;
            return extend(calls_[found], id, name, arguments, events);
        }
    }
    // Two calls with the same id would mix up their results.
    if (!id.empty() && find(id) != none) id = {};
    auto begun = begin(id, name, arguments, events);
    if (begun) calls_.back().place = place;
    return begun;
}

Result<void> ToolCalls::add_whole(std::string_view id, std::string_view name, std::string_view arguments,
                                  EventSink& events) {
    if (name.empty()) return add(id, name, arguments, events);
    // Two calls with the same id would mix up their results.
    if (!id.empty() && find(id) != none) id = {};
    return begin(id, name, arguments, events);
}

Result<void> ToolCalls::add_repeated(std::size_t position, std::string_view id, std::string_view name,
                                     std::string_view arguments, EventSink& events) {
    const std::size_t found = find_repeated(position, id, name, arguments);
    if (found == none) return add_whole(id, name, arguments, events);
    Call& call = calls_[found];
    return extend(call, id, name, call.so_far.rest_of(arguments), events);
}

/// The call with the same id, or at the same position if the upstream has made new ids.
std::size_t ToolCalls::find_repeated(std::size_t position, std::string_view id, std::string_view name,
                                     std::string_view arguments) const {
    if (const std::size_t found = id.empty() ? none : find(id); found != none) return found;
    if (position >= calls_.size()) return none;
    const Call& call = calls_[position];
    const bool same_name = name.empty() || call.name.empty() || call.name == name;
    const bool may_be = id.empty() || call.id.empty() || call.so_far.begins(arguments);
    return same_name && may_be ? position : none;
}

Result<void> ToolCalls::begin(std::string_view id, std::string_view name, std::string_view arguments,
                              EventSink& events) {
    if (calls_.size() >= max_calls)
        return broken("the model made more than " + std::to_string(max_calls) + " tool calls in one answer");
    Call& call = calls_.emplace_back();
    current_ = calls_.size() - 1;
    call.id = id;
    call.name = name;
    return append(call, arguments, events);
}

Result<void> ToolCalls::extend(Call& call, std::string_view id, std::string_view name,
                               std::string_view arguments, EventSink& events) {
    // Some upstreams repeat the complete call at the end.
    if (!name.empty() && call.arguments.complete() && call.so_far.is(arguments)) return {};
    if (call.name.empty() && !name.empty()) {
        if (!id.empty()) call.id = id;
        call.name = name;
    }
    return append(call, arguments, events);
}

Result<void> ToolCalls::append(Call& call, std::string_view arguments, EventSink& events) {
    ++pieces_;
    call.arguments.feed(arguments);
    call.so_far.add(arguments);
    if (call.index >= 0) {
        if (!arguments.empty())
            events.emit(ToolCallDelta{call.index, "", "", std::string(arguments), choice_});
    } else if (call.name.empty()) {
        if (call.pending.size() + arguments.size() > max_pending)
            return broken("the upstream sent the arguments of a tool call, but no name");
        call.pending += arguments;
    } else {
        // The call has a name now, and gets the next index.
        call.index = announced_++;
        call.pending += arguments;
        events.emit(ToolCallDelta{call.index, call.id.empty() ? make_call_id() : call.id, call.name,
                                  std::exchange(call.pending, {}), choice_});
    }
    return {};
}

Result<FinishReason> ToolCalls::finish(FinishReason upstream, EventSink& events) {
    // An answer that the limit or a filter has cut keeps that reason and its incomplete calls.
    const bool cut = is_cut(upstream);
    bool whole = true;
    for (Call& call : calls_) {
        if (call.index < 0) {
            if (call.arguments.blank()) continue;
            if (!cut) return broken("the upstream sent the arguments of a tool call, but no name");
            whole = false;
        } else if (call.arguments.blank()) {
            events.emit(ToolCallDelta{call.index, "", "", "{}", choice_});
            if (cut) whole = false;
        } else if (cut && !call.arguments.complete()) {
            // Otherwise the model has written invalid JSON, which only the client can judge.
            whole = false;
        }
    }
    if (announced_ == 0) return upstream == FinishReason::tool_calls ? FinishReason::stop : upstream;
    return whole ? FinishReason::tool_calls : upstream;
}

bool ToolCalls::has_unfinished() const {
    return std::any_of(calls_.begin(), calls_.end(),
                       [](const Call& call) { return call.arguments.unfinished(); });
}

std::size_t ToolCalls::find(std::string_view id) const {
    for (std::size_t i = 0; i < calls_.size(); ++i)
        if (calls_[i].id == id) return i;
    return none;
}

}  // namespace gatehouse::upstream
