// SPDX-License-Identifier: Apache-2.0
#include "core/config/value_words.hpp"

#include "core/util/suggest.hpp"

namespace gatehouse::core {

const char* expected_type(ValueType type) {
    switch (type) {
        case ValueType::boolean: return "true or false";
        case ValueType::integer: return "an integer";
        case ValueType::number: return "a number";
        case ValueType::string: return "a string";
        case ValueType::string_list: return "a string or a list of strings";
        case ValueType::table_list: return "a list of tables";
        case ValueType::table_map: return "a table of tables";
        case ValueType::string_list_map: return "a table of strings or lists of strings";
        case ValueType::table: return "a table";
    }
    return "something else";
}

std::string expected_type(const Key& key) {
    std::string text = expected_type(key.type);
    for (const std::string& word : key.allowed) text += " or " + toml_quoted(word);
    return text;
}

bool stands_without_quotes(ValueType type) {
    switch (type) {
        case ValueType::boolean:
        case ValueType::integer:
        case ValueType::number: return true;
        case ValueType::string:
        case ValueType::string_list:
        case ValueType::table_list:
        case ValueType::table_map:
        case ValueType::string_list_map:
        case ValueType::table: return false;
    }
    return false;
}

}  // namespace gatehouse::core
