// SPDX-License-Identifier: Apache-2.0
// Says in one sentence each how a request ended and which action may help.  Functions without state: any
// thread.
#pragma once

#include <gatehouse/observer.hpp>

#include <string>

namespace gatehouse::console {

struct Advice {
    std::string happened;  // "The upstream of the last attempt responded with status 503."
    std::string action;    // empty: nothing to do
};

Advice advice_for(const Story& story);

}  // namespace gatehouse::console
