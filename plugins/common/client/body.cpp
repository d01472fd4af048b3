// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/client/body.hpp"

#include <algorithm>

namespace gatehouse::client {

namespace {

constexpr std::size_t max_model_bytes = 256;

const char* name_of(json::Type type) {
    switch (type) {
        case json::Type::array: return "an array";
        case json::Type::string: return "a string";
        case json::Type::number: return "a number";
        case json::Type::boolean: return "true or false";
        case json::Type::object: return "an object";
        case json::Type::null: break;
    }
    return "null";
}

}  // namespace

Error not_an_object(json::Type type) {
    return {ErrorKind::bad_request, std::string("the body must be a JSON object; got ") + name_of(type)};
}

bool read_model(Reader& reader, json::Value& value, const Where& where, std::string& model) {
    if (!reader.read(value, where, model)) return false;
    if (model.size() > max_model_bytes)
        return reader.refuse(where, "must have at most " + std::to_string(max_model_bytes) + " bytes");
    const bool printable = std::none_of(
        model.begin(), model.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    return printable || reader.refuse(where, "must not have control characters");
}

}  // namespace gatehouse::client
