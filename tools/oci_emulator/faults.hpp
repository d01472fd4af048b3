// SPDX-License-Identifier: Apache-2.0
// The misbehaviour that a user message asks for, by words that begin with
// `mock:`.  README.md lists them.  Pure: [any thread].
#pragma once

#include "tools/oci_emulator/answers.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emulator {

struct MockCall {
    std::string name, arguments;
};

struct Faults {
    using Milliseconds = std::chrono::milliseconds;

    std::vector<MockCall> calls = {};       // mock:tool:NAME:{json}
    int status = 0;                         // mock:err:STATUS; 0: no error
    bool in_usual_body = false;             //   ...:env
    std::optional<int> retry_after = {};    //   ...:env:SECONDS
    int fails_first = 0, flaky_status = 0;  // mock:flaky:COUNT:STATUS: the first COUNT times only
    bool too_long = false;                  // mock:toolong: refused for the length of the prompt
    bool cut = false;                       // mock:miderr: reset after a few words
    bool error_event = false;               // mock:errevent: an error event after a few words
    bool garbage = false;                   // mock:garbage: an event that is not JSON, after a few words
    bool no_finish = false;                 // mock:nofinish: ends regularly, without a finish reason
    bool no_done = false;                   // mock:nodone: finishes, without [DONE]
    std::string finish = {};                // mock:finish:WORD: finishes with that reason; null is JSON null
    bool reset = false;                     // mock:reset: reset before any response
    Milliseconds drip{0};                   // mock:drip:MS: before each word
    Milliseconds wait{0};                   // mock:wait:MS: before the response's header
    std::size_t piece = 0;                  // mock:split:BYTES: writes of this size; 0: an event a write
    std::int64_t long_words = 0;            // mock:long:COUNT: says COUNT words
};

/// Reads the mock words of `text` and ignores all other words.
Faults read_faults(std::string_view text);

}  // namespace gatehouse::emulator
