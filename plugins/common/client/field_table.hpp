// SPDX-License-Identifier: Apache-2.0
// Parses a body by a table of its members.  Each endpoint has a table.  A `Draft` is a
// request that is being parsed: it has `request`, a ChatRequest, and `bounds.json_depth`.
// Functions without state.  [any thread]
#pragma once

#include "plugins/common/client/body.hpp"

#include <gatehouse/chat.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gatehouse::client {

template <typename Draft>
struct Field {
    std::string_view name;
    bool (*read)(Reader&, json::Value&, const Where&, Draft&);
};

constexpr bool is_sorted_by_name(const auto& fields) {
    return std::is_sorted(fields.begin(), fields.end(),
                          [](const auto& a, const auto& b) { return a.name < b.name; });
}

/// Reads `body` into draft.request, which shares it.  Members without a row in the table
/// are stored in `extra`.  Calls draft.note(name, value), if there is such a function, for each
/// member with a row.  Then calls `check` for conditions on several members.
/// REQUIRES: is_sorted_by_name(fields).
template <typename Draft>
Result<void> read_request(const std::shared_ptr<std::string>& body, Draft& draft,
                          std::type_identity_t<std::span<const Field<Draft>>> fields,
                          bool (*check)(Reader&, Draft&), Reader reader = Reader()) {
    Unknown unknown;
    auto member = [&](std::string_view key, json::Value& value) {
        const auto field =
            std::lower_bound(fields.begin(), fields.end(), key,
                             [](const Field<Draft>& one, std::string_view name) { return one.name < name; });
        if (field != fields.end() && field->name == key) {
            if constexpr (requires { draft.note(field->name, value); }) draft.note(field->name, value);
            return field->read(reader, value, Where(field->name), draft);
        }
        unknown.add(key, json::raw(value));
        return true;
    };
    auto members = [&](json::Object& top) { return json::for_each(top, member) && check(reader, draft); };
    auto read = read_body(body, draft.bounds.json_depth, reader, members);
    if (read) draft.request.extra = unknown.take();
    return read;
}

/// The same.
template <typename Draft>
Result<void> read_request(std::string body, Draft& draft,
                          std::type_identity_t<std::span<const Field<Draft>>> fields,
                          bool (*check)(Reader&, Draft&), Reader reader = Reader()) {
    return read_request(std::make_shared<std::string>(std::move(body)), draft, fields, check,
                        std::move(reader));
}

// --- rows of the tables, by the member that they set -----------------------------

inline constexpr std::int64_t max_int32 = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t min_int64 = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t max_int64 = std::numeric_limits<std::int64_t>::max();

template <typename Draft>
bool model_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return read_model(reader, value, where, draft.request.model);
}
template <typename Draft>
bool stream_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    std::optional<bool> flag;
    if (!reader.read(value, where, flag)) return false;
    draft.request.stream = flag.value_or(false);
    return true;
}
/// A string or boolean of the request.
template <auto Member, typename Draft>
bool plain_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read(value, where, draft.request.*Member);
}
template <auto Member, typename Draft>
bool object_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_object(value, where, draft.request.*Member);
}
/// A member of the request's sampling.
template <auto Member, int Low, int High, typename Draft>
bool number_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_number(value, where, Low, High, draft.request.sampling.*Member);
}
template <auto Member, std::int64_t Low, std::int64_t High, typename Draft>
bool integer_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_integer(value, where, Low, High, draft.request.sampling.*Member);
}

}  // namespace gatehouse::client
