// SPDX-License-Identifier: Apache-2.0
// Checks a JSON object against a table of the fields it may have: unknown
// names, wrong types and words that are not in the list are refused, as the
// service refuses them.  Pure functions: [any thread].
#pragma once

#include "tools/oci_emulator/answers.hpp"
#include "tools/oci_emulator/json.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::emulator {

/// Checks one value; `path` is its location, such as "chatRequest.stop".
using Check = std::function<Refusal(const Json& value, const std::string& path)>;

struct FieldRule {
    std::string_view name;
    bool required;
    Check check;
};

/// Checks every member of `object` against its rule.  Null counts as absent.
Refusal check_object(const Json& object, const std::string& path, const std::vector<FieldRule>& rules);

// Checks to build a table from.
Check text();
Check boolean();
Check integer(std::int64_t minimum);
Check integer_between(std::int64_t minimum, std::int64_t maximum);
Check number(double minimum, double maximum);
Check word(std::vector<std::string_view> words);
Check any_object();
Check object(std::vector<FieldRule> rules);
Check list(Check item, std::size_t most = SIZE_MAX);
/// An object with any names.
Check map(Check value);
/// Any value; another function checks it.
Check anything();
/// An object whose member `tag` selects one of `kinds` and its fields.
Check tagged(std::string_view tag, std::vector<std::pair<std::string_view, std::vector<FieldRule>>> kinds);
/// A list with at least one element.
Check some(Check item);

// Errors with the codes of plugins/provider/oci/PROTOCOL.md, section 5.2.
ServiceError cannot_parse(std::string message);
ServiceError missing(const std::string& path);
ServiceError invalid(const std::string& path, std::string_view why);

}  // namespace gatehouse::emulator
