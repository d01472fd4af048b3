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

constexpr int max_nesting = 4;
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
        if (!text.empty() && !text.starts_with('<')) found_.message = presentable(text);
    }

    void read(const Json& json, int depth) {
        if (depth > max_nesting) return;
        if (json.is_array()) {
            if (!json.empty() && json.front().is_object()) read(json.front(), depth + 1);
            return;
        }
        if (!json.is_object()) return;
        read_code(json, "status", false);
        read_code(json, "code", true);
        if (const std::string* param = text_of(json, "param"); param && param->size() <= 200)
            found_.param = presentable(*param, 200);
        // The last text wins: a message over a title, an inner text over an outer one.
        for (const char* key : {"title", "detail", "error_description", "errorMessage", "error", "message"})
            if (const std::string* text = text_of(json, key)) read_text(*text, depth + 1);
        for (const char* key : {"message", "error"})
            if (const auto member = json.find(key); member != json.end() && member->is_structured())
                read(*member, depth + 1);
    }

    ErrorBody take() { return std::move(found_); }

private:
    static const std::string* text_of(const Json& json, const char* key) {
        const auto member = json.find(key);
        return member != json.end() && member->is_string() ? &member->get_ref<const std::string&>() : nullptr;
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
