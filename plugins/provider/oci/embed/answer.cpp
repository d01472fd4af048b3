// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/embed/answer.hpp"

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/provider/oci/chat/answer_parts.hpp"

namespace gatehouse::oci {

namespace {

/// Returns `embeddingsByType.TYPE`; for numbers also `embeddings` if that is missing.
std::optional<dom::array> vectors_in(dom::object top, std::string_view type) {
    if (const auto by_type = member(top, "embeddingsByType"))
        if (const auto types = object(*by_type))
            if (const auto found = member(*types, type.empty() ? "float" : type))
                if (const auto list = array(*found)) return list;
    if (!type.empty()) return std::nullopt;
    const auto plain = member(top, "embeddings");
    return plain ? array(*plain) : std::nullopt;
}

/// Older deployments report the tokens of each input instead.
std::optional<Usage> usage_in(dom::object top) {
    if (const auto found = member(top, "usage"))
        if (const auto usage = read_usage(*found)) return usage;
    const auto counts = member(top, "inputTextTokenCounts");
    const auto list = counts ? array(*counts) : std::nullopt;
    if (!list) return std::nullopt;
    Usage usage;
    for (dom::element one : *list) {
        const auto count = integer(one);
        if (!count || *count < 0 || *count > 1'000'000'000) return std::nullopt;
        usage.prompt += *count;
    }
    usage.total = usage.prompt;
    return usage;
}

/// A vector of small integers, as JSON.
Result<Embedding> read_encoded(dom::element element) {
    const auto numbers = array(element);
    if (!numbers || numbers->size() == 0) return garbage("an embedding is not an array of numbers");
    std::string text = "[";
    for (const dom::element one : *numbers) {
        const auto number = integer(one);
        if (!number || *number < -128 || *number > 255) return garbage("an embedding has an invalid number");
        if (text.size() > 1) text += ',';
        text += std::to_string(*number);
    }
    return Embedding{.encoded = {text + "]"}};
}

}  // namespace

Result<EmbedAnswer> read_embeddings(std::string& body, std::size_t count, std::string_view type,
                                    const std::function<Error(std::string_view)>& explain) {
    const auto tree = Tree::parse(body);
    if (!tree) return garbage("it is not valid JSON");
    const auto top = object(tree->root());
    if (!top) return garbage("it is not a JSON object");
    const auto list = vectors_in(*top, type);
    if (!list) {
        const bool failed = member(*top, "error") || member(*top, "message") || member(*top, "code");
        return failed ? explain(body) : garbage("it has no embeddings");
    }

    EmbedAnswer answer;
    answer.vectors.reserve(count);
    for (dom::element element : *list) {
        if (answer.vectors.size() == count) return garbage("it has more embeddings than there were inputs");
        if (!type.empty()) {
            auto encoded = read_encoded(element);
            if (!encoded) return encoded.error();
            answer.vectors.push_back(*std::move(encoded));
            continue;
        }
        auto vector = upstream::read_vector(element, "OCI");
        if (!vector) return vector.error();
        if (!answer.vectors.empty() && vector->size() != answer.vectors.front().vector.size())
            return garbage("its embeddings differ in size");
        answer.vectors.push_back({.vector = *std::move(vector)});
    }
    if (answer.vectors.size() != count)
        return garbage("it has " + std::to_string(answer.vectors.size()) + " embeddings for " +
                       std::to_string(count) + " inputs");
    answer.usage = usage_in(*top);
    return answer;
}

}  // namespace gatehouse::oci
