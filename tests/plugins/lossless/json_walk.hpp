// SPDX-License-Identifier: Apache-2.0
// Objects of a JSON text as they are written: where they begin, their paths, and the bytes of
// their members.  A document class would change the numbers and the escapes.
#pragma once

#include "tests/json.hpp"

#include <doctest/doctest.h>

#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::test {

/// An object of a JSON text.
struct Place {
    std::string path;   // "" for the outermost one, such as "/messages/0/content/1/image_url"
    std::size_t begin;  // the position after its brace
    bool empty;         // it has no members
};

/// Reads a JSON text that is valid.  The number of an array's element is its own `index` if
/// it has one: streams send the elements one by one.
class Walk {
public:
    explicit Walk(std::string_view text) : text_(text) {
        value("");
        REQUIRE(blank() == text_.size());
    }

    std::vector<Place> objects;
    /// The bytes of each member of each object, by path.
    std::multimap<std::string, std::string> members;

private:
    std::size_t blank() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
        return at_;
    }
    char next() {
        REQUIRE_MESSAGE(blank() < text_.size(), text_);
        return text_[at_];
    }
    std::string_view string() {
        REQUIRE_MESSAGE(next() == '"', text_.substr(0, at_));
        const std::size_t from = at_++;
        while (text_.at(at_) != '"') at_ += text_[at_] == '\\' ? 2 : 1;
        ++at_;
        return text_.substr(from, at_ - from);
    }
    void value(const std::string& path) {
        switch (next()) {
            case '{': return object(path);
            case '[': return array(path);
            case '"': string(); return;
            default:
                while (at_ < text_.size() &&
                       std::string_view(",]} \t\r\n").find(text_[at_]) == std::string::npos)
                    ++at_;
        }
    }
    void object(const std::string& path) {
        ++at_;
        objects.push_back({path, at_, next() == '}'});
        while (next() != '}') {
            const std::string key = Json::parse(string()).get<std::string>();
            REQUIRE(next() == ':');
            ++at_;
            const std::size_t from = blank();
            value(path + "/" + key);
            members.emplace(path + "/" + key, text_.substr(from, at_ - from));
            if (next() == ',') ++at_;
        }
        ++at_;
    }
    void array(const std::string& path) {
        ++at_;
        for (int number = 0; next() != ']'; ++number) {
            value(path + "/" + index_of(number));
            if (next() == ',') ++at_;
        }
        ++at_;
    }
    /// The element's `index` member, or its position.
    std::string index_of(int number) {
        if (next() == '{') {
            const std::size_t from = at_;
            Walk inner(text_, from);
            if (auto own = inner.members.find("/index"); own != inner.members.end()) return own->second;
        }
        return std::to_string(number);
    }
    Walk(std::string_view text, std::size_t at) : text_(text), at_(at) { value(""); }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// `text` with its strings in one form, without blanks: their escapes may differ.
inline std::string with_plain_strings(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (std::isspace(static_cast<unsigned char>(text[at]))) continue;
        if (text[at] != '"') {
            out += text[at];
            continue;
        }
        const std::size_t from = at++;
        while (text.at(at) != '"') at += text[at] == '\\' ? 2 : 1;
        out += Json::parse(text.substr(from, at + 1 - from)).dump();
    }
    return out;
}

/// An unknown member.
struct Member {
    const char* key;    // as written, without quotes
    const char* value;  // as written
};

inline constexpr Member unknown[] = {
    {"x_text", R"("a \"b\" \u00e9\/ \ud83d\ude00 ü")"},
    {"x_integer", "12345678901234567"},
    {"x_number", "1.50"},
    {"x_exponent", "-1.0E+05"},
    {"x_flag", "true"},
    {"x_object", R"({"a":{"b":[1.50,{"c":12345678901234567}]},"\u0061":{},"type":"x"})"},
    {"x_array", R"([1.0,null,"x",[],{"name":"n"}])"},
    {R"(x\u002d\"\n\u00e9)", R"("escaped key")"},
};

inline std::string key_of(const Member& member) {
    return Json::parse('"' + std::string(member.key) + '"').get<std::string>();
}

/// `text` with `"key":value` as the first member of the object `place`.
inline std::string inserted(std::string text, const Place& place, const std::string& key,
                            const std::string& value) {
    return text.insert(place.begin, "\"" + key + "\":" + value + (place.empty ? "" : ","));
}

}  // namespace gatehouse::test
