// SPDX-License-Identifier: Apache-2.0
// Reading JSON with simdjson: validated whole first, then read forward once.
//
// simdjson's On Demand reader checks only what it visits; so parse() runs its
// validating parser over the text before (27 us for 61 kB), and everything
// read afterwards is known to be well-formed: only types are left to check.
// The parsers are per thread; one Document at a time on each thread may be in
// use per Slot, and it must go before its text does.
#pragma once

#include <gatehouse/result.hpp>

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::json {

using Value = simdjson::ondemand::value;
using Object = simdjson::ondemand::object;
using Array = simdjson::ondemand::array;
using Type = simdjson::ondemand::json_type;

/// A document whose grammar, encoding and depth have been checked.
class Document {
public:
    /// Checks `text`, whose capacity is raised to size + 64 if need be, and which
    /// must stay unchanged as long as the Document.  Objects and arrays may be
    /// nested `max_depth` deep.  The error is bad_request and says what is wrong,
    /// without quoting the text.
    static Result<Document> parse(std::string& text, std::size_t max_depth = 200);

    /// The top as an object, or nothing if it is something else.  Once.
    std::optional<Object> object();

    Document(Document&&) = default;
    Document& operator=(Document&&) = delete;
    ~Document();

private:
    Document() = default;
    std::optional<simdjson::ondemand::document> document_;
};

/// What kind of value this is.  It stays readable.
Type type_of(Value& value);
inline bool is_null(Value& value) { return type_of(value) == Type::null; }

/// The value if it is of that type, else nothing.  Views are valid as long as the Document.
std::optional<std::string_view> string(Value& value);
std::optional<bool> boolean(Value& value);
std::optional<double> number(Value& value);
/// A whole number, also written 1.0 or 1e3, that fits.
std::optional<std::int64_t> integer(Value& value);
std::optional<Object> object(Value& value);
std::optional<Array> array(Value& value);

/// The bytes of the value as they stand in the text, without blanks around.
/// Reads it: nothing else can be read of it afterwards.
std::string_view raw(Value& value);

/// Calls each(std::string_view key, Value& value) for the members in order; a
/// key that comes twice is seen twice, so the last one wins.  Stops when `each`
/// returns false; true if it never did.
template <typename Each>
bool for_each(Object& object, Each&& each) {
    for (auto field : object) {
        std::string_view key;
        Value value;
        if (field.unescaped_key().get(key) || field.value().get(value)) return false;
        if (!each(key, value)) return false;
    }
    return true;
}

/// Calls each(Value& value, std::size_t index) for the elements in order, as above.
template <typename Each>
bool for_each(Array& array, Each&& each) {
    std::size_t index = 0;
    for (auto element : array) {
        Value value;
        if (element.get(value)) return false;
        if (!each(value, index++)) return false;
    }
    return true;
}

}  // namespace gatehouse::json
