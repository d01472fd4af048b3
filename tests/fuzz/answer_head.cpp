// SPDX-License-Identifier: Apache-2.0
// The head of an upstream's answer, line by line: refused, or with one framing and fields
// that may be looked at.
#include "tests/fuzz/fuzz.hpp"

#include "core/net/client/response_head.hpp"
#include "core/net/framing/token.hpp"

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input = text_of(data, size);
    ResponseHeadParser head;
    head.reset(2048);
    std::size_t taken = 0;
    while (!input.empty() && head.state() == ResponseHeadParser::State::reading) {
        const std::string_view line = input.substr(0, std::min(input.find('\n'), input.size() - 1) + 1);
        input.remove_prefix(line.size());
        taken += line.size();
        head.take(line);
    }
    promise(taken <= 2048 || head.state() != ResponseHeadParser::State::complete, "a head is within its limit");
    if (head.state() == ResponseHeadParser::State::broken) promise(!head.fault().empty(), "a fault has a name");
    if (!head.complete()) return 0;
    const http::ResponseHead& value = head.value();
    promise(value.status >= 200 && value.status < 1000, "an interim answer is not the final one");
    int lengths = 0, codings = 0;
    for (const auto& [name, content] : value.headers) {
        promise(!name.empty(), "a field has a name");
        promise(is_token(name), "a field's name is a token", name);
        promise(content.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                "a value is one line", content);
        lengths += http::equal_ignoring_case(name, "content-length");
        codings += http::equal_ignoring_case(name, "transfer-encoding");
    }
    promise(lengths == 0 || codings == 0, "a body has one framing");
    return 0;
}
