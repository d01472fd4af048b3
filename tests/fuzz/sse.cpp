// SPDX-License-Identifier: Apache-2.0
// Event streams: the same events whole, in pieces and byte by byte, and as a reader finds
// them that splits the whole text into lines.
#include "tests/fuzz/fuzz.hpp"

#include <gatehouse/sse.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;

namespace {

std::string read(const std::vector<std::string_view>& pieces, std::size_t limit, bool& within) {
    SseReader reader(limit);
    std::string out;
    auto each = [&](std::string_view data) {
        promise(data.size() <= limit, "an event is within its limit");
        out.append(reader.type()).append("|").append(data).append("\x1e");
    };
    for (std::string_view piece : pieces)
        if (within = reader.feed(piece, each); !within) return out;
    reader.finish(each);
    return out;
}

/// After the WHATWG's words, line by line.
std::string second_reading(std::string_view input) {
    std::string out, data, type;
    bool has_data = false;
    auto end_event = [&] {
        if (has_data) out.append(type).append("|").append(data).append("\x1e");
        data.clear(), type.clear(), has_data = false;
    };
    if (input.starts_with("\xEF\xBB\xBF")) input.remove_prefix(3);
    while (!input.empty()) {
        const std::size_t end = std::min(input.find_first_of("\r\n"), input.size());
        const std::string_view line = input.substr(0, end);
        const std::size_t line_end = input.substr(end).starts_with("\r\n") ? 2 : end < input.size() ? 1 : 0;
        input.remove_prefix(end + line_end);
        if (line.empty()) {
            end_event();
            continue;
        }
        const std::size_t colon = std::min(line.find(':'), line.size());
        std::string_view value = line.substr(std::min(colon + 1, line.size()));
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (line.substr(0, colon) == "data") {
            if (has_data) data += '\n';
            data += value, has_data = true;
        } else if (line.substr(0, colon) == "event") {
            type = value;
        }
    }
    end_event();
    return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text_of(data, size);
    bool within = true;
    const std::string expected = second_reading(input);
    for (const auto& pieces : {std::vector{input}, pieces_of(input), bytes_of(input)}) {
        same(read(pieces, input.size(), within), expected, "however it is cut, a stream has the same events");
        promise(within, "an event as large as its limit is within it");
        read(pieces, 20, within);
    }
    return 0;
}
