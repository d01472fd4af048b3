// SPDX-License-Identifier: Apache-2.0
// Reading JSON: a text is checked whole first, in one pass that leaves it where it
// is, and then looked into at any place, in any order.  Only types are left to check.
#pragma once

#include "plugins/common/json/number.hpp"
#include "plugins/common/json/scan.hpp"

#include <gatehouse/json_string.hpp>
#include <gatehouse/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::json {

enum class Type { object, array, string, number, boolean, null };

/// A value, valid as long as the Document: two words, to be copied at will.
class Value {
public:
    Value() = default;
    Value(const Scan& scan, Scan::Place at) : scan_(&scan), at_(at) {}

    const Scan& scan() const { return *scan_; }
    Scan::Place at() const { return at_; }

private:
    const Scan* scan_ = nullptr;
    Scan::Place at_ = 0;
};
/// Those that are an object, and an array.
class Object : public Value {
    using Value::Value;
};
class Array : public Value {
    using Value::Value;
};

/// A text whose grammar, encoding and depth have been checked.
class Document {
public:
    /// Checks `text`, whose capacity is raised to size + 64 if need be, and which
    /// must stay unchanged as long as the Document.  Objects and arrays may be
    /// nested `max_depth` deep.  The error is bad_request and says what is wrong,
    /// without quoting the text.  A number that is well-formed and yet too large to be
    /// read is such an error, too; or it goes to `huge`, if that is given, so that the
    /// reader may find out where it stands before it refuses the text for it.
    static Result<Document> parse(std::string& text, std::size_t max_depth = 200,
                                  std::optional<Error>* huge = nullptr);

    /// The same of a text that JsonStrings may keep, so that long ones are not copied.
    static Result<Document> parse(const std::shared_ptr<std::string>& text, std::size_t max_depth = 200,
                                  std::optional<Error>* huge = nullptr);

    Value top() const { return {*scan_, 0}; }
    /// The top as an object, or nothing if it is something else.
    std::optional<Object> object() const;

    Document(Document&&) noexcept = default;
    Document& operator=(Document&&) = delete;
    ~Document();

private:
    explicit Document(std::unique_ptr<Scan> scan) : scan_(std::move(scan)) {}
    std::unique_ptr<Scan> scan_;
};

Type type_of(const Value& value);
inline bool is_null(const Value& value) { return value.scan().first(value.at()) == 'n'; }

/// The value if it is of that type, else nothing.
std::optional<bool> boolean(const Value& value);
std::optional<double> number(const Value& value);
/// A whole number, also written 1.0 or 1e3, that fits.
std::optional<std::int64_t> integer(const Value& value);
std::optional<Object> object(const Value& value);
std::optional<Array> array(const Value& value);

/// Replaces `out` by a string value; false if it is no string.
bool take_string(const Value& value, std::string& out);
/// The same as it is spelled: what it means is found out when somebody asks.
bool take_string(const Value& value, JsonString& out);

/// The bytes of the value as they stand in the text, without blanks around.
inline std::string_view raw(const Value& value) { return value.scan().raw(value.at()); }

/// Calls each(std::string_view key, Value& value) for the members in order; a
/// key that comes twice is seen twice, so the last one wins.  Stops when `each`
/// returns false; true if it never did.  `key` is valid during the call.
template <typename Each>
bool for_each(const Object& object, Each&& each) {
    const Scan& scan = object.scan();
    std::string unescaped;
    for (Scan::Place at = object.at() + 1; scan.first(at) != '}';) {
        std::string_view key = scan.inside(at);
        if (scan.has_escapes(at)) {
            unescaped.clear();
            gatehouse::detail::append_unescaped(unescaped, key);
            key = unescaped;
        }
        Value value(scan, at + 2);  // behind the colon
        if (!each(key, value)) return false;
        at = scan.after(value.at());
        if (scan.first(at) == ',') ++at;
    }
    return true;
}

/// Calls each(Value& value, std::size_t index) for the elements in order, as above.
template <typename Each>
bool for_each(const Array& array, Each&& each) {
    const Scan& scan = array.scan();
    std::size_t index = 0;
    for (Scan::Place at = array.at() + 1; scan.first(at) != ']';) {
        Value value(scan, at);
        if (!each(value, index++)) return false;
        at = scan.after(at);
        if (scan.first(at) == ',') ++at;
    }
    return true;
}

}  // namespace gatehouse::json
