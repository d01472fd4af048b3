// SPDX-License-Identifier: Apache-2.0
// One response for clients of Cohere (id, meta) and of Jina (object, usage).
#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/rerank.hpp"

#include <cmath>
#include <optional>

namespace gatehouse::openai_dialect {

namespace {

// Documents per search unit, Cohere's unit of billing.
constexpr std::size_t documents_per_search_unit = 100;

class RankingFormatter final : public ResponseFormatter {
public:
    explicit RankingFormatter(std::shared_ptr<const RankingFacts> facts) : facts_(std::move(facts)) {}

    bool streams() const override { return false; }
    http::ResponseHead head() override { return {status_, {{"content-type", "application/json"}}}; }

    void event(const Event& event, std::string&) override {
        if (auto* usage = std::get_if<Usage>(&event)) usage_ = *usage;
        if (auto* ranking = std::get_if<Ranking>(&event)) write(*ranking);
    }

    void end(std::string& out) override {
        if (results_.empty() || broken_)
            return error({ErrorKind::upstream, "the upstream's response is not a ranking of the documents"},
                         out);
        JsonWriter json(out);
        json.begin_object().member("id", facts_->id).member("object", "list").member("model", facts_->model);
        json.key("results").begin_array().raw(results_).end_array();
        json.key("meta").begin_object();
        json.key("api_version")
            .begin_object()
            .member("version", std::to_string(facts_->version))
            .end_object();
        json.key("billed_units").begin_object();
        json.member("search_units",
                    (facts_->documents + documents_per_search_unit - 1) / documents_per_search_unit);
        json.end_object();
        if (usage_)
            json.key("tokens")
                .begin_object()
                .member("input_tokens", usage_->prompt)
                .member("output_tokens", usage_->completion)
                .end_object();
        json.end_object().key("usage").begin_object();
        // Jina's clients require a number, even if the upstream did not count tokens.
        json.member("total_tokens", usage_ ? std::max(usage_->total, usage_->prompt) : 0);
        json.end_object().end_object();
    }

    void error(const Error& error, std::string& out) override {
        status_ = status_of(error);
        append_error(error, out);
    }

private:
    void write(const Ranking& ranking) {
        const auto index = static_cast<std::size_t>(ranking.index);
        if (ranking.index < 0 || index >= facts_->documents || !std::isfinite(ranking.score)) {
            broken_ = true;
            return;
        }
        if (!results_.empty()) results_ += ',';
        JsonWriter json(results_);
        json.begin_object().member("index", ranking.index).member("relevance_score", ranking.score);
        if (index < facts_->returned.size()) json.key("document").raw(facts_->returned[index]);
        json.end_object();
    }

    const std::shared_ptr<const RankingFacts> facts_;
    std::string results_;  // the elements of the array, as JSON
    std::optional<Usage> usage_;
    bool broken_ = false;
    int status_ = 200;
};

}  // namespace

std::unique_ptr<ResponseFormatter> ranking_formatter(std::shared_ptr<const RankingFacts> facts) {
    return std::make_unique<RankingFormatter>(std::move(facts));
}

}  // namespace gatehouse::openai_dialect
