// SPDX-License-Identifier: Apache-2.0
// An answer as a row of writes with waits between them: what a connection
// plays back.  Made whole, before the first byte goes out.  Plain values.
#pragma once

#include "tools/oci_emulator/faults.hpp"
#include "tools/oci_emulator/wire_format.hpp"

#include <gatehouse/http.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse::emulator {

struct Script {
    struct Step {
        std::string bytes;
        std::chrono::milliseconds before{0};
    };
    std::chrono::milliseconds wait{0};  // before the head
    bool reset = false;                 // no answer at all: the connection breaks
    http::ResponseHead head = {};
    bool whole = false;  // with a content-length; `steps` has the body as its only bytes
    std::vector<Step> steps = {};
    bool cut = false;  // the connection breaks behind the last step
};

/// Random letters that the service puts into its answers.
class Dice {
public:
    std::string pad();  // 1 to 12 letters a
    std::string hex(std::size_t digits, bool upper);
    std::string call_id(Vendor vendor);  // as that vendor writes them
    std::string request_id();            // A/B/C
};

/// The good answer to `call`, spoiled as `faults` ask for.
Script script_of(const ChatCall& call, const Faults& faults, Dice& dice);

/// An answer that is there at once.
Script script_of(http::Response response);

}  // namespace gatehouse::emulator
