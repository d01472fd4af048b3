// SPDX-License-Identifier: Apache-2.0
// The tokens of a request before an upstream has counted them: the likely numbers, and the highest ones.
// Functions without state: any thread.
#pragma once

#include "plugins/limiter/quota/options.hpp"
#include "plugins/limiter/quota/prices.hpp"

#include <gatehouse/sdk.hpp>

#include <cstdint>

namespace gatehouse::quota {

/// Numbers of tokens.  A text has at most as many tokens as bytes, because every tokenizer falls back to
/// bytes.
struct Estimate {
    std::int64_t prompt = 0, prompt_most = 0;
    std::int64_t output = 0, output_most = 0;  // all choices together
    std::int64_t assumed = 0;  // the part of `prompt` whose size is not known, such as a file by its id
    std::int64_t choices = 1;
    std::int64_t images = 0;  // that the upstream generates
    bool reasons = false;     // the client asks the model to reason
    PricedParts parts = {};   // that the request may need
};

/// The highest numbers that the routes of a request allow; 0: not known.
struct Longest {
    std::int64_t prompt = 0, output = 0;
};

Estimate estimate_of(const Operation& operation, const Longest& longest, const Options& options);

}  // namespace gatehouse::quota
