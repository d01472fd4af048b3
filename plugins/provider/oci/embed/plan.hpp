// SPDX-License-Identifier: Apache-2.0
// Splits an embedding request into OCI's requests.  OCI limits the texts in a
// request, requires a request for each image, and accepts mixtures only for some
// models.  Stateless functions: any thread.
#pragma once

#include "plugins/provider/oci/models/model.hpp"

#include <gatehouse/operation.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

/// The content of one request to OCI.
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
    std::string_view input_type = {};  // type of the texts, in OCI's spelling
    std::string_view truncate = {};
};

/// Whether `input` is a data: URL of an image.
bool is_image(std::string_view input);

/// Returns OCI's word for `input_type` or `truncate`, given in upper or lower case
/// or a common spelling.  Empty: unknown word.
std::string_view input_type_word(std::string_view input_type);
std::string_view truncate_word(std::string_view truncate);

/// Returns a client error for a field that the model or OCI does not support.
Result<EmbedPlan> plan_embeddings(const EmbeddingRequest& request, const Model& model);

}  // namespace gatehouse::oci
