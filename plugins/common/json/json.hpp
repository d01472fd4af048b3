// SPDX-License-Identifier: Apache-2.0
// JSON reader.  One pass checks the complete text in place.  Afterwards values can be read
// in any order, and only their types need checks.
#pragma once

#include <gatehouse/json_number.hpp>
#include "plugins/common/json/scan.hpp"

#include <gatehouse/json_string.hpp>
#include <gatehouse/json_text.hpp>
#include <gatehouse/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::json {

enum class Type { object, array, string, number, boolean, null };

/// A value, valid as long as the Document.  Cheap to copy.
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
/// Values whose type has been checked.
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
    /// nested `max_depth` deep.  The error is bad_request and does not quote the text.
    /// A well-formed number that is too large is an error too.  If `huge` is given, an integer of
    /// more than 64 bits is accepted, and the error of a number that is too large for a double is
    /// stored there instead, so that the caller can find the field first.
    static Result<Document> parse(std::string& text, std::size_t max_depth = 200,
                                  std::optional<Error>* huge = nullptr);

    /// The same.  JsonStrings may share `text` instead of copying long strings.
    static Result<Document> parse(const std::shared_ptr<std::string>& text, std::size_t max_depth = 200,
                                  std::optional<Error>* huge = nullptr);

    Value top() const { return {*scan_, 0}; }
    /// The top as an object.  Returns nothing if it has another type.
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

/// The value.  Returns nothing if it has another type.
std::optional<bool> boolean(const Value& value);
std::optional<double> number(const Value& value);
/// An integer, also written 1.0 or 1e3.  Returns nothing if it does not fit.
std::optional<std::int64_t> integer(const Value& value);
std::optional<Object> object(const Value& value);
std::optional<Array> array(const Value& value);

/// Replaces `out` by a string value.  Returns false if the value is not a string.
bool take_string(const Value& value, std::string& out);
/// The same without decoding: JsonString decodes the escapes on first use.
bool take_string(const Value& value, JsonString& out);

/// The bytes of the value as they stand in the text, without blanks around.
inline std::string_view raw(const Value& value) { return value.scan().raw(value.at()); }

/// The same, which shares the text of the Document if that can be shared.
SharedText shared_raw(const Value& value);

/// Calls each(std::string_view key, Value& value) for the members in order; a
/// duplicate key is passed twice.  Stops when `each` returns false.  Returns true
/// if `each` never returned false.  `key` is valid during the call.
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
        Value value(scan, at + 2);  // after the colon
        if (!each(key, value)) return false;
        at = scan.after(value.at());
        if (scan.first(at) == ',') ++at;
    }
    return true;
}

/// The number of elements.
inline std::size_t size(const Array& array) {
    const Scan& scan = array.scan();
    std::size_t count = 0;
    for (Scan::Place at = array.at() + 1; scan.first(at) != ']'; ++count) {
        at = scan.after(at);
        if (scan.first(at) == ',') ++at;
    }
    return count;
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
