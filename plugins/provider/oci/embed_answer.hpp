// SPDX-License-Identifier: Apache-2.0
// Reads an EmbedTextResult (reference, section 3.5).  One thread at a time.
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
    std::vector<std::vector<float>> vectors = {};  // in the order of the inputs
    std::optional<Usage> usage = {};
};

/// `body`, whose capacity may grow, must have vectors for `count` inputs, all of
/// one size.  `explain` turns an error in the place of an answer, as JSON text, into ours.
Result<EmbedAnswer> read_embeddings(std::string& body, std::size_t count,
                                    const std::function<Error(std::string_view)>& explain);

}  // namespace gatehouse::oci
