// SPDX-License-Identifier: Apache-2.0
// Writes a list of attributes in OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/): 64-bit integers
// are strings, and names are in lowerCamelCase.  One thread at a time.
#pragma once

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::otlp {

/// A member "attributes" of the object that `json` writes, until end().
class Attributes {
public:
    /// Omits the attributes that `omit` names.  Both outlive this object.
    Attributes(JsonWriter& json, const std::vector<std::string>& omit) : json_(json), omit_(omit) {
        json_.key("attributes").begin_array();
    }

    Attributes& add(std::string_view name, std::string_view value) {
        return write(name, [&] { json_.member("stringValue", value); });
    }
    Attributes& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
    Attributes& add(std::string_view name, const std::string& value) {
        return add(name, std::string_view(value));
    }
    Attributes& add(std::string_view name, std::int64_t value) {
        return write(name, [&] { json_.member("intValue", std::to_string(value)); });
    }
    Attributes& add(std::string_view name, int value) { return add(name, std::int64_t{value}); }
    Attributes& add(std::string_view name, double value) {
        return write(name, [&] { json_.member("doubleValue", value); });
    }
    Attributes& add(std::string_view name, bool value) {
        return write(name, [&] { json_.member("boolValue", value); });
    }
    Attributes& add(std::string_view name, const std::vector<std::string>& values) {
        return write(name, [&] {
            json_.key("arrayValue").begin_object().key("values").begin_array();
            for (const std::string& value : values)
                json_.begin_object().member("stringValue", value).end_object();
            json_.end_array().end_object();
        });
    }
    /// Omits an absent value.
    template <typename T>
    Attributes& add(std::string_view name, const std::optional<T>& value) {
        return value ? add(name, *value) : *this;
    }
    /// Omits an empty text.
    Attributes& given(std::string_view name, std::string_view value) {
        return value.empty() ? *this : add(name, value);
    }

    void end() { json_.end_array(); }

private:
    template <typename Value>
    Attributes& write(std::string_view name, Value&& value) {
        if (std::ranges::find(omit_, name) != omit_.end()) return *this;
        json_.begin_object().member("key", name).key("value").begin_object();
        value();
        json_.end_object().end_object();
        return *this;
    }

    JsonWriter& json_;
    const std::vector<std::string>& omit_;
};

}  // namespace gatehouse::otlp
