// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/embed/plan.hpp"

#include "plugins/common/upstream/error_body.hpp"
#include "plugins/provider/oci/text.hpp"

#include <gatehouse/http.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace gatehouse::oci {

namespace {

struct Word {
    std::string_view theirs, oci;
};

template <std::size_t N>
std::string_view find_word(const std::array<Word, N>& words, std::string_view word) {
    for (const Word& one : words)
        if (http::equal_ignoring_case(one.theirs, word)) return one.oci;
    return {};
}

// The last three are other vendors' names of the first two.
constexpr std::array input_type_words = {
    Word{"search_document", "SEARCH_DOCUMENT"},
    Word{"search_query", "SEARCH_QUERY"},
    Word{"classification", "CLASSIFICATION"},
    Word{"clustering", "CLUSTERING"},
    Word{"image", "IMAGE"},
    Word{"document", "SEARCH_DOCUMENT"},
    Word{"passage", "SEARCH_DOCUMENT"},
    Word{"query", "SEARCH_QUERY"},
};
constexpr std::array truncate_words = {Word{"none", "NONE"}, Word{"start", "START"}, Word{"end", "END"}};

Error wrong_word(std::string param, std::string_view words, std::string_view came) {
    return {.kind = ErrorKind::bad_request,
            .message =
                param + " must be one of " + std::string(words) + "; got " + in_quotes(presentable(came, 64)),
            .code = "invalid_value",
            .param = param};
}

Result<std::string_view> input_type_of(const EmbeddingRequest& request, const Model& model) {
    if (request.input_type.empty()) return input_type_word(model.embedding.input_type);
    const std::string_view word = input_type_word(request.input_type);
    if (!word.empty()) return word;
    return wrong_word("input_type", "search_document, search_query, classification, clustering, image",
                      request.input_type);
}

Result<std::string_view> truncate_of(const EmbeddingRequest& request, const Model& model) {
    if (request.truncate.empty()) return truncate_word(model.embedding.truncate);
    const std::string_view word = truncate_word(request.truncate);
    if (!word.empty()) return word;
    return wrong_word("truncate", "none, start, end", request.truncate);
}

void add_in_batches(std::vector<EmbedBatch>& batches, EmbedBatch::Kind kind,
                    const std::vector<std::size_t>& inputs, std::size_t most) {
    for (std::size_t begin = 0; begin < inputs.size(); begin += most) {
        const auto first = inputs.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto count = static_cast<std::ptrdiff_t>(std::min(most, inputs.size() - begin));
        batches.push_back({kind, {first, first + count}});
    }
}

}  // namespace

bool is_image(std::string_view input) {
    constexpr std::string_view prefix = "data:image/";
    return input.size() > prefix.size() && http::equal_ignoring_case(input.substr(0, prefix.size()), prefix);
}

std::string_view input_type_word(std::string_view input_type) {
    return find_word(input_type_words, input_type);
}
std::string_view truncate_word(std::string_view truncate) { return find_word(truncate_words, truncate); }

Result<EmbedPlan> plan_embeddings(const EmbeddingRequest& request, const Model& model) {
    if (!request.tokens.empty())
        return Error{.kind = ErrorKind::unsupported,
                     .message = "OCI does not accept token ids: send the texts",
                     .param = "input"};
    if (request.inputs.empty())
        return Error{.kind = ErrorKind::bad_request,
                     .message = "input is empty: give at least one text or image",
                     .param = "input"};
    if (request.dimensions && !model.embedding.dimensions)
        return Error{.kind = ErrorKind::unsupported,
                     .message = "model " + in_quotes(presentable(model.id, 200)) +
                                " supports only one size of vectors: omit dimensions",
                     .param = "dimensions"};
    const auto input_type = input_type_of(request, model);
    if (!input_type) return input_type.error();
    const auto truncate = truncate_of(request, model);
    if (!truncate) return truncate.error();

    std::vector<std::size_t> texts, images, all;
    for (std::size_t i = 0; i < request.inputs.size(); ++i) {
        const bool image = is_image(request.inputs[i]);
        if (!image && *input_type == "IMAGE")
            return Error{.kind = ErrorKind::bad_request,
                         .message =
                             "input of type image is not a data: URL: OCI accepts images only as data: URLs, "
                             "such as data:image/png;base64,…",
                         .code = "invalid_value",
                         .param = "input[" + std::to_string(i) + "]"};
        (image ? images : texts).push_back(i);
        all.push_back(i);
    }

    EmbedPlan plan{.input_type = *input_type, .truncate = *truncate};
    using Kind = EmbedBatch::Kind;
    if (!texts.empty() && !images.empty() && model.embedding.mixed) {
        add_in_batches(plan.batches, Kind::contents, all, model.embedding.batch);
    } else {
        add_in_batches(plan.batches, Kind::texts, texts, model.embedding.batch);
        add_in_batches(plan.batches, Kind::image, images, 1);
    }
    return plan;
}

}  // namespace gatehouse::oci
