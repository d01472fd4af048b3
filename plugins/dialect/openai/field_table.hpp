// SPDX-License-Identifier: Apache-2.0
// Parses a body by a table of its members.  Each endpoint has a table.  Functions without
// state.  [any thread]
#pragma once

#include "plugins/dialect/openai/fields.hpp"

#include <algorithm>
#include <limits>
#include <span>

namespace gatehouse::openai_dialect {

struct Field {
    std::string_view name;
    bool (*read)(Reader&, json::Value&, const Where&, Draft&);
};

constexpr bool is_sorted_by_name(std::span<const Field> fields) {
    return std::is_sorted(fields.begin(), fields.end(),
                          [](const Field& a, const Field& b) { return a.name < b.name; });
}

/// Reads `body` into draft.request, which may share it.  Members without a row in the table
/// are stored in `extra`.  Then calls `check` for conditions on several members.
/// REQUIRES: is_sorted_by_name(fields).
Result<void> read_request(std::string body, Draft& draft, std::span<const Field> fields,
                          bool (*check)(Reader&, Draft&));

// --- rows of the tables, by the member that they set -----------------------------

inline constexpr std::int64_t max_int32 = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t min_int64 = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t max_int64 = std::numeric_limits<std::int64_t>::max();

bool model_field(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool stream_field(Reader& reader, json::Value& value, const Where& where, Draft& draft);

/// A string or boolean of the request.
template <auto Member>
bool plain_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read(value, where, draft.request.*Member);
}
template <auto Member>
bool object_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_object(value, where, draft.request.*Member);
}
/// A member of the request's sampling.
template <auto Member, int Low, int High>
bool number_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_number(value, where, Low, High, draft.request.sampling.*Member);
}
template <auto Member, std::int64_t Low, std::int64_t High>
bool integer_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_integer(value, where, Low, High, draft.request.sampling.*Member);
}

}  // namespace gatehouse::openai_dialect
