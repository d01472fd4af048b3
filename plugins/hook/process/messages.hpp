// SPDX-License-Identifier: Apache-2.0
// The lines between the gateway and a program: see README.md.  Functions without state: any thread.
#pragma once

#include "plugins/common/c_door/described.hpp"
#include "plugins/common/hook/text_runs.hpp"

#include <gatehouse/hook.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::process {

// The calls.  Each line ends with "\n".
std::string describe_line();
/// `config`: settings and limits, as for a library.
std::string start_line(std::string_view config);
/// `text`: of the request; empty: the program does not read it.
std::string request_line(std::string_view id, std::string_view info, const std::optional<std::string>& text);
std::string attempt_line(std::string_view id);
std::string text_line(std::string_view id, hook_texts::Channel channel, std::int32_t choice,
                      std::string_view text);
std::string flush_line(std::string_view id, hook_texts::Channel channel, std::int32_t choice);
std::string end_line(std::string_view id, std::string_view outcome);

/// The reply to `describe`.
struct Description : c_bridge::Described {
    bool reads_request = true, reads_response = true;
};
/// Throws c_bridge::Mistake.
Description read_description(std::string line);
/// Checks the reply to `start`.  Throws c_bridge::Mistake, or the KeyError of a setting that the program
/// refuses.
void read_started(std::string line);

/// The reply to another call.
struct Said {
    std::optional<Error> error = {};
    std::optional<std::string> answer = {}, text = {};
};
/// `call`: for messages.  Throws c_bridge::Mistake.
Said read_said(std::string line, const std::string& call);

}  // namespace gatehouse::process
