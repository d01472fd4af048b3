// SPDX-License-Identifier: Apache-2.0
// Uses nlohmann/json because this code is not on the hot path.  Never throws.
#include "plugins/common/upstream/error_body.hpp"

#include "plugins/common/text/text.hpp"

#include <gatehouse/json_writer.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::json;

constexpr int max_nesting = 6;
constexpr std::size_t max_body_bytes = 64 * 1024;

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 9 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
    });
}

/// Whether `text` is not readable, such as a compressed body.
bool is_binary(std::string_view text) {
    std::size_t odd = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = detail::utf8_length(text.substr(i));
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == 0) return true;
        if (length == 0 || (byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n')) ++odd;
        i += std::max<std::size_t>(length, 1);
    }
    return odd * 8 > text.size();
}

class Reader {
public:
    void read_text(std::string_view text, int depth) {
        text = common::trimmed(text);
        const bool may_be_json = text.starts_with('{') || text.starts_with('[');
        if (may_be_json && depth < max_nesting) {
            const Json json = Json::parse(text, nullptr, false);
            if (json.is_object() || json.is_array()) return read(json, depth);
        }
        // Markup is a load balancer's page, not an error message.
        if (!text.empty() && !text.starts_with('<') && !is_binary(text)) found_.message = presentable(text);
    }

    void read(const Json& json, int depth) {
        if (depth > max_nesting) return;
        if (json.is_array()) {
            if (json.empty()) return;
            if (json.front().is_string())
                return read_text(json.front().get_ref<const std::string&>(), depth + 1);
            return read(json.front(), depth + 1);
        }
        if (!json.is_object()) return;
        read_code(json, "status", false);
        read_code(json, "statusCode", false);
        read_code(json, "code", true);
        read_type(json);
        read_limit(json);
        if (const std::string* param = text_of(json, "param"); param && param->size() <= 200)
            found_.param = presentable(*param, 200);
        // The last text wins: a message over a title, an inner text over an outer one.
        for (const char* key : {"title", "detail", "error_description", "errorMessage", "error_message",
                                "error_msg", "status_msg", "msg", "error", "message"})
            if (const std::string* text = text_of(json, key)) read_text(*text, depth + 1);
        add_location(json);
        for (const char* key : {"detail", "base_resp", "message", "errors", "error"})
            if (const auto member = json.find(key); member != json.end() && member->is_structured())
                read(*member, depth + 1);
        // OpenRouter: the vendor's own error.
        if (const auto metadata = json.find("metadata"); metadata != json.end() && metadata->is_object()) {
            const auto raw = metadata->find("raw");
            if (raw == metadata->end()) return;
            if (raw->is_string())
                read_text(raw->get_ref<const std::string&>(), depth + 1);
            else
                read(*raw, depth + 1);
        }
    }

    ErrorBody take() { return std::move(found_); }

private:
    static const std::string* text_of(const Json& json, const char* key) {
        const auto member = json.find(key);
        return member != json.end() && member->is_string() ? &member->get_ref<const std::string&>() : nullptr;
    }

    void read_type(const Json& json) {
        const std::string* type = text_of(json, "type");
        if (!type || !is_word(*type)) return;
        found_.type = *type;
        note_context_length(*type);
    }

    /// llama.cpp's context window.
    void read_limit(const Json& json) {
        const auto limit = json.find("n_ctx");
        if (limit == json.end() || !limit->is_number_integer()) return;
        const auto number = limit->get<std::int64_t>();
        if (number > 0 && number <= 1'000'000'000) found_.limit = number;
    }

    void note_context_length(std::string_view word) {
        for (std::string_view known :
             {"context_length_exceeded", "exceed_context_size_error", "context_window_exceeded",
              "model_max_prompt_tokens_exceeded", "ContextWindowExceededError", "prompt_too_long"})
            if (word == known) found_.context_length = true;
    }

    /// FastAPI: {"loc": ["body", "messages", 0], "msg": "field required"}.
    void add_location(const Json& json) {
        const auto place = json.find("loc");
        if (place == json.end() || !place->is_array() || !text_of(json, "msg")) return;
        std::string joined;
        for (const Json& part : *place) {
            if (!part.is_string() && !part.is_number_integer()) continue;
            joined += joined.empty() ? "" : ".";
            joined += part.is_string() ? part.get_ref<const std::string&>() : part.dump();
        }
        if (!joined.empty()) found_.message += " (" + presentable(joined, 200) + ")";
    }

    /// An error code, or a status as a number or in digits.
    void read_code(const Json& json, const char* key, bool wins) {
        const auto member = json.find(key);
        if (member == json.end()) return;
        if (member->is_number_integer()) {
            const auto number = member->get<std::int64_t>();
            if (number >= 100 && number <= 599) found_.status = static_cast<int>(number);
        } else if (member->is_string()) {
            const auto& word = member->get_ref<const std::string&>();
            int number = 0;
            if (is_number(word)) {
                std::from_chars(word.data(), word.data() + word.size(), number);
                if (number >= 100 && number <= 599) found_.status = number;
            } else if (is_word(word) && (wins || found_.code.empty())) {
                found_.code = word;
                note_context_length(word);
            }
        }
    }

    ErrorBody found_;
};

/// Whether a word looks like a key, a token or a part of one.
bool looks_secret(std::string_view run) {
    return (run.starts_with("sk-") && run.size() > 8) || (run.starts_with("ST$") && run.size() > 8) ||
           (run.starts_with("eyJ") && run.size() > 20) || run.size() > 200;
}

bool ends_ignoring_case(std::string_view text, std::string_view end) {
    return text.size() >= end.size() &&
           std::equal(end.begin(), end.end(), text.end() - static_cast<std::ptrdiff_t>(end.size()),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

}  // namespace

std::string presentable(std::string_view text, std::size_t most) {
    constexpr std::string_view run_characters = "_-.$+/*";
    std::string out;
    text = common::trimmed(text);
    for (std::size_t i = 0; i < text.size() && out.size() < most;) {
        std::size_t end = i;
        while (end < text.size() &&
               (is_alphanumeric(text[end]) || run_characters.find(text[end]) != run_characters.npos))
            ++end;
        if (end > i) {
            const std::string_view run = text.substr(i, end - i);
            const bool follows = ends_ignoring_case(out, "bearer ") ||
                                 ends_ignoring_case(out, "signature=\"") ||
                                 ends_ignoring_case(out, "password=");
            out += follows || looks_secret(run) ? std::string_view("[redacted]") : run;
            i = end;
            continue;
        }
        const std::size_t length = detail::utf8_length(text.substr(i));
        if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7f) {
            if (!out.ends_with(' ')) out += ' ';
        } else if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else if (text[i] != ' ' || !out.ends_with(' ')) {
            out += text.substr(i, length);
        }
        i += std::max<std::size_t>(length, 1);
    }
    out.resize(common::beginning(out, most).size());
    return out;
}

ErrorBody read_error_body(std::string_view body) {
    Reader reader;
    reader.read_text(body.substr(0, max_body_bytes), 0);
    return reader.take();
}

}  // namespace gatehouse::upstream
