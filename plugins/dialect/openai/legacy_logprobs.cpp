// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/legacy_logprobs.hpp"

#include "plugins/common/text/text.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::openai_dialect {

namespace {

// More offsets without tokens are an upstream's error.
constexpr std::size_t max_given = 65'536;

void append_element(std::string& list, std::string_view element) {
    if (!list.empty()) list += ',';
    list += element;
}

// A duplicate name is written once, because clients read an object.
void append_top(std::string& list, const std::vector<TokenLogprob::Alternative>& top, const JsonText& more) {
    if (!list.empty()) list += ',';
    JsonWriter json(list);
    if (top.empty() && more.empty()) {
        json.null();
        return;
    }
    json.begin_object();
    for (auto one = top.begin(); one != top.end(); ++one)
        if (std::none_of(top.begin(), one, [&](const auto& other) { return other.token == one->token; }))
            json.member(one->token, one->logprob);
    append_extra(list, more);
    json.end_object();
}

}  // namespace

void LegacyLogprobs::take(const Extra& extra) {
    if (extra.members.text.find("\"logprobs\"") == std::string::npos) return;
    std::string text = members_on_one_line(extra);
    std::optional<Error> huge;  // passed on like other numbers
    auto document = json::Document::parse(text, 200, &huge);
    auto top = document ? document->object() : std::nullopt;
    if (!top) return;
    json::for_each(*top, [&](std::string_view key, json::Value& value) {
        auto own = key == "logprobs" ? json::object(value) : std::nullopt;
        if (!own) return true;
        return json::for_each(
            *own, [&](std::string_view name, json::Value& member) { return take_member(name, member); });
    });
}

bool LegacyLogprobs::take_member(std::string_view name, json::Value& member) {
    const bool is_list = name == "text_offset" || name == "top_logprobs";
    auto list = is_list ? json::array(member) : std::nullopt;
    if (list && name == "text_offset")
        return json::for_each(*list, [&](json::Value& offset, std::size_t) {
            const auto number = json::integer(offset);
            if (number && given_.size() < max_given) given_.push_back(*number);
            return number.has_value();
        });
    if (list)
        return json::for_each(*list, [&](json::Value& top, std::size_t) {
            const std::string_view text = json::raw(top);
            if (given_tops_.size() < max_given)
                given_tops_.push_back({text == "null" ? "" : std::string(text)});
            return true;
        });
    if (!is_list && name != "tokens" && name != "token_logprobs") beside_.add(name, json::raw(member));
    return true;
}

void LegacyLogprobs::add(const std::vector<TokenLogprob>& tokens, std::int64_t begin) {
    for (const TokenLogprob& token : tokens) {
        std::int64_t offset = next_.value_or(begin);
        if (!given_.empty()) {
            offset = given_.front();
            given_.pop_front();
        }
        next_ = offset + common::characters(token.token);
        if (!tokens_.empty()) tokens_ += ',';
        append_json_string(tokens_, token.token);
        std::string number;
        JsonWriter(number).value(token.logprob);
        append_element(logprobs_, number);
        add_top(token.top);
        append_element(offsets_, std::to_string(offset));
    }
}

void LegacyLogprobs::add_top(const std::vector<TokenLogprob::Alternative>& top) {
    JsonText more;
    if (!given_tops_.empty()) {
        more = std::move(given_tops_.front());
        given_tops_.pop_front();
    }
    append_top(top_, top, more);
    has_top_ = has_top_ || !top.empty() || !more.empty();
}

void LegacyLogprobs::write(std::string& out) {
    JsonWriter json(out);
    if (empty()) {
        json.null();
        return;
    }
    json.begin_object().key("tokens").begin_array().raw(tokens_).end_array();
    json.key("token_logprobs").begin_array().raw(logprobs_).end_array().key("top_logprobs");
    has_top_ ? json.begin_array().raw(top_).end_array() : json.null();
    json.key("text_offset").begin_array().raw(offsets_).end_array();
    append_members(out, beside_);
    json.end_object();
    for (std::string* list : {&tokens_, &logprobs_, &top_, &offsets_}) list->clear();
    has_top_ = false;
}

}  // namespace gatehouse::openai_dialect
