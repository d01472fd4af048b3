// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/protobuf.hpp"

#include <gatehouse/json.hpp>

#include <bit>
#include <charconv>
#include <cstdint>
#include <span>

namespace gatehouse::otlp {

namespace wire {

namespace {

enum class Wire { text, hex, varint, flag, fixed64, fixed32, number, message };

struct Message;

/// A field of a message.  A list has one entry for each element, or is packed if its elements are numbers.
struct Field {
    std::string_view name;
    std::uint32_t number;
    Wire wire;
    const Message* inner = nullptr;
};

struct Message {
    std::span<const Field> fields;
};

// AnyValue and ArrayValue contain each other.
extern const Message any_value;

constexpr Field array_fields[] = {{"values", 1, Wire::message, &any_value}};
constexpr Message array_value{array_fields};
constexpr Field any_fields[] = {{"stringValue", 1, Wire::text},
                                {"boolValue", 2, Wire::flag},
                                {"intValue", 3, Wire::varint},
                                {"doubleValue", 4, Wire::number},
                                {"arrayValue", 5, Wire::message, &array_value}};
const Message any_value{any_fields};
constexpr Field attribute_fields[] = {{"key", 1, Wire::text}, {"value", 2, Wire::message, &any_value}};
constexpr Message attribute{attribute_fields};
constexpr Field resource_fields[] = {{"attributes", 1, Wire::message, &attribute}};
constexpr Message resource{resource_fields};
constexpr Field scope_fields[] = {{"name", 1, Wire::text}, {"version", 2, Wire::text}};
constexpr Message scope{scope_fields};

constexpr Field status_fields[] = {{"message", 2, Wire::text}, {"code", 3, Wire::varint}};
constexpr Message status{status_fields};
constexpr Field span_fields[] = {{"traceId", 1, Wire::hex},
                                 {"spanId", 2, Wire::hex},
                                 {"traceState", 3, Wire::text},
                                 {"parentSpanId", 4, Wire::hex},
                                 {"name", 5, Wire::text},
                                 {"kind", 6, Wire::varint},
                                 {"startTimeUnixNano", 7, Wire::fixed64},
                                 {"endTimeUnixNano", 8, Wire::fixed64},
                                 {"attributes", 9, Wire::message, &attribute},
                                 {"status", 15, Wire::message, &status},
                                 {"flags", 16, Wire::fixed32}};
constexpr Message span{span_fields};
constexpr Field scope_spans_fields[] = {
    {"scope", 1, Wire::message, &scope}, {"spans", 2, Wire::message, &span}, {"schemaUrl", 3, Wire::text}};
constexpr Message scope_spans{scope_spans_fields};
constexpr Field resource_spans_fields[] = {{"resource", 1, Wire::message, &resource},
                                           {"scopeSpans", 2, Wire::message, &scope_spans},
                                           {"schemaUrl", 3, Wire::text}};
constexpr Message resource_spans{resource_spans_fields};

constexpr Field point_fields[] = {{"startTimeUnixNano", 2, Wire::fixed64},
                                  {"timeUnixNano", 3, Wire::fixed64},
                                  {"count", 4, Wire::fixed64},
                                  {"sum", 5, Wire::number},
                                  {"bucketCounts", 6, Wire::fixed64},
                                  {"explicitBounds", 7, Wire::number},
                                  {"attributes", 9, Wire::message, &attribute}};
constexpr Message point{point_fields};
constexpr Field histogram_fields[] = {{"dataPoints", 1, Wire::message, &point},
                                      {"aggregationTemporality", 2, Wire::varint}};
constexpr Message histogram{histogram_fields};
constexpr Field metric_fields[] = {{"name", 1, Wire::text},
                                   {"description", 2, Wire::text},
                                   {"unit", 3, Wire::text},
                                   {"histogram", 9, Wire::message, &histogram}};
constexpr Message metric{metric_fields};
constexpr Field scope_metrics_fields[] = {{"scope", 1, Wire::message, &scope},
                                          {"metrics", 2, Wire::message, &metric},
                                          {"schemaUrl", 3, Wire::text}};
constexpr Message scope_metrics{scope_metrics_fields};
constexpr Field resource_metrics_fields[] = {{"resource", 1, Wire::message, &resource},
                                             {"scopeMetrics", 2, Wire::message, &scope_metrics},
                                             {"schemaUrl", 3, Wire::text}};
constexpr Message resource_metrics{resource_metrics_fields};

constexpr Field request_fields[] = {{"resourceSpans", 1, Wire::message, &resource_spans},
                                    {"resourceMetrics", 1, Wire::message, &resource_metrics}};
constexpr Message request{request_fields};

void add_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
}

void add_bytes(std::string& out, std::string_view bytes) {
    add_varint(out, bytes.size());
    out += bytes;
}

void add_little_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

/// A number, or a string with one, because JSON's numbers may be inexact.
std::uint64_t integer_in(const JsonValue& value) {
    if (const auto number = value.integer()) return static_cast<std::uint64_t>(*number);
    const std::string_view text = value.spelling();
    std::int64_t with_sign = 0;
    std::uint64_t number = 0;
    if (text.starts_with('-')) {
        std::from_chars(text.data(), text.data() + text.size(), with_sign);
        return static_cast<std::uint64_t>(with_sign);
    }
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string bytes_of_hex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        out += static_cast<char>(byte);
    }
    return out;
}

std::uint32_t wire_type(Wire wire) {
    switch (wire) {
        case Wire::varint:
        case Wire::flag: return 0;
        case Wire::fixed64:
        case Wire::number: return 1;
        case Wire::text:
        case Wire::hex:
        case Wire::message: return 2;
        case Wire::fixed32: return 5;
    }
    return 2;
}

class Encoder {
public:
    /// Leaves out a name that the table lacks, which unknown() then returns.
    std::string message(const Message& type, const JsonValue& value) {
        std::string out;
        for (const auto& [key, content] : value.members()) {
            const Field* field = nullptr;
            for (const Field& one : type.fields)
                if (one.name == key) field = &one;
            if (!field) {
                unknown_ = std::string(key);
                continue;
            }
            if (!content.is(JsonType::array))
                add(out, *field, content);
            else if (wire_type(field->wire) == 1)
                add_packed(out, *field, content);
            else
                for (const JsonValue& element : content.items()) add(out, *field, element);
        }
        return out;
    }
    const std::string& unknown() const { return unknown_; }

private:
    void add(std::string& out, const Field& field, const JsonValue& value) {
        add_varint(out, field.number << 3 | wire_type(field.wire));
        add_value(out, field, value);
    }
    void add_value(std::string& out, const Field& field, const JsonValue& value) {
        switch (field.wire) {
            case Wire::text: return add_bytes(out, value.str());
            case Wire::hex: return add_bytes(out, bytes_of_hex(value.spelling()));
            case Wire::varint: return add_varint(out, integer_in(value));
            case Wire::flag: return add_varint(out, value.boolean().value_or(false) ? 1 : 0);
            case Wire::fixed64: return add_little_endian(out, integer_in(value), 8);
            case Wire::fixed32: return add_little_endian(out, integer_in(value), 4);
            case Wire::number:
                return add_little_endian(out, std::bit_cast<std::uint64_t>(value.number().value_or(0)), 8);
            case Wire::message: return add_bytes(out, message(*field.inner, value));
        }
    }
    void add_packed(std::string& out, const Field& field, const JsonValue& list) {
        std::string elements;
        for (const JsonValue& element : list.items()) add_value(elements, field, element);
        add_varint(out, field.number << 3 | 2);
        add_bytes(out, elements);
    }

    std::string unknown_;
};

}  // namespace

}  // namespace wire

Result<std::string> to_protobuf(std::string_view json) {
    const auto top = read_json(json);
    if (!top) return top.error();
    wire::Encoder encoder;
    std::string out = encoder.message(wire::request, *top);
    if (!encoder.unknown().empty())
        return Error{ErrorKind::internal, "no field of OTLP is named " + encoder.unknown()};
    return out;
}

namespace {

/// Reads a varint at the beginning of `bytes` and removes it.
std::uint64_t take_varint(std::string_view& bytes) {
    std::uint64_t value = 0;
    for (int shift = 0; !bytes.empty() && shift < 64; shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) break;
    }
    return value;
}

}  // namespace

std::int64_t rejected_in_protobuf(std::string_view answer) {
    // Field 1 of the response is partial_success, whose field 1 is the number.
    if (answer.empty() || answer.front() != 0x0a) return 0;
    answer.remove_prefix(1);
    const std::uint64_t size = take_varint(answer);
    std::string_view inner = answer.substr(0, size);
    if (inner.empty() || inner.front() != 0x08) return 0;
    inner.remove_prefix(1);
    return static_cast<std::int64_t>(take_varint(inner));
}

}  // namespace gatehouse::otlp
