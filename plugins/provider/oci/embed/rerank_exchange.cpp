// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/embed/rerank_exchange.hpp"

#include "plugins/provider/oci/chat/answer_parts.hpp"
#include "plugins/provider/oci/target.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <vector>

namespace gatehouse::oci {

namespace {

/// Returns the ranks in `list`, best first.  A document that is ranked twice, or
/// is not among `count`, makes the list invalid.
Result<std::vector<Ranking>> read_ranks(dom::array list, std::size_t count) {
    std::vector<Ranking> ranks;
    std::vector<bool> seen(count);
    for (dom::element element : list) {
        const auto rank = object(element);
        if (!rank) return garbage("a rank is not an object");
        const auto index = integer_member(*rank, "index");
        if (!index || *index < 0 || static_cast<std::size_t>(*index) >= count)
            return garbage("a rank names no document of the request");
        if (seen[static_cast<std::size_t>(*index)]) return garbage("a document is ranked twice");
        seen[static_cast<std::size_t>(*index)] = true;
        const auto score = member(*rank, "relevanceScore");
        const auto found = score ? number(*score) : std::nullopt;
        if (!found) return garbage("a rank has no relevanceScore");
        ranks.push_back({static_cast<int>(*index), *found});
    }
    if (ranks.empty()) return garbage("it does not rank a document");
    std::stable_sort(ranks.begin(), ranks.end(),
                     [](const Ranking& a, const Ranking& b) { return a.score > b.score; });
    return ranks;
}

}  // namespace

Result<std::optional<http::Request>> RerankExchange::request() {
    return std::optional(for_document(begin("POST", "/actions/rerankText"), write()));
}

std::string RerankExchange::write() const {
    std::string out;
    std::size_t size = request_.query.size() + 512;
    for (const std::string& document : request_.documents) size += document.size() + 4;
    out.reserve(size + size / 16);

    JsonWriter json(out);
    json.begin_object().member("input", request_.query);
    write_target(json, model_, service_.compartment_id);
    json.key("documents").begin_array();
    for (const std::string& document : request_.documents) json.value(document);
    json.end_array().member("topN", request_.top_n);
    json.member("maxChunksPerDocument", request_.max_chunks_per_document);
    json.member("maxTokensPerDocument", request_.max_tokens_per_document).end_object();
    return out;
}

Result<void> RerankExchange::on_end(EventSink& events) {
    const auto tree = Tree::parse(document_);
    if (!tree) return garbage("it is not valid JSON");
    const auto top = object(tree->root());
    if (!top) return garbage("it is not a JSON object");
    const auto listed = member(*top, "documentRanks");
    const auto list = listed ? array(*listed) : std::nullopt;
    if (!list) {
        const bool failed = member(*top, "error") || member(*top, "message") || member(*top, "code");
        return failed ? explain_event(document_, asked()) : garbage("it has no documentRanks");
    }
    auto ranks = read_ranks(*list, request_.documents.size());
    if (!ranks) return ranks.error();
    const std::size_t wanted =
        request_.top_n ? static_cast<std::size_t>(*request_.top_n) : request_.documents.size();
    if (ranks->size() > wanted) ranks->resize(wanted);
    for (Ranking& rank : *ranks) events.emit(rank);
    // OCI currently reports no usage.
    if (const auto usage = member(*top, "usage"))
        if (const auto read = read_usage(*usage)) events.emit(*read);
    return {};
}

}  // namespace gatehouse::oci
