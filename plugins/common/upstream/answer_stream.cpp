// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/answer_stream.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/error_document.hpp"
#include "plugins/common/upstream/json_check.hpp"

#include <algorithm>

namespace gatehouse::upstream {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t keep_event_bytes = 256 * 1024;

// Some upstreams send a finish reason with every piece.  More is likely to follow.
constexpr int many_silences = 10;

bool is_complete(std::string_view text) {
    JsonCheck check;
    if (common::trimmed(text).ends_with('}')) check.feed(text);
    return check.complete();
}

/// Google's form: a list with the error as its first element.
bool is_list_of_errors(dom::element root) {
    const auto list = array(root);
    if (!list || list->size() == 0) return false;
    const auto first = object(list->at(0));
    return first && is_error(*first);
}

}  // namespace

Error garbage(std::string_view who, std::string_view what) {
    return {ErrorKind::upstream, std::string(who).append("'s response is invalid: ").append(what)};
}

Error AnswerStream::too_large(std::string_view what, std::string_view limit) const {
    return {ErrorKind::upstream,
            std::string(what).append(who_).append("'s response is larger than ").append(limit)};
}

Result<void> AnswerStream::feed(std::string_view bytes, EventSink& events) {
    if (done_) return {};
    if (bytes.empty()) {
        ++silences_;
        return {};
    }
    silences_ = 0;
    if (kind_ == Kind::events) return feed_events(bytes, events);
    if (text_.empty()) text_.reserve(bytes.size() + Tree::padding);
    text_ += bytes;
    if (kind_ == Kind::unknown)
        if (auto ok = decide(); !ok) return ok;
    if (kind_ == Kind::events) {
        const std::string begun = std::exchange(text_, {});
        return feed_events(begun, events);
    }
    if (text_.size() > limits_.max_answer_bytes) return too_large("", "max_response_bytes");
    return {};
}

bool AnswerStream::silent() const {
    if (kind_ == Kind::unknown) return false;
    if (kind_ == Kind::document) return is_complete(text_);
    switch (reader_->ending()) {
        case AnswerReader::Ending::missing: return false;
        case AnswerReader::Ending::possible: return silences_ >= many_silences;
        case AnswerReader::Ending::likely: return true;
    }
    return false;
}

/// A document begins with a brace; a line of an event stream never does.  Blanks before
/// either are dropped, because some upstreams send them to keep the connection alive.
Result<void> AnswerStream::decide() {
    std::string_view rest = text_;
    if (!begun_) {
        if (rest.starts_with(byte_order_mark))
            rest.remove_prefix(byte_order_mark.size());
        else if (byte_order_mark.starts_with(rest))
            return {};
        begun_ = true;
    }
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    text_.erase(0, text_.size() - rest.size());
    if (text_.empty()) return {};
    if (text_.front() == '{' || text_.front() == '[') {
        kind_ = Kind::document;
        return {};
    }
    if (text_.front() == '<')
        return garbage(who_, "it is HTML or XML, not JSON: the URL may lead to another service");
    // data, event, id, retry, and comments.
    if (std::string_view("deir:").find(text_.front()) == std::string_view::npos)
        return garbage(who_, "it is neither JSON nor an event stream");
    kind_ = Kind::events;
    return {};
}

Result<void> AnswerStream::feed_events(std::string_view bytes, EventSink& events) {
    Result<void> state;
    const bool fits = sse_.feed(bytes, [&](std::string_view data) {
        if (state && !done()) state = take_event(data, true, events);
    });
    if (state && !fits && !done()) return too_large("an event of ", "max_event_bytes");
    return state;
}

/// Calls `call` with a sink that joins the halves of characters, if there were any.
template <typename Call>
Result<void> AnswerStream::joined(EventSink& events, Call&& call) {
    if (!has_halves_) return call(events);
    JoiningSink joining(halves_, events);
    return call(joining);
}

Result<void> AnswerStream::take_event(std::string_view data, bool may_be_lines, EventSink& events) {
    data = common::trimmed(data);
    if (data.empty()) return {};
    if (data == "[DONE]") {
        done_ = true;
        return joined(events, [&](EventSink& to) { return reader_->done(to); });
    }
    // One gateway separates events by a single LF, so that they arrive joined.
    if (may_be_lines && data.find('\n') != data.npos) {
        event_.assign(data);
        if (!Tree::parse(event_)) {
            while (!data.empty() && !done()) {
                const std::size_t end = std::min(data.find('\n'), data.size());
                if (auto ok = take_event(data.substr(0, end), false, events); !ok) return ok;
                data.remove_prefix(std::min(end + 1, data.size()));
            }
            return {};
        }
    }
    event_.assign(data);
    auto result = take_document(event_, true, events);
    if (event_.capacity() > keep_event_bytes) std::string().swap(event_);
    return result;
}

Result<void> AnswerStream::take_document(std::string& text, bool is_event, EventSink& events) {
    const auto tree = is_event ? Tree::parse_event(text) : Tree::parse(text);
    if (!tree) return garbage(who_, "it is not valid JSON");
    const auto top = object(tree->root());
    if (is_list_of_errors(tree->root())) return explain_(text);
    if (!top) return garbage(who_, "it is not a JSON object");
    if (may_be_error(*top)) {
        if (is_error(*top)) return explain_(text);
        if (const std::string failed = error_in_choice(*top); !failed.empty()) return explain_(failed);
    }
    if (tree->has_halves()) has_halves_ = true;
    return joined(events, [&](EventSink& to) { return reader_->read(*top, to); });
}

Result<void> AnswerStream::end(EventSink& events) {
    silences_ = 0;  // an event without its blank line is still read
    if (kind_ == Kind::unknown) return garbage(who_, "it is empty");
    if (kind_ == Kind::document) {
        if (auto ok = take_document(text_, false, events); !ok) return ok;
        return reader_->finish(events);
    }
    if (done_) return {};
    Result<void> state;
    sse_.finish([&](std::string_view data) {
        if (state && !done()) state = take_event(data, true, events);
    });
    if (!state || done_) return state;
    return joined(events, [&](EventSink& to) { return reader_->finish(to); });
}

}  // namespace gatehouse::upstream
