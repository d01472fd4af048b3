// SPDX-License-Identifier: Apache-2.0
// Ranks documents by the share of the query's words that they contain.
#include "tools/oci_emulator/embed.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace gatehouse::emulator {

namespace {

std::set<std::string> terms_of(std::string_view text) {
    std::set<std::string> terms;
    std::string term;
    for (char c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
        if (letter) {
            term += c;
            continue;
        }
        if (!term.empty()) terms.insert(std::move(term));
        term.clear();
    }
    if (!term.empty()) terms.insert(std::move(term));
    return terms;
}

/// Returns the share of the query's words in `document`, between 0 and 1.
double overlap(const std::set<std::string>& query, std::string_view document) {
    const auto terms = terms_of(document);
    if (query.empty() || terms.empty()) return 0;
    const auto common = std::count_if(query.begin(), query.end(),
                                      [&](const std::string& term) { return terms.contains(term); });
    // A long document with few of the words scores lower.
    return static_cast<double>(common) / static_cast<double>(query.size()) * 0.9 +
           static_cast<double>(common) / static_cast<double>(terms.size()) * 0.1;
}

}  // namespace

http::Response rerank(const Json& details, const RequestRules& rules, const std::string& id) {
    static const std::vector<FieldRule> fields = {{"input", true, text()},
                                                  {"documents", true, some(text())},
                                                  {"servingMode", true, any_object()},
                                                  {"compartmentId", true, text()},
                                                  {"topN", false, integer(1)},
                                                  {"isEcho", false, boolean()},
                                                  {"maxChunksPerDocument", false, integer(1)},
                                                  {"maxTokensPerDocument", false, integer(1)}};
    constexpr std::size_t most_documents = 1000;
    Model model;
    if (auto refusal = check_object(details, "", fields)) return to_response(*refusal);
    if (!compartment_exists(string_member(details, "compartmentId"), rules))
        return to_response(usual_error(404));
    if (auto refusal = check_serving(details.at("servingMode"), rules, Operation::rerank, model))
        return to_response(*refusal);
    const Json& documents = details.at("documents");
    if (string_member(details, "input").empty()) return to_response(invalid("input", "must not be empty"));
    if (documents.size() > most_documents)
        return to_response(invalid("documents", "must not have more than " + std::to_string(most_documents)));

    const auto query = terms_of(string_member(details, "input"));
    std::vector<double> scores;
    for (const Json& document : documents)
        scores.push_back(overlap(query, document.get_ref<const std::string&>()));
    std::vector<std::size_t> order(documents.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    if (const Json* top = member(details, "topN"))
        order.resize(std::min<std::size_t>(order.size(), top->get<std::size_t>()));

    Json ranks = Json::array();
    for (std::size_t index : order) {
        Json rank = {{"index", index}, {"relevanceScore", scores[index]}};
        if (flag(details, "isEcho")) rank["document"] = {{"text", documents[index]}};
        ranks.push_back(std::move(rank));
    }
    // The recorded response has no modelVersion.
    return {{200, {{"content-type", "application/json"}}},
            to_text({{"id", id}, {"modelId", model.id}, {"documentRanks", std::move(ranks)}})};
}

}  // namespace gatehouse::emulator
