// SPDX-License-Identifier: Apache-2.0
// Reads the body of an error response in several formats: OpenAI's, Anthropic's, a vendor's JSON
// inside a string of another's, OpenRouter's `metadata.raw`, FastAPI's `detail`, lists of errors,
// or plain text.
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/error_text.hpp"
#include "gatehouse/json.hpp"
#include "gatehouse/json_mend.hpp"
#include "gatehouse/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

struct ErrorBody {
    /// The innermost text as one_line().  Empty if no text may be shown.
    std::string message = {};
    /// The innermost error code: "unsupported_value", "NotAuthenticated".
    std::string code = {};
    std::string type = {};   // the innermost type: "rate_limit_error"
    std::string param = {};  // the field at fault, in the upstream's spelling
    int status = 0;          // status in the body; 0 if absent
    /// Whether the code or the type says that the prompt is too long.
    bool context_length = false;
    /// The context window in tokens, if the body has it as a member.
    std::optional<std::int64_t> limit = {};
};

namespace detail {

inline bool is_short_number(std::string_view text) {
    return !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == text.npos;
}

inline bool is_error_word(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
    });
}

/// Whether `text` is not readable, such as a compressed body.
inline bool is_binary(std::string_view text) {
    std::size_t odd = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text.substr(i));
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == 0) return true;
        if (length == 0 || (byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n')) ++odd;
        i += std::max<std::size_t>(length, 1);
    }
    return odd * 8 > text.size();
}

class ErrorBodyReader {
public:
    static constexpr std::size_t max_bytes = 64 * 1024;

    [[gnu::cold]] void read_text(std::string_view text, int depth) {
        text = trimmed(text);
        if (text.starts_with("\xEF\xBB\xBF")) text = trimmed(text.substr(3));
        if (text.starts_with("data:") || text.starts_with("event:")) text = event_data(text);
        const bool may_be_json = text.starts_with('{') || text.starts_with('[');
        if (may_be_json && depth < max_nesting) {
            if (const auto json = read_json(text, max_bytes)) return read(*json, depth);
            const std::string mended = mended_json(text, false);
            if (const auto json = read_json(mended, max_bytes)) return read(*json, depth);
        }
        // Markup is a load balancer's page, not an error message.
        if (!text.empty() && !text.starts_with('<') && !is_binary(text)) found_.message = one_line(text);
    }

    ErrorBody take() { return std::move(found_); }

private:
    static constexpr int max_nesting = 6;

    /// The first data of a server-sent event, in which some servers put the error of a refused stream.
    static std::string_view event_data(std::string_view text) {
        const std::size_t line = text.starts_with("data:") ? 0 : text.find("\ndata:");
        if (line == text.npos) return text;
        text.remove_prefix(text.find("data:", line) + 5);
        return trimmed(text.substr(0, text.find('\n')));
    }

    void read(JsonValue json, int depth) {
        if (depth > max_nesting) return;
        if (json.is(JsonType::array)) {
            const JsonValue first = json[0];
            return first.is(JsonType::string) ? read_text(first.str(), depth + 1) : read(first, depth + 1);
        }
        if (json.is(JsonType::object)) read_object(json, depth);
    }

    [[gnu::cold]] void read_object(JsonValue json, int depth) {
        read_code(json["status"], false);
        read_code(json["statusCode"], false);
        read_code(json["code"], true);
        read_type(json["type"].str());
        read_limit(json["n_ctx"].integer().value_or(0));
        if (const JsonValue param = json["param"]; param.is(JsonType::string) && param.raw().size() <= 200)
            found_.param = one_line(param.str(), 200);
        // The last text wins: a message over a title, an inner text over an outer one.
        for (const char* key :
             {"reason", "errmsg", "Message", "title", "detail", "error_description", "errorMessage",
              "error_message", "error_msg", "status_msg", "msg", "error", "message"})
            if (const JsonValue text = json[key]; text.is(JsonType::string)) read_text(text.str(), depth + 1);
        add_location(json);
        for (const char* key : {"detail", "base_resp", "message", "Response", "Error", "errors", "error"})
            read(json[key], depth + 1);
        read_fields(json["errors"], depth + 1);
        // OpenRouter: the vendor's own error.
        const JsonValue raw = json["metadata"]["raw"];
        raw.is(JsonType::string) ? read_text(raw.str(), depth + 1) : read(raw, depth + 1);
    }

    /// {"model": ["is required"]}, if there is no other text.
    [[gnu::cold]] void read_fields(JsonValue errors, int depth) {
        for (const auto& [field, value] : errors.members()) {
            if (!found_.message.empty() || depth > max_nesting) return;
            value.is(JsonType::string) ? read_text(value.str(), depth) : read(value, depth);
            if (!found_.message.empty()) found_.message += " (" + one_line(field, 200) + ")";
        }
    }

    void read_type(const std::string& type) {
        if (!is_error_word(type)) return;
        found_.type = type;
        note_context_length(type);
    }

    /// llama.cpp's context window.
    void read_limit(std::int64_t number) {
        if (number > 0 && number <= 1'000'000'000) found_.limit = number;
    }

    void note_context_length(std::string_view word) {
        for (std::string_view known :
             {"context_length_exceeded", "exceed_context_size_error", "context_window_exceeded",
              "model_max_prompt_tokens_exceeded", "ContextWindowExceededError", "prompt_too_long"})
            if (word == known) found_.context_length = true;
    }

    /// FastAPI: {"loc": ["body", "messages", 0], "msg": "field required"}.
    [[gnu::cold]] void add_location(JsonValue json) {
        if (!json["msg"].is(JsonType::string)) return;
        std::string joined;
        for (const JsonValue part : json["loc"].items()) {
            if (!part.is(JsonType::string) && !part.integer()) continue;
            joined += joined.empty() ? "" : ".";
            joined += part.is(JsonType::string) ? part.str() : std::string(part.raw());
        }
        if (!joined.empty()) found_.message += " (" + one_line(joined, 200) + ")";
    }

    /// An error code, or a status as a number or in digits.
    void read_code(JsonValue value, bool wins) {
        const std::string word = value.str();
        std::int64_t number = value.integer().value_or(0);
        if (is_short_number(word)) std::from_chars(word.data(), word.data() + word.size(), number);
        if (number >= 100 && number <= 599) found_.status = static_cast<int>(number);
        if (is_short_number(word) || !is_error_word(word) || (!wins && !found_.code.empty())) return;
        found_.code = word;
        note_context_length(word);
    }

    ErrorBody found_;
};

}  // namespace detail

/// Reads at most the first 64 KiB of `body`.
inline ErrorBody read_error_body(std::string_view body) {
    detail::ErrorBodyReader reader;
    reader.read_text(body.substr(0, detail::ErrorBodyReader::max_bytes), 0);
    return reader.take();
}

namespace detail {

struct StatusWord {
    std::string_view word;
    int status;
};

/// The status of the first word that `text` has, or 0.
template <std::size_t N>
int status_by(std::string_view text, const StatusWord (&words)[N]) {
    for (const StatusWord& row : words)
        if (text.find(row.word) != text.npos) return row.status;
    return 0;
}

}  // namespace detail

/// The status of an error without one, such as an event of a stream, by its code, its type and its words.
/// 502 if nothing tells it.
[[gnu::cold]] inline int status_of(const ErrorBody& body) {
    if (body.status >= 400) return body.status;
    const std::string message = lower_case(body.message);
    if (body.context_length || says_context_length(message)) return 400;
    static constexpr detail::StatusWord words[] = {
        {"rate_limit", 429},
        {"ratelimit", 429},
        {"quota", 429},
        {"too_many_requests", 429},
        {"toomanyrequests", 429},
        {"throttl", 429},
        {"resource_exhausted", 429},
        {"overloaded", 503},
        {"unavailable", 503},
        {"timeout", 504},
        {"deadline", 504},
        {"authentication", 401},
        {"permission", 403},
        {"not_found", 404},
        {"invalid_request", 400},
        {"invalid_argument", 400},
        {"bad_request", 400},
        {"content_filter", 400},
    };
    static constexpr detail::StatusWord phrases[] = {
        {"rate limit", 429}, {"too many requests", 429}, {"overloaded", 503}};
    if (const int status = detail::status_by(lower_case(body.code + " " + body.type), words)) return status;
    const int status = detail::status_by(message, phrases);
    return status ? status : 502;
}

}  // namespace gatehouse
