// SPDX-License-Identifier: Apache-2.0
// Writes each vector once into the response, as soon as all earlier vectors are written.
// Common responses have 96 vectors of 1536 numbers; thousands of vectors are legal.
#include "plugins/dialect/openai/embeddings.hpp"

#include "plugins/dialect/openai/base64.hpp"
#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/pieces.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

namespace gatehouse::openai_dialect {

namespace {

// Maximum and average size of a number with its comma.
constexpr std::size_t most_number_bytes = 16, usual_number_bytes = 13;
constexpr std::size_t most_reserved = 64 * 1024 * 1024;

void append_numbers(std::string& out, const std::vector<float>& vector) {
    out += '[';
    const std::size_t begin = out.size();
    out.resize(begin + vector.size() * most_number_bytes);
    char* const first = out.data() + begin;
    char* at = first;
    for (const float number : vector) {
        if (at != first) *at++ = ',';
        at = std::to_chars(at, first + vector.size() * most_number_bytes, number).ptr;
    }
    out.resize(static_cast<std::size_t>(at - out.data()));
    out += ']';
}

class EmbeddingFormatter final : public ResponseFormatter {
public:
    explicit EmbeddingFormatter(std::shared_ptr<const EmbeddingFacts> facts) : facts_(std::move(facts)) {}

    bool streams() const override { return false; }
    http::ResponseHead head() override { return {status_, {{"content-type", "application/json"}}}; }

    void event(const Event& event, std::string&) override {
        if (auto* usage = std::get_if<Usage>(&event)) usage_ = *usage;
        auto* embedding = std::get_if<Embedding>(&event);
        if (!embedding || embedding->index < 0) return;
        // A retry may repeat vectors.
        const auto index = static_cast<std::size_t>(embedding->index);
        if (index < next_ || index >= facts_->inputs) return;
        if (index > next_) {
            early_.emplace(index, *embedding);
            return;
        }
        write(*embedding);
        while (!early_.empty() && early_.begin()->first == next_)
            write(early_.extract(early_.begin()).mapped());
    }

    void end(std::string& out) override {
        if (next_ != facts_->inputs)
            return error({ErrorKind::upstream, "the upstream's response has embeddings for " +
                                                   std::to_string(next_ + early_.size()) + " of " +
                                                   std::to_string(facts_->inputs) + " inputs"},
                         out);
        if (!encoded_)
            return error({.kind = ErrorKind::unsupported,
                          .message = "the provider of this model has no vectors of the type '" +
                                     facts_->encoding + "'",
                          .param = "encoding_format"},
                         out);
        if (!finite_)
            return error(
                {ErrorKind::upstream, "the upstream's response has an embedding that is not a vector"}, out);
        body_ += "],\"model\":";
        append_json_string(body_, facts_->model);
        body_ += ",\"usage\":";
        // Clients rely on usage, so it is written even if the counts are unknown.
        const Usage usage = usage_.value_or(Usage{});
        JsonWriter(body_)
            .begin_object()
            .member("prompt_tokens", usage.prompt)
            .member("total_tokens", usage.total ? usage.total : usage.prompt)
            .end_object();
        body_ += '}';
        if (out.empty())
            out = std::move(body_);
        else
            out += body_;
    }

    void error(const Error& error, std::string& out) override {
        status_ = status_of(error);
        append_error(error, out);
    }

private:
    void write(const Embedding& embedding) {
        const std::vector<float>& vector = embedding.vector;
        const bool smaller = !facts_->encoding.empty();
        encoded_ = encoded_ && smaller != embedding.encoded.empty();
        if (!smaller)
            finite_ =
                finite_ && !vector.empty() &&
                std::all_of(vector.begin(), vector.end(), [](float number) { return std::isfinite(number); });
        if (next_ == 0) {
            const std::size_t each = 64 + (facts_->base64 ? base64_size(vector.size() * sizeof(float))
                                                          : vector.size() * usual_number_bytes);
            body_.reserve(std::min(most_reserved, each * facts_->inputs + 256));
            body_ = "{\"object\":\"list\",\"data\":[";
        } else {
            body_ += ',';
        }
        body_ += "{\"object\":\"embedding\",\"index\":";
        append_number(body_, static_cast<std::int64_t>(next_));
        body_ += ",\"embedding\":";
        if (smaller) {
            body_ += embedding.encoded.empty() ? "[]" : embedding.encoded.text;
        } else if (!facts_->base64) {
            append_numbers(body_, vector);
        } else {
            body_ += '"';
            append_base64(body_, vector);
            body_ += '"';
        }
        body_ += '}';
        ++next_;
    }

    const std::shared_ptr<const EmbeddingFacts> facts_;
    std::string body_;
    std::size_t next_ = 0;                    // index of the next vector to write
    std::map<std::size_t, Embedding> early_;  // vectors that arrived before their turn
    std::optional<Usage> usage_;
    bool finite_ = true;
    bool encoded_ = true;  // each vector is in the form of the request
    int status_ = 200;
};

}  // namespace

std::unique_ptr<ResponseFormatter> embedding_formatter(std::shared_ptr<const EmbeddingFacts> facts) {
    return std::make_unique<EmbeddingFormatter>(std::move(facts));
}

}  // namespace gatehouse::openai_dialect
