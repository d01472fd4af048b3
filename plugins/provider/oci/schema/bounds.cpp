// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/schema/bounds.hpp"

#include <charconv>
#include <cstdint>

namespace gatehouse::oci {

namespace {

constexpr std::int64_t far_away = std::int64_t{1} << 53;

template <typename Number>
std::optional<Number> read(std::string_view text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto found = std::from_chars(text.data(), end, number);
    return found.ec == std::errc() && found.ptr == end ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<InclusiveBound> inclusive_bound(const Keywords& from, bool lower) {
    const auto* exclusive = from.find(lower ? "exclusiveMinimum" : "exclusiveMaximum");
    const auto* inclusive = from.find(lower ? "minimum" : "maximum");
    if (!exclusive) return std::nullopt;
    std::string_view at = exclusive->value->raw;
    if (at == "false") return InclusiveBound{inclusive ? std::string(inclusive->value->raw) : std::string()};
    if (at == "true" && !inclusive) return InclusiveBound{{}};
    if (at == "true") at = inclusive->value->raw;  // the form of draft 4

    const auto* type = from.find("type");
    const std::optional<double> limit = read<double>(at);
    const std::optional<double> other = inclusive ? read<double>(inclusive->value->raw) : std::nullopt;
    if (!limit) return std::nullopt;
    if (other && (lower ? *other > *limit : *other < *limit))
        return InclusiveBound{std::string(inclusive->value->raw)};
    const std::optional<std::int64_t> whole = read<std::int64_t>(at);
    if (type && type->value->text == "integer" && whole && *whole > -far_away && *whole < far_away)
        return InclusiveBound{std::to_string(*whole + (lower ? 1 : -1))};
    return InclusiveBound{std::string(at), (lower ? "Greater than " : "Less than ") + std::string(at) + "."};
}

std::string bounds_note(const Keywords& from) {
    std::string note;
    for (bool lower : {true, false})
        if (const auto found = inclusive_bound(from, lower); found && !found->note.empty())
            note += (note.empty() ? "" : " ") + found->note;
    return note;
}

}  // namespace gatehouse::oci
