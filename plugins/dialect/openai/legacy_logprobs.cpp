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
void append_top(std::string& list, const std::vector<TokenLogprob::Alternative>& top) {
    if (!list.empty()) list += ',';
    JsonWriter json(list);
    if (top.empty()) {
        json.null();
        return;
    }
    json.begin_object();
    for (auto one = top.begin(); one != top.end(); ++one)
        if (std::none_of(top.begin(), one, [&](const auto& other) { return other.token == one->token; }))
            json.member(one->token, one->logprob);
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
        return json::for_each(*own, [&](std::string_view name, json::Value& member) {
            auto offsets = name == "text_offset" ? json::array(member) : std::nullopt;
            if (offsets)
                return json::for_each(*offsets, [&](json::Value& offset, std::size_t) {
                    const auto number = json::integer(offset);
                    if (number && given_.size() < max_given) given_.push_back(*number);
                    return number.has_value();
                });
            if (name != "tokens" && name != "token_logprobs" && name != "top_logprobs" &&
                name != "text_offset")
                beside_.add(name, json::raw(member));
            return true;
        });
    });
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
        append_top(top_, token.top);
        has_top_ = has_top_ || !token.top.empty();
        append_element(offsets_, std::to_string(offset));
    }
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
