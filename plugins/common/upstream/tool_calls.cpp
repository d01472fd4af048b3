// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/tool_calls.hpp"

#include "plugins/common/upstream/finish_reason.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

namespace {

Error broken(std::string message) { return {ErrorKind::upstream, std::move(message)}; }

/// Whether a piece with the id of a complete call is a call of its own.
template <typename Call>
bool is_another(const Call& call, const ToolCallPiece& piece) {
    return !piece.name.empty() && !call.name.empty() && piece.arguments.starts_with('{') &&
           call.arguments.complete() && !call.so_far.is(piece.arguments);
}

}  // namespace

Result<void> ToolCalls::add(ToolCallPiece piece, EventSink& events) {
    const std::size_t known = piece.id.empty() ? none : find(piece.id);
    if (known != none && is_another(calls_[known], piece)) {
        // Two calls with the same id would mix up their results.
        piece.id = {};
        return begin(piece, events);
    }
    if (known != none)
        current_ = known;
    else if (current_ == none || (!piece.name.empty() && !calls_[current_].name.empty()))
        return begin(piece, events);
    // Otherwise the entry continues the current call, even with an unknown id, because some
    // layers generate an id per fragment.  A name belongs to the call that waits for it.
    return extend(calls_[current_], piece, events);
}

Result<void> ToolCalls::add_at(std::int64_t place, ToolCallPiece piece, EventSink& events) {
    // Some upstreams give all calls the same number.  The last call of that number is used.
    std::size_t found = none;
    for (std::size_t i = calls_.size(); i-- > 0 && found == none;)
        if (calls_[i].place == place) found = i;
    if (found != none) {
        const Call& call = calls_[found];
        const bool whole = call.custom || call.arguments.complete();
        const bool another =
            piece.id.empty() ? whole && !piece.arguments.empty()
                             : piece.id != call.id && !call.id.empty() && (whole || call.arguments.blank());
        if (!another || piece.name.empty() || call.name.empty()) {
            current_ = found;
            return extend(calls_[found], piece, events);
        }
    }
    // Two calls with the same id would mix up their results.
    if (!piece.id.empty() && find(piece.id) != none) piece.id = {};
    auto begun = begin(piece, events);
    if (begun) calls_.back().place = place;
    return begun;
}

Result<void> ToolCalls::add_whole(ToolCallPiece piece, EventSink& events) {
    if (piece.name.empty()) return add(std::move(piece), events);
    // Two calls with the same id would mix up their results.
    if (!piece.id.empty() && find(piece.id) != none) piece.id = {};
    return begin(piece, events);
}

Result<void> ToolCalls::add_repeated(std::size_t position, ToolCallPiece piece, EventSink& events) {
    const std::size_t found = find_repeated(position, piece);
    if (found == none) return add_whole(std::move(piece), events);
    Call& call = calls_[found];
    piece.arguments = call.so_far.rest_of(piece.arguments);
    return extend(call, piece, events);
}

/// The call with the same id, or at the same position if the upstream has made new ids.
std::size_t ToolCalls::find_repeated(std::size_t position, const ToolCallPiece& piece) const {
    if (const std::size_t found = piece.id.empty() ? none : find(piece.id); found != none) return found;
    if (position >= calls_.size()) return none;
    const Call& call = calls_[position];
    const bool same_name = piece.name.empty() || call.name.empty() || call.name == piece.name;
    const bool may_be = piece.id.empty() || call.id.empty() || call.so_far.begins(piece.arguments);
    return same_name && may_be ? position : none;
}

Result<void> ToolCalls::begin(ToolCallPiece& piece, EventSink& events) {
    if (calls_.size() >= max_calls)
        return broken("the model made more than " + std::to_string(max_calls) + " tool calls in one answer");
    Call& call = calls_.emplace_back();
    current_ = calls_.size() - 1;
    call.id = piece.id;
    call.name = piece.name;
    call.custom = piece.custom;
    return append(call, piece, events);
}

Result<void> ToolCalls::extend(Call& call, ToolCallPiece& piece, EventSink& events) {
    // Some upstreams repeat the complete call at the end.
    if (!piece.name.empty() && call.arguments.complete() && call.so_far.is(piece.arguments))
        piece.arguments = {};
    if (call.name.empty() && !piece.name.empty()) {
        if (!piece.id.empty()) call.id = piece.id;
        call.name = piece.name;
        call.custom = piece.custom;
    }
    return append(call, piece, events);
}

namespace {

/// Empties `members` if the last piece had the same members, and remembers them.
void keep_news(JsonText& members, JsonText& last) {
    if (members.empty()) return;
    if (members.text == last.text)
        members = {};
    else
        last = members;
}

}  // namespace

Result<void> ToolCalls::append(Call& call, ToolCallPiece& piece, EventSink& events) {
    ++pieces_;
    if (!call.custom) call.arguments.feed(piece.arguments);
    call.so_far.add(piece.arguments);
    keep_news(piece.extra, call.extra);
    keep_news(piece.inner_extra, call.inner_extra);
    if (call.name.empty()) {
        if (call.pending.size() + piece.arguments.size() > max_pending)
            return broken("the upstream sent the arguments of a tool call, but no name");
        call.pending += piece.arguments;
        return {};
    }
    ToolCallDelta delta{.index = call.index, .choice = choice_, .custom = call.custom};
    if (call.index < 0) {
        // The call has a name now, and gets the next index.
        delta.index = call.index = announced_++;
        delta.id = call.id.empty() ? make_call_id() : call.id;
        delta.name = call.name;
        delta.arguments = std::exchange(call.pending, {}).append(piece.arguments);
        delta.extra = call.extra;
        delta.inner_extra = call.inner_extra;
    } else {
        if (piece.arguments.empty() && piece.extra.empty() && piece.inner_extra.empty()) return {};
        delta.arguments = piece.arguments;
        delta.extra = std::move(piece.extra);
        delta.inner_extra = std::move(piece.inner_extra);
    }
    events.emit(std::move(delta));
    return {};
}

Result<FinishReason> ToolCalls::finish(FinishReason upstream, EventSink& events) {
    // An answer that the limit or a filter has cut keeps that reason and its incomplete calls.
    const bool cut = is_cut(upstream);
    bool whole = true;
    for (Call& call : calls_) {
        if (call.custom && call.index >= 0) {
            if (cut) whole = false;  // free text does not show its end
        } else if (call.index < 0) {
            if (call.pending.find_first_not_of(" \t\r\n") == std::string::npos) continue;
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
