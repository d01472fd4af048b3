// SPDX-License-Identifier: Apache-2.0
// The response that a formatter writes for events.
#pragma once

#include <gatehouse/dialect.hpp>

#include <string>
#include <vector>

namespace gatehouse::test {

struct Answer {
    std::string body;
    http::ResponseHead head;
};

inline Answer answer(ResponseFormatter& formatter, const std::vector<Event>& events) {
    Answer made;
    for (const Event& event : events) formatter.event(event, made.body);
    formatter.end(made.body);
    made.head = formatter.head();
    return made;
}

}  // namespace gatehouse::test
