// SPDX-License-Identifier: Apache-2.0
// The checks that tables of fields are built from.
#include "tools/oci_emulator/fields.hpp"

#include <algorithm>

namespace gatehouse::emulator {

ServiceError cannot_parse(std::string message) { return {400, "CannotParseRequest", std::move(message)}; }
ServiceError missing(const std::string& path) {
    return {400, "MissingParameter", "Missing required parameter: '" + path + "'."};
}
ServiceError invalid(const std::string& path, std::string_view why) {
    return {400, "InvalidParameter", "Invalid parameter: '" + path + "' " + std::string(why) + "."};
}

namespace {
ServiceError wrong_type(const std::string& path, std::string_view wanted) {
    return cannot_parse("Cannot parse request: '" + path + "' must be " + std::string(wanted) + ".");
}
}  // namespace

Refusal check_object(const Json& object, const std::string& path, const std::vector<FieldRule>& rules) {
    if (!object.is_object()) return wrong_type(path, "an object");
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& member_of_object : object.items()) {
        const std::string& name = member_of_object.key();
        const Json& value = member_of_object.value();
        const auto rule =
            std::find_if(rules.begin(), rules.end(), [&](const FieldRule& r) { return r.name == name; });
        if (rule == rules.end()) return cannot_parse("Unrecognized field '" + prefix + name + "'.");
        if (value.is_null()) continue;
        if (auto refusal = rule->check(value, prefix + name)) return refusal;
    }
    for (const FieldRule& rule : rules)
        if (rule.required && !member(object, rule.name)) return missing(prefix + std::string(rule.name));
    return {};
}

Check text() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_string()) return wrong_type(path, "a string");
        return {};
    };
}

Check boolean() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_boolean()) return wrong_type(path, "a boolean");
        return {};
    };
}

Check integer(std::int64_t minimum) {
    return [minimum](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_number_integer() ||
            (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
            return wrong_type(path, "an integer");
        if (value.get<std::int64_t>() < minimum)
            return invalid(path, "must be at least " + std::to_string(minimum));
        return {};
    };
}

Check integer_between(std::int64_t minimum, std::int64_t maximum) {
    return [minimum, maximum](const Json& value, const std::string& path) -> Refusal {
        if (auto refusal = integer(minimum)(value, path)) return refusal;
        if (value.get<double>() > static_cast<double>(maximum))
            return invalid(path, "must be at most " + std::to_string(maximum));
        return {};
    };
}

Check number(double minimum, double maximum) {
    return [minimum, maximum](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_number()) return wrong_type(path, "a number");
        if (value.get<double>() < minimum || value.get<double>() > maximum)
            return invalid(path, "must be between " + Json(minimum).dump() + " and " + Json(maximum).dump());
        return {};
    };
}

Check word(std::vector<std::string_view> words) {
    return [words = std::move(words)](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_string()) return wrong_type(path, "a string");
        if (std::find(words.begin(), words.end(), value.get_ref<const std::string&>()) != words.end())
            return {};
        std::string all;
        for (std::string_view one : words) all.append(all.empty() ? "" : ", ").append(one);
        return cannot_parse("Cannot parse request: '" + path + "' must be one of " + all + ".");
    };
}

Check any_object() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_object()) return wrong_type(path, "an object");
        return {};
    };
}

Check object(std::vector<FieldRule> rules) {
    return [rules = std::move(rules)](const Json& value, const std::string& path) -> Refusal {
        return check_object(value, path, rules);
    };
}

Check list(Check item, std::size_t most) {
    return [item = std::move(item), most](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_array()) return wrong_type(path, "an array");
        if (value.size() > most)
            return invalid(path, "must not have more than " + std::to_string(most) + " elements");
        for (std::size_t i = 0; i < value.size(); ++i)
            if (auto refusal = item(value[i], path + "[" + std::to_string(i) + "]")) return refusal;
        return {};
    };
}

Check map(Check value_check) {
    return [value_check = std::move(value_check)](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_object()) return wrong_type(path, "an object");
        for (const auto& [name, one] : value.items())
            if (auto refusal = value_check(one, path + "." + name)) return refusal;
        return {};
    };
}

Check anything() {
    return [](const Json&, const std::string&) -> Refusal { return {}; };
}

Check tagged(std::string_view tag, std::vector<std::pair<std::string_view, std::vector<FieldRule>>> kinds) {
    for (auto& [name, rules] : kinds) rules.push_back({tag, true, text()});
    return [tag, kinds = std::move(kinds)](const Json& value, const std::string& path) -> Refusal {
        if (!value.is_object()) return wrong_type(path, "an object");
        std::vector<std::string_view> words;
        const std::string_view kind = string_member(value, tag);
        for (const auto& [name, rules] : kinds) {
            if (name == kind) return check_object(value, path, rules);
            words.push_back(name);
        }
        const Json* sent = member(value, tag);
        if (!sent) return missing(path + "." + std::string(tag));
        return word(words)(*sent, path + "." + std::string(tag));
    };
}

Check some(Check item) {
    return [item = list(std::move(item))](const Json& value, const std::string& path) -> Refusal {
        if (value.is_array() && value.empty()) return invalid(path, "must not be empty");
        return item(value, path);
    };
}

}  // namespace gatehouse::emulator
