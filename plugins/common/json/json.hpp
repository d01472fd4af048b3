// SPDX-License-Identifier: Apache-2.0
// Reading JSON with simdjson: validated whole first, then read forward once.
//
// simdjson's On Demand reader checks only what it visits; so parse() runs its
// validating parser over the text before (27 us for 61 kB), and everything
// read afterwards is known to be well-formed: only types are left to check.
// The parsers are per thread: one Document at a time may be in use on each,
// and it must go before its text does.
#pragma once

#include <gatehouse/result.hpp>

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

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
    /// without quoting the text.  A number that is well-formed and yet too large to be
    /// read is such an error, too; or it goes to `huge`, if that is given, so that the
    /// reader may find out where it stands before it refuses the text for it.
    static Result<Document> parse(std::string& text, std::size_t max_depth = 200,
                                  std::optional<Error>* huge = nullptr);

    /// The top as an object, or nothing if it is something else.  Once.
    std::optional<Object> object();

    /// What kind of value the top is.
    Type type();

    Document(Document&& other) noexcept
        : document_(std::move(other.document_)), live_(std::exchange(other.live_, false)) {}
    Document& operator=(Document&&) = delete;
    ~Document();

private:
    Document() = default;
    simdjson::ondemand::document document_;
    bool live_ = false;  // whether this one, not one that was moved from, owns the thread's parsers
};

/// What kind of value this is.  It stays readable.
Type type_of(Value& value);
inline bool is_null(Value& value) { return type_of(value) == Type::null; }

/// The value if it is of that type, else nothing, and the value stays readable.
/// A view is valid as long as the Document.  Read a string with string() at most once.
std::optional<std::string_view> string(Value& value);
std::optional<bool> boolean(Value& value);
std::optional<double> number(Value& value);
/// A whole number, also written 1.0 or 1e3, that fits.
std::optional<std::int64_t> integer(Value& value);
std::optional<Object> object(Value& value);
std::optional<Array> array(Value& value);

/// Replaces `out` by a string value, with one copy; false if it is no string.
bool take_string(Value& value, std::string& out);

/// The bytes of the value as they stand in the text, without blanks around.
/// Reads it: nothing else can be read of it afterwards.
std::string_view raw(Value& value);
/// The same of something that is being, or has been, looked through.
std::string_view raw(Object& object);
std::string_view raw(Array& array);

/// Begins again at the first member.  Values read before must not be used any more.
inline void rewind(Object& object) { (void)object.reset(); }

namespace detail {
/// Appends what the inside of a well-formed JSON string means.
void append_unescaped(std::string_view inside, std::string& out);
/// The inside of the string whose first byte, after the quote, is *begin.
std::string_view inside_of(const char* begin);
}  // namespace detail

/// Calls each(std::string_view key, Value& value) for the members in order; a
/// key that comes twice is seen twice, so the last one wins.  Stops when `each`
/// returns false; true if it never did.  `key` is valid during the call.
template <typename Each>
bool for_each(Object& object, Each&& each) {
    std::string unescaped;
    for (auto field : object) {
        simdjson::ondemand::raw_json_string raw_key;
        Value value;
        if (field.key().get(raw_key) || field.value().get(value)) return false;
        // simdjson's own buffer for strings has room for each of them once, and
        // an object may be looked through twice: so keys stay out of it.
        std::string_view key = detail::inside_of(raw_key.raw());
        if (key.find('\\') != std::string_view::npos) {
            unescaped.clear();
            detail::append_unescaped(key, unescaped);
            key = unescaped;
        }
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
