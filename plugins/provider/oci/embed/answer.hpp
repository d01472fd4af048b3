// SPDX-License-Identifier: Apache-2.0
// Reads an EmbedTextResult (PROTOCOL.md, section 3.5).  One thread at a time.
#pragma once

#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct EmbedAnswer {
    std::vector<Embedding> vectors = {};  // in order of the inputs
    std::optional<Usage> usage = {};
};

/// `type`: the request's embeddingTypes, one word; empty: numbers.  `body` must have vectors of one size for
/// `count` inputs.  Its capacity may grow.  `explain` translates an error that the body has instead, given as
/// JSON text.
Result<EmbedAnswer> read_embeddings(std::string& body, std::size_t count, std::string_view type,
                                    const std::function<Error(std::string_view)>& explain);

}  // namespace gatehouse::oci
