// SPDX-License-Identifier: Apache-2.0
// How the inputs of one request for embeddings are asked for: OCI takes so many
// texts at once, an image alone, and both together of some models only.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/oci/model.hpp"

#include <gatehouse/operation.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

/// What one request to OCI asks for.
struct EmbedBatch {
    enum class Kind {
        texts,     // `inputs`
        image,     // `inputs`, of type IMAGE: exactly one
        contents,  // `embedContents`: texts and images
    };
    Kind kind = Kind::texts;
    std::vector<std::size_t> inputs = {};  // indexes into EmbeddingRequest::inputs
};

struct EmbedPlan {
    std::vector<EmbedBatch> batches = {};
    std::string_view input_type = {};  // of texts, in OCI's spelling
    std::string_view truncate = {};
};

/// A data: URL of an image.
bool is_image(std::string_view input);

/// OCI's word for `input_type` or `truncate` in any case and some common
/// spellings; empty: none.
std::string_view input_type_word(std::string_view input_type);
std::string_view truncate_word(std::string_view truncate);

/// The error is the client's: a field that this model or OCI does not have.
Result<EmbedPlan> plan_embeddings(const EmbeddingRequest& request, const Model& model);

}  // namespace gatehouse::oci
