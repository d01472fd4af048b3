// SPDX-License-Identifier: Apache-2.0
// Reads values of a client's JSON and writes error messages: the field, the expected value,
// the received value.  A client's string is quoted only if the field accepts a fixed list
// of words.  It is escaped and cut, so that no prompt appears in a response or a log.  One
// per request, on the stack.
#pragma once

#include "plugins/common/json/json.hpp"

#include <gatehouse/chat.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::client {

/// The spelling of a field's path: messages[2].content, or messages.2.content and a colon
/// before the complaint.
enum class PathStyle { brackets, dots };

/// A field's path, such as messages[2].content[0].image_url.  It is a chain of objects on the
/// stack, which is converted to text only for an error.
/// REQUIRES: the parent and the name outlive it.
class Where {
public:
    explicit Where(std::string_view name) : name_(name) {}
    Where(const Where& parent, std::string_view name) : parent_(&parent), name_(name) {}
    Where(const Where& parent, std::size_t index) : parent_(&parent), index_(index) {}

    std::string text(PathStyle style = PathStyle::brackets) const;

private:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    const Where* parent_ = nullptr;
    std::string_view name_ = {};
    std::size_t index_ = none;
};

/// The text in quotes, escaped and cut to 64 bytes.
std::string quoted_for_client(std::string_view text);

/// Each function returns false if the value is invalid; error() then has the reason.  Null
/// means absent.  It resets the target, so that the last of two members with the same name
/// counts.
class Reader {
public:
    explicit Reader(PathStyle style = PathStyle::brackets) : style_(style) {}

    bool read(json::Value& value, const Where& where, std::string& out);
    bool read(json::Value& value, const Where& where, JsonString& out);
    bool read(json::Value& value, const Where& where, std::optional<bool>& out);
    bool read_number(json::Value& value, const Where& where, double low, double high,
                     std::optional<double>& out);
    bool read_integer(json::Value& value, const Where& where, std::int64_t low, std::int64_t high,
                      std::optional<std::int64_t>& out);
    /// An object, stored unchanged.
    bool read_object(json::Value& value, const Where& where, JsonText& out);
    bool read_object(json::Value& value, const Where& where, SharedJson& out);

    /// The strings of an array, at most `most`.  Resets `out`.
    bool read_strings(json::Array& list, const Where& where, std::size_t most, std::vector<std::string>& out);

    /// A required object or array.  `expected` completes the sentence "… must be".
    bool open(json::Value& value, const Where& where, const char* expected, json::Object& out);
    bool open(json::Value& value, const Where& where, const char* expected, json::Array& out);
    /// The member `type` of an object.
    bool read_type(json::Object& object, const Where& where, std::string& out);

    /// "messages is required: a non-empty array of messages".
    bool missing(const Where& where, std::string_view expected);
    /// "temperature must be a number between 0 and 2; got a string".
    bool wrong_type(const Where& where, std::string_view expected, json::Value& value);
    /// "messages[0].role must be one of system, user; got \"robot\"".
    bool wrong_word(const Where& where, std::initializer_list<std::string_view> words, std::string_view came);
    /// "stop must have at most 4 strings".  `complaint` begins with a verb.
    bool refuse(const Where& where, std::string_view complaint);
    /// An error of another kind.  Returns false.
    bool fail(Error error);

    const Error& error() const { return error_; }

private:
    bool fail(const Where& where, std::string_view complaint, const char* code);

    PathStyle style_;
    Error error_;
};

/// Unknown members, as the text of one object.
class Unknown {
public:
    void add(std::string_view key, std::string_view value);
    bool empty() const { return members_.empty(); }
    JsonText take();

private:
    struct Member {
        std::size_t begin, key_size, size;  // size 0: a later member has the same name
    };
    void keep_last();
    void drop_repeated();

    std::string text_;  // '{', then the members, separated by commas
    std::vector<Member> members_;
};

}  // namespace gatehouse::client
