// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/error_document.hpp"

#include "plugins/common/upstream/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::upstream {

namespace {

/// Whether a member such as `error` says something: not false, 0 or empty.
bool says_something(dom::element value) {
    if (const auto text = string(value)) return !text->empty();
    if (const auto members = object(value)) {
        for (const auto member : *members)
            if (says_something(member.value)) return true;
        return false;
    }
    if (const auto elements = array(value)) return elements->size() > 0;
    if (value.is_bool()) return bool(value);
    return !value.is_null() && number(value).value_or(0.0) != 0.0;
}

bool says(dom::object from, std::string_view key) {
    const auto found = member(from, key);
    return found && says_something(*found);
}

bool has_answer(dom::object top) {
    const auto choices = array_member(top, "choices");
    return (choices && choices->size() > 0) || member(top, "chatResponse") || member(top, "finishReason");
}

/// Whether `code` is one of success: 0, 200, "ok".
bool is_success(dom::object from) {
    const auto code = member(from, "code");
    if (!code) return false;
    if (const auto number = integer(*code)) return *number == 0 || (*number >= 200 && *number < 300);
    const std::string word = lower_case(string(*code).value_or(std::string_view()));
    constexpr std::array<std::string_view, 6> good = {"0", "200", "ok", "success", "succeeded", "00000"};
    return std::find(good.begin(), good.end(), word) != good.end();
}

/// MiniMax's status: 0 is success.
bool has_failed_status(dom::object top) {
    const auto status = object_member(top, "base_resp");
    return status && integer_member(*status, "status_code").value_or(0) != 0;
}

bool has_error(dom::element choice) {
    const auto members = object(choice);
    if (!members) return false;
    const auto end = members->end();
    for (auto member = members->begin(); member != end; ++member)
        if (member.key_length() == 5 && member.key_equals("error")) return true;
    return false;
}

/// Whether error_in_choice() may find an error in these `choices`.
bool has_failed_choice(dom::element choices) {
    const auto list = array(choices);
    if (!list) return false;
    for (dom::element choice : *list)
        if (has_error(choice)) return true;
    return false;
}

bool has_failed_response(dom::element response) {
    const auto members = object(response);
    if (!members) return false;
    const auto end = members->end();
    for (auto member = members->begin(); member != end; ++member)
        if (member.key_length() == 7 && member.key_equals("choices") && has_failed_choice(member.value()))
            return true;
    return false;
}

/// Whether is_error() or error_in_choice() may find an error in this member of a document.
bool is_suspect(dom::object::iterator member) {
    switch (member.key_length()) {
        case 3: return member.key_equals("msg");
        case 4: return member.key_equals("code");
        case 5: return member.key_equals("error");
        case 6: return member.key_equals("detail") || member.key_equals("errors");
        case 7:
            if (member.key_equals("message")) return member.value().is_string();
            return member.key_equals("choices") && has_failed_choice(member.value());
        case 9: return member.key_equals("error_msg") || member.key_equals("base_resp");
        case 12: return member.key_equals("chatResponse") && has_failed_response(member.value());
        case 13: return member.key_equals("error_message");
        default: return false;
    }
}

}  // namespace

bool may_be_error(dom::object top) {
    const auto end = top.end();
    for (auto member = top.begin(); member != end; ++member)
        if (is_suspect(member)) return true;
    return false;
}

bool is_error(dom::object top) {
    const bool answer = has_answer(top);
    if (says(top, "error")) {
        const auto error = object_member(top, "error");
        return !(answer && error && is_success(*error));
    }
    if (answer || is_success(top)) return false;
    const auto message = member(top, "message");
    if (message) return message->is_string();
    for (std::string_view key : {"detail", "msg", "error_msg", "error_message", "errors"})
        if (says(top, key)) return true;
    return has_failed_status(top) || (member(top, "code") && !member(top, "choices"));
}

std::string error_in_choice(dom::object top) {
    const auto inner = object_member(top, "chatResponse");
    const auto choices = array_member(inner ? *inner : top, "choices");
    if (!choices) return {};
    for (dom::element element : *choices) {
        const auto choice = object(element);
        if (!choice || !says(*choice, "error")) continue;
        return "{\"error\":" + std::string(simdjson::minify(*member(*choice, "error"))) + "}";
    }
    return {};
}

}  // namespace gatehouse::upstream
