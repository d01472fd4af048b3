// SPDX-License-Identifier: Apache-2.0
// The SDK's JSON reader and the plugins' one accept the same texts.  Reading a value never goes
// beyond its text, even in a text that is not checked.
#include "plugins/common/json/json.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <gatehouse/json.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;

namespace {

void is_inside(std::string_view part, std::string_view text) {
    promise(part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size(),
            "a value is within its text", part, text);
}

/// Reads everything; returns the number of values.
std::size_t walk(JsonValue value, std::string_view text, int depth) {
    is_inside(value.raw(), text);
    std::size_t values = 1;
    (void)value.str(), (void)value.boolean(), (void)value.text();
    if (depth == 0) return values;
    for (const JsonValue item : value.items()) values += walk(item, text, depth - 1);
    for (const JsonMember& member : value.members()) values += walk(member.value, text, depth - 1);
    return values;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string exact(text_of(data, size));
    std::string roomy = exact;
    roomy.reserve(size + 64);
    roomy.data()[size] = 0;
    const auto theirs = json::Document::parse(roomy);
    const auto ours = read_json(exact);
    promise(bool(ours) == bool(theirs), "both readers accept the same texts", exact,
            ours ? "only the SDK's does" : ours.error().message);
    walk(JsonValue::unchecked(exact), exact, 6);
    if (ours) promise(ours->raw() == json::raw(theirs->top()), "both find the same value", exact);
    if (!ours) promise(check_json(exact).place <= size, "the place of a defect is within the text", exact);
    return 0;
}
