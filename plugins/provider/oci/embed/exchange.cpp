// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/embed/exchange.hpp"

#include "plugins/provider/oci/chat/answer_parts.hpp"
#include "plugins/provider/oci/embed/answer.hpp"
#include "plugins/provider/oci/target.hpp"

#include <gatehouse/json_writer.hpp>

#include <utility>

namespace gatehouse::oci {

namespace {

void write_content(JsonWriter& json, std::string_view input) {
    json.begin_object();
    if (is_image(input))
        json.member("type", "IMAGE").key("imageUrl").begin_object().member("url", input).end_object();
    else
        json.member("type", "TEXT").member("text", input);
    json.end_object();
}

}  // namespace

Result<std::optional<http::Request>> EmbedExchange::request() {
    batch_ = 0;
    dimensions_ = 0;
    usage_.reset();
    vectors_.assign(request_.inputs.size(), {});
    return std::optional(ask());
}

Result<std::optional<http::Request>> EmbedExchange::next() {
    if (batch_ + 1 == plan_.batches.size()) return std::nullopt;
    ++batch_;
    return std::optional(ask());
}

http::Request EmbedExchange::ask() {
    return for_document(begin("POST", "/actions/embedText"), write(plan_.batches[batch_]));
}

std::string EmbedExchange::write(const EmbedBatch& batch) const {
    using Kind = EmbedBatch::Kind;
    std::string out;
    std::size_t size = 512;
    for (const std::size_t index : batch.inputs) size += request_.inputs[index].size() + 64;
    out.reserve(size + size / 16);

    JsonWriter json(out);
    json.begin_object();
    json.key(batch.kind == Kind::contents ? "embedContents" : "inputs").begin_array();
    for (const std::size_t index : batch.inputs) {
        const std::string& input = request_.inputs[index];
        batch.kind == Kind::contents ? write_content(json, input) : void(json.value(input));
    }
    json.end_array();
    write_target(json, model_, service_.compartment_id);
    if (batch.kind == Kind::image) {
        json.member("inputType", "IMAGE");
    } else {
        // IMAGE is not valid for a mixture of images and texts.
        json.member("inputType", plan_.input_type == "IMAGE" ? "SEARCH_DOCUMENT" : plan_.input_type);
        json.member("truncate", plan_.truncate);
    }
    if (!request_.encoding.empty())
        json.key("embeddingTypes").begin_array().value(request_.encoding).end_array();
    json.member("outputDimensions", request_.dimensions).end_object();
    return out;
}

Result<void> EmbedExchange::on_end(EventSink& events) {
    const EmbedBatch& batch = plan_.batches[batch_];
    auto answer = read_embeddings(document_, batch.inputs.size(), request_.encoding,
                                  [this](std::string_view json) { return explain_event(json, asked()); });
    if (!answer) return answer.error();
    const Embedding& first = answer->vectors.front();
    const std::size_t size = request_.encoding.empty() ? first.vector.size() : 1;
    if (std::exchange(dimensions_, size) != size && batch_ > 0)
        return garbage("its embeddings differ in size from those before");

    for (std::size_t i = 0; i < batch.inputs.size(); ++i)
        vectors_[batch.inputs[i]] = std::move(answer->vectors[i]);
    if (answer->usage) {
        if (!usage_) usage_.emplace();
        usage_->prompt += answer->usage->prompt;
        usage_->total += answer->usage->total;
    }
    if (batch_ + 1 < plan_.batches.size()) return {};
    for (std::size_t i = 0; i < vectors_.size(); ++i) {
        vectors_[i].index = static_cast<int>(i);
        events.emit(std::move(vectors_[i]));
    }
    if (usage_) events.emit(*usage_);
    return {};
}

}  // namespace gatehouse::oci
