// SPDX-License-Identifier: Apache-2.0
// Helpers of the emulator's chat tests: the model's output and its form.
#pragma once

#include "tests/tools/oci_emulator/support.hpp"
#include "tools/oci_emulator/wire_format.hpp"

namespace gatehouse::emulator {

inline Json json(const std::string& text) { return *parse_json(text); }

inline bool starts(const std::string& text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

/// The model's answers, with the ids id1, id2 and so on.
inline Answer answer_said(const ChatCall& call) {
    int next = 0;
    return answer_to(call, read_faults(call.new_user_text), [&] { return "id" + std::to_string(++next); });
}

inline std::vector<Json> events_said(const ChatCall& call, const Answer& answer) {
    std::vector<Json> events;
    for (const StreamEvent& event : stream_events(call, answer, [] { return std::string("a"); }))
        events.push_back(json(event.data));
    return events;
}

/// The same with every string and number blanked: only the shape is left.
inline Json shape(const Json& tree) {
    if (tree.is_object()) {
        Json out = Json::object();
        for (const auto& [name, value] : tree.items())
            if (name != "pad") out[name] = name == "type" || name == "role" ? value : shape(value);
        return out;
    }
    if (tree.is_array()) {
        Json out = Json::array();
        for (const Json& one : tree) out.push_back(shape(one));
        return out;
    }
    return tree.type_name();
}

}  // namespace gatehouse::emulator
