// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/embed_exchange.hpp"

#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/openai/embed_request.hpp"
#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <functional>

namespace gatehouse::openai_provider {

namespace {

using namespace upstream;

Error odd(std::string_view what) { return garbage("the upstream", what); }

/// The array `name` of the document, or an error.
Result<dom::array> list_in(const std::optional<Tree>& tree, const char* name,
                           const std::function<Error()>& explain) {
    const auto top = tree ? object(tree->root()) : std::nullopt;
    if (!top) return odd("it is not a JSON object");
    if (const auto list = array_member(*top, name)) return *list;
    if (member(*top, "error")) return explain();
    return odd(std::string("it has no ") + name);
}

void emit_usage(const std::optional<Tree>& tree, EventSink& events) {
    const auto top = object(tree->root());
    if (const auto usage = member(*top, "usage"))
        if (auto read = openai_format::read_usage(*usage)) events.emit(*read);
}

}  // namespace

Result<std::optional<http::Request>> EmbedExchange::request() {
    return std::optional(
        for_document(begin("POST", "/embeddings"), openai_format::write_embeddings(request_)));
}

Result<void> EmbedExchange::on_end(EventSink& events) {
    const auto tree = Tree::parse(document_);
    auto list = list_in(tree, "data", [&] { return event_error(document_); });
    if (!list) return list.error();
    std::vector<std::vector<float>> vectors(input_count(request_));
    std::size_t at = 0;
    for (dom::element element : *list) {
        const auto item = object(element);
        if (!item) return odd("an embedding is not an object");
        const auto index = integer_member(*item, "index").value_or(static_cast<std::int64_t>(at++));
        if (index < 0 || static_cast<std::size_t>(index) >= vectors.size())
            return odd("an embedding has an index beyond the inputs of the request");
        const auto embedding = member(*item, "embedding");
        if (!embedding) return odd("an embedding is not an array");
        auto vector = read_vector(*embedding, "the upstream");
        if (!vector) return vector.error();
        vectors[static_cast<std::size_t>(index)] = *std::move(vector);
    }
    for (const std::vector<float>& vector : vectors)
        if (vector.empty()) return odd("an input has no embedding");
    for (std::size_t i = 0; i < vectors.size(); ++i)
        events.emit(Embedding{static_cast<int>(i), std::move(vectors[i])});
    emit_usage(tree, events);
    return {};
}

Result<std::optional<http::Request>> RerankExchange::request() {
    return std::optional(
        for_document(begin("POST", service_.options.rerank_path), openai_format::write_ranking(request_)));
}

Result<void> RerankExchange::on_end(EventSink& events) {
    const auto tree = Tree::parse(document_);
    auto list = list_in(tree, "results", [&] { return event_error(document_); });
    if (!list) return list.error();
    std::vector<bool> seen(request_.documents.size());
    for (dom::element element : *list) {
        const auto item = object(element);
        const auto index = item ? integer_member(*item, "index") : std::nullopt;
        const auto found = item ? member(*item, "relevance_score") : std::nullopt;
        const auto score = found ? number(*found) : std::nullopt;
        if (!index || *index < 0 || static_cast<std::size_t>(*index) >= request_.documents.size() || !score)
            return odd("a result has an index beyond the documents of the request, or no score");
        if (seen[static_cast<std::size_t>(*index)]) return odd("a document is ranked twice");
        seen[static_cast<std::size_t>(*index)] = true;
        events.emit(Ranking{static_cast<int>(*index), *score});
    }
    emit_usage(tree, events);
    return {};
}

}  // namespace gatehouse::openai_provider
