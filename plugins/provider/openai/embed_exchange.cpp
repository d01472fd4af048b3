// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/embed_exchange.hpp"

#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/json_writer.hpp>

#include <cmath>

namespace gatehouse::openai_upstream {

namespace {

using namespace upstream;

// No model makes vectors of a tenth of this.
constexpr std::size_t max_dimensions = 65'536;

Error odd(std::string_view what) { return garbage("the upstream", what); }

Result<std::vector<float>> read_vector(dom::object item) {
    const auto found = member(item, "embedding");
    const auto numbers = found ? array(*found) : std::nullopt;
    if (!numbers) return odd("an embedding is no array");
    std::vector<float> vector;
    for (dom::element one : *numbers) {
        const auto value = number(one);
        const float narrow = value ? static_cast<float>(*value) : HUGE_VALF;
        if (!std::isfinite(narrow)) return odd("an embedding has something that is no number");
        if (vector.size() == max_dimensions) return odd("an embedding is too long");
        vector.push_back(narrow);
    }
    if (vector.empty()) return odd("an embedding is empty");
    return vector;
}

/// The list called `name` of the document's object; or why there is none.
Result<dom::array> list_in(const std::optional<Tree>& tree, const char* name,
                           const std::function<Error()>& explain) {
    const auto top = tree ? object(tree->root()) : std::nullopt;
    if (!top) return odd("it is no JSON object");
    const auto found = member(*top, name);
    if (const auto list = found ? array(*found) : std::nullopt) return *list;
    if (member(*top, "error")) return explain();
    return odd(std::string("it has no ") + name);
}

void emit_usage(const std::optional<Tree>& tree, EventSink& events) {
    const auto top = object(tree->root());
    if (const auto usage = member(*top, "usage"))
        if (auto read = openai_chat::read_usage(*usage)) events.emit(*read);
}

}  // namespace

Result<std::optional<http::Request>> EmbedExchange::request() {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("model", request_.model).key("input").begin_array();
    for (const std::string& input : request_.inputs) json.value(input);
    json.end_array().member("encoding_format", "float").member("dimensions", request_.dimensions);
    if (!request_.input_type.empty()) json.member("input_type", request_.input_type);
    if (!request_.truncate.empty()) json.member("truncate", request_.truncate);
    openai_chat::append_members(body, request_.extra);
    json.end_object();
    return std::optional(for_document(begin("POST", "/embeddings"), std::move(body)));
}

Result<void> EmbedExchange::on_end(EventSink& events) {
    const auto tree = Tree::parse(document_);
    auto list = list_in(tree, "data", [&] { return event_error(document_); });
    if (!list) return list.error();
    std::vector<std::vector<float>> vectors(request_.inputs.size());
    std::size_t at = 0;
    for (dom::element element : *list) {
        const auto item = object(element);
        if (!item) return odd("an embedding is no object");
        const auto index = integer_member(*item, "index").value_or(static_cast<std::int64_t>(at++));
        if (index < 0 || static_cast<std::size_t>(index) >= vectors.size())
            return odd("an embedding is of no input of the request");
        auto vector = read_vector(*item);
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
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("model", request_.model).member("query", request_.query);
    json.key("documents").begin_array();
    for (const std::string& document : request_.documents) json.value(document);
    json.end_array().member("top_n", request_.top_n);
    json.member("max_chunks_per_doc", request_.max_chunks_per_document);
    json.member("max_tokens_per_doc", request_.max_tokens_per_document);
    openai_chat::append_members(body, request_.extra);
    json.end_object();
    return std::optional(for_document(begin("POST", service_.options.rerank_path), std::move(body)));
}

Result<void> RerankExchange::on_end(EventSink& events) {
    const auto tree = Tree::parse(document_);
    auto list = list_in(tree, "results", [&] { return event_error(document_); });
    if (!list) return list.error();
    for (dom::element element : *list) {
        const auto item = object(element);
        const auto index = item ? integer_member(*item, "index") : std::nullopt;
        const auto found = item ? member(*item, "relevance_score") : std::nullopt;
        const auto score = found ? number(*found) : std::nullopt;
        if (!index || *index < 0 || static_cast<std::size_t>(*index) >= request_.documents.size() || !score)
            return odd("a result names no document of the request, or has no score");
        events.emit(Ranking{static_cast<int>(*index), *score});
    }
    emit_usage(tree, events);
    return {};
}

}  // namespace gatehouse::openai_upstream
