// SPDX-License-Identifier: Apache-2.0
// What a refusal teaches about a model, by its wording, which is all there is:
// the same request asked in another way may succeed.
// A function without state: any thread.
#pragma once

#include "plugins/provider/anthropic/errors.hpp"
#include "plugins/provider/anthropic/request.hpp"

namespace gatehouse::anthropic {

struct Lesson {
    std::string_view what;  // for the log
    bool for_good = true;   // true of the model, not only of this request
};

/// Changes `manners` so that what was refused is not sent again; nothing: it would be.
std::optional<Lesson> learn(const ErrorBody& refusal, const Sent& sent, Manners& manners);

}  // namespace gatehouse::anthropic
