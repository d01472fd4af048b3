// SPDX-License-Identifier: Apache-2.0
// Output of a library with the C interface, one line each: events in their order, errors,
// requests, and its description.  Every error is a Mistake.
#include "tests/fuzz/decoder.hpp"

#include "plugins/common/c_door/error_reader.hpp"
#include "plugins/common/c_door/mistake.hpp"
#include "plugins/provider/c_bridge/answer_rules.hpp"
#include "plugins/provider/c_bridge/description.hpp"
#include "plugins/provider/c_bridge/event_reader.hpp"
#include "plugins/provider/c_bridge/request_reader.hpp"

using namespace gatehouse;
using namespace gatehouse::c_bridge;
using namespace gatehouse::fuzz;

namespace {

/// Calls `read` with a copy of `json`; a Mistake is a good answer to a bad text.
template <typename Read>
bool reads(std::string_view json, Read&& read) {
    std::string text(json);
    try {
        read(text);
        return true;
    } catch (const Mistake& mistake) {
        promise(*mistake.what() != '\0', "a mistake is named");
        return false;
    }
}

void check_request(const http::Request& request) {
    for (const auto& [name, value] : request.headers) {
        promise(name.find_first_of(":\r\n \t") == std::string::npos && !name.empty(), "a header has a name",
                name);
        promise(!core::plugin_check::has_control(value), "a header's value is one line", value);
    }
    promise(http::equal_ignoring_case(request.url.substr(0, 4), "http") &&
                request.url.find("://") != std::string::npos,
            "a request has an absolute URL", request.url);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Findings findings;
    std::string_view input = text_of(data, size);
    const ChatRequest asked = chat("m", true);
    AnswerRules rules({.what = Asked::What::chat, .count = 1});
    testing::Events events;
    bool good = true;
    for (std::string_view rest = input; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        good = good && reads(line, [&](std::string& text) {
                   if (auto ok = rules.take(read_event(text), events); !ok) throw Mistake(ok.error().message);
               });
        reads(line, [](std::string& text) {
            const Error error = read_error(text, {ErrorKind::upstream, "otherwise"});
            promise(!error.message.empty(), "an error has a message");
            promise(status_of(error) >= 400 && status_of(error) < 600, "an error has an error's status");
        });
        reads(line, [](std::string& text) { check_request(read_request(text, "body")); });
        reads(line, [](std::string& text) { (void)read_description(text); });
    }
    if (good && reads("", [&](std::string&) { rules.end(); }))
        findings.check(events.list, asked, core::plugin_check::is_utf8(input));
    return 0;
}
