// SPDX-License-Identifier: Apache-2.0
// Matches results with calls.  A segment is an assistant's turn with calls, and all messages
// up to the next such turn.  Results are matched within a segment, because some vendors
// restart their ids in each turn.
#include "plugins/common/upstream/conversation.hpp"

#include "plugins/common/upstream/json_check.hpp"

#include <gatehouse/json_writer.hpp>

#include <unordered_map>

namespace gatehouse::upstream {

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

/// An id without the characters that some clients strip.
std::string bare(std::string_view id) {
    std::string out;
    for (char c : id)
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) out += c;
    return out;
}

class Segment {
public:
    Segment(const std::vector<Message>& messages, std::size_t assistant, std::size_t end)
        : messages_(messages), assistant_(assistant), end_(end) {
        const auto& calls = messages[assistant].tool_calls;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            std::string id = calls[i].id;
            if (id.empty()) id = "call_" + std::to_string(assistant) + "_" + std::to_string(i);
            calls_.push_back({&calls[i], std::move(id)});
        }
        result_of_.assign(calls.size(), none);
        for (std::size_t i = assistant + 1; i < end; ++i)
            if (messages[i].role == Role::tool) results_.push_back(i);
        match([](const std::string& id) { return id; });
        match([](const std::string& id) { return bare(id); });
        match_in_order();
    }

    void write(std::vector<Turn>& turns, bool sequential) const {
        const Message& message = messages_[assistant_];
        if (sequential && calls_.size() > 1) {
            for (std::size_t i = 0; i < calls_.size(); ++i) {
                turns.push_back(
                    {i == 0 ? Turn::Kind::message : Turn::Kind::calls, &message, assistant_, {calls_[i]}});
                write_result(turns, i);
            }
        } else {
            turns.push_back({Turn::Kind::message, &message, assistant_, calls_});
            for (std::size_t i = 0; i < calls_.size(); ++i) write_result(turns, i);
        }
        std::size_t next = 0;  // into results_, which are in order
        for (std::size_t i = assistant_ + 1; i < end_; ++i) {
            if (messages_[i].role != Role::tool)
                turns.push_back({Turn::Kind::message, &messages_[i], i});
            else if (results_.size() > next && results_[next] == i) {
                turns.push_back({Turn::Kind::orphan, &messages_[i], i});
                ++next;
            }
        }
    }

private:
    void write_result(std::vector<Turn>& turns, std::size_t call) const {
        const std::size_t at = result_of_[call];
        if (at == none)
            turns.push_back({Turn::Kind::missing, &messages_[assistant_], assistant_, {}, calls_[call].id});
        else
            turns.push_back({Turn::Kind::result, &messages_[at], at, {}, calls_[call].id});
    }

    /// Matches each unmatched call with the first result whose id is the same after `key`.
    template <typename Key>
    void match(Key key) {
        std::unordered_map<std::string, std::vector<std::size_t>> waiting;  // calls by id, last first
        for (std::size_t i = calls_.size(); i-- > 0;)
            if (result_of_[i] == none) waiting[key(calls_[i].id)].push_back(i);
        std::vector<std::size_t> left;
        for (std::size_t result : results_) {
            const auto found = waiting.find(key(messages_[result].tool_call_id));
            if (found == waiting.end() || found->second.empty() || found->first.empty()) {
                left.push_back(result);
                continue;
            }
            result_of_[found->second.back()] = result;
            found->second.pop_back();
        }
        results_ = std::move(left);
    }

    /// Matches by position if no id matches and the numbers of calls and results are equal.
    void match_in_order() {
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < calls_.size(); ++i)
            if (result_of_[i] == none) open.push_back(i);
        if (open.size() != results_.size()) return;
        for (std::size_t i = 0; i < open.size(); ++i) result_of_[open[i]] = results_[i];
        results_.clear();
    }

    const std::vector<Message>& messages_;
    std::size_t assistant_, end_;
    std::vector<CallRef> calls_;
    std::vector<std::size_t> result_of_;  // by call: the index of the message
    std::vector<std::size_t> results_;    // not matched yet
};

bool has_calls(const Message& message) {
    return message.role == Role::assistant && !message.tool_calls.empty();
}

}  // namespace

std::string argument_object(const std::string& arguments) {
    upstream::JsonCheck check;
    check.feed(arguments);
    if (check.blank()) return "{}";
    if (check.complete() && arguments[arguments.find_first_not_of(" \t\r\n")] == '{') return arguments;
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("value");
    if (check.complete())
        json.raw(arguments);
    else
        json.value(arguments);
    json.end_object();
    return out;
}

std::vector<Turn> arrange(const std::vector<Message>& messages, bool sequential) {
    std::vector<Turn> turns;
    turns.reserve(messages.size());
    for (std::size_t i = 0; i < messages.size();) {
        if (has_calls(messages[i])) {
            std::size_t end = i + 1;
            while (end < messages.size() && !has_calls(messages[end])) ++end;
            Segment(messages, i, end).write(turns, sequential);
            i = end;
        } else {
            const auto kind = messages[i].role == Role::tool ? Turn::Kind::orphan : Turn::Kind::message;
            turns.push_back({kind, &messages[i], i});
            ++i;
        }
    }
    return turns;
}

}  // namespace gatehouse::upstream
