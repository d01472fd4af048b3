// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/embed/answer.hpp"

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/provider/oci/chat/answer_parts.hpp"

namespace gatehouse::oci {

namespace {

/// Returns `embeddingsByType.float`, or `embeddings` if that is missing.
std::optional<dom::array> vectors_in(dom::object top) {
    if (const auto by_type = member(top, "embeddingsByType"))
        if (const auto types = object(*by_type))
            if (const auto floats = member(*types, "float"))
                if (const auto list = array(*floats)) return list;
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

}  // namespace

Result<EmbedAnswer> read_embeddings(std::string& body, std::size_t count,
                                    const std::function<Error(std::string_view)>& explain) {
    const auto tree = Tree::parse(body);
    if (!tree) return garbage("it is not valid JSON");
    const auto top = object(tree->root());
    if (!top) return garbage("it is not a JSON object");
    const auto list = vectors_in(*top);
    if (!list) {
        const bool failed = member(*top, "error") || member(*top, "message") || member(*top, "code");
        return failed ? explain(body) : garbage("it has no embeddings");
    }

    EmbedAnswer answer;
    answer.vectors.reserve(count);
    for (dom::element element : *list) {
        if (answer.vectors.size() == count) return garbage("it has more embeddings than there were inputs");
        auto vector = upstream::read_vector(element, "OCI");
        if (!vector) return vector.error();
        if (!answer.vectors.empty() && vector->size() != answer.vectors.front().size())
            return garbage("its embeddings differ in size");
        answer.vectors.push_back(*std::move(vector));
    }
    if (answer.vectors.size() != count)
        return garbage("it has " + std::to_string(answer.vectors.size()) + " embeddings for " +
                       std::to_string(count) + " inputs");
    answer.usage = usage_in(*top);
    return answer;
}

}  // namespace gatehouse::oci
