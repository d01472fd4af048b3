// SPDX-License-Identifier: Apache-2.0
// A response as a sequence of writes and waits, which a connection plays.  It is
// complete before the first byte is sent.  Plain values.
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
    std::chrono::milliseconds wait{0};  // before the header
    bool reset = false;                 // reset the connection instead of a response
    http::ResponseHead head = {};
    bool whole = false;  // with a content-length; `steps` has only the body
    std::vector<Step> steps = {};
    bool cut = false;  // reset the connection after the last step
};

/// Random letters that the service puts into its responses.
class Dice {
public:
    std::string pad();  // 1 to 12 letters a
    std::string hex(std::size_t digits, bool upper);
    std::string call_id(Vendor vendor);  // in the vendor's form
    std::string request_id();            // A/B/C
};

/// The valid response to `call`, changed by `faults`.
Script script_of(const ChatCall& call, const Faults& faults, Dice& dice);

/// A response without waits.
Script script_of(http::Response response);

}  // namespace gatehouse::emulator
