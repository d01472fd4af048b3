// SPDX-License-Identifier: Apache-2.0
// JSON lines, AWS event streams and error bodies: the same pieces however the bytes are cut, each
// within its limit, and a reason that is one line.
#include "tests/fuzz/fuzz.hpp"

#include <gatehouse/aws_event_stream.hpp>
#include <gatehouse/error_body.hpp>
#include <gatehouse/lines.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;

namespace {

std::string lines_of(const std::vector<std::string_view>& pieces, std::size_t limit) {
    LineReader reader(limit);
    std::string out;
    auto each = [&](std::string_view line) {
        promise(line.size() <= limit, "a line is within its limit");
        promise(line.find('\n') == line.npos, "a line has no line end", line);
        out.append(line).append("\x1e");
    };
    for (std::string_view piece : pieces)
        if (!reader.feed(piece, each)) return out + "limit";
    reader.finish(each);
    return out;
}

std::string messages_of(const std::vector<std::string_view>& pieces, std::size_t limit) {
    AwsEventReader reader(limit);
    std::string out;
    for (std::string_view piece : pieces) {
        const auto fed = reader.feed(piece, [&](const AwsEvent& event) {
            promise(event.payload.size() < limit, "a message is within its limit");
            for (const auto& [name, value] : event.headers) out.append(name).append("=").append(value);
            out.append(event.payload).append("\x1e");
        });
        if (!fed) return out + fed.error().message;
    }
    return out + (reader.complete() ? "" : "cut");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text_of(data, size);
    std::string framed;  // a valid message, and the input as it is
    append_aws_event(framed, {{":event-type", std::string(input.substr(0, 100))}}, input);
    framed += input;
    for (const std::size_t limit : {size + 300, std::size_t{40}}) {
        const std::string lines = lines_of({input}, limit), messages = messages_of({framed}, limit);
        for (const auto& cut : {pieces_of, bytes_of}) {
            same(lines_of(cut(input), limit), lines, "however it is cut, a body has the same lines");
            same(messages_of(cut(framed), limit), messages,
                 "however it is cut, a stream has the same messages");
        }
    }
    const ErrorBody body = read_error_body(input);
    promise(body.message.find('\n') == std::string::npos, "a reason is one line", body.message);
    promise(body.message.size() <= 1300, "a reason is short", body.message);
    return 0;
}
