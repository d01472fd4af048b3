// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/estimate.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/token_estimate.hpp>

#include <algorithm>

namespace gatehouse::quota {

namespace {

constexpr std::int64_t likely_least = 512;  // tokens of a response without a history
constexpr std::int64_t most_choices = 16'384;
constexpr std::int64_t most_limit = std::int64_t{1} << 40;
constexpr std::int64_t frame_most = 16;   // tokens around a message, a tool or an input
constexpr std::int64_t tools_most = 600;  // a provider's own instructions for the use of tools
constexpr std::int64_t likely_image = 1'600;

std::int64_t length(std::size_t bytes) { return static_cast<std::int64_t>(bytes); }

/// The larger one, because an upstream may know only one of the two names.
std::optional<std::int64_t> output_limit_of(const Sampling& sampling) {
    const auto &older = sampling.max_tokens, &newer = sampling.max_completion_tokens;
    return older && newer ? std::max(older, newer) : sampling.output_limit();
}

/// The number of responses that the upstream generates.
std::int64_t choices_of(const ChatRequest& chat) {
    std::int64_t choices = std::clamp<std::int64_t>(chat.sampling.n.value_or(1), 1, most_choices);
    if (!chat.completion) return choices;
    choices = std::max(choices, std::min(chat.completion->best_of.value_or(1), most_choices));
    const JsonValue prompts = JsonValue::unchecked(chat.completion->prompts.text);
    const bool several = prompts[0].is(JsonType::string) || prompts[0].is(JsonType::array);
    const auto count = several ? static_cast<std::int64_t>(prompts.size()) : 1;
    return std::min(choices * count, most_choices);
}

bool mentions(const JsonText& json, std::string_view word) {
    return json.text.find(word) != std::string::npos;
}

/// Whether a part of a message has content that is at the upstream, so that its size is not known.
struct IsReference {
    bool operator()(const File& part) const { return part.data.json_size() <= 2; }
    bool operator()(const Audio& part) const { return part.data.json_size() <= 2; }
    bool operator()(const OtherPart& part) const { return mentions(part.json, "file_id"); }
    template <typename Other>
    bool operator()(const Other&) const {
        return false;
    }
};

/// The highest number of tokens of a part.
class MostOfPart {
public:
    explicit MostOfPart(const Options& options) : options_(options) {}

    std::int64_t operator()(const Text& part) const { return length(part.text.json_size()); }
    std::int64_t operator()(const Image&) const { return options_.image_tokens; }
    // A second of speech has some 1,000 bytes at least, and 32 tokens at most.
    std::int64_t operator()(const Audio& part) const { return length(part.data.json_size()) / 30; }
    // A compressed text has about one token for each byte.
    std::int64_t operator()(const File& part) const { return length(part.data.json_size()); }
    std::int64_t operator()(const Refusal& part) const { return length(part.text.size()); }
    std::int64_t operator()(const Thought& part) const {
        return length(part.text.json_size() + part.signature.size() + part.encrypted.size());
    }
    std::int64_t operator()(const ToolCallRef&) const { return 0; }
    std::int64_t operator()(const OtherPart& part) const { return length(part.json.text.size()); }

private:
    const Options& options_;
};

/// The tokens of a chat's prompt.
class ChatPrompt {
public:
    ChatPrompt(const ChatRequest& chat, const Options& options) : options_(options) {
        likely_ = estimated_tokens(chat);
        for (const Message& message : chat.messages) add(message);
        for (const Tool& tool : chat.tools)
            most_ += frame_most +
                     length(tool.name.size() + tool.description.json_size() + tool.parameters.text.size() +
                            tool.format.text.size() + tool.json.text.size());
        if (!chat.tools.empty()) most_ += tools_most;
        const ResponseFormat& format = chat.response_format;
        most_ += length(format.schema.text.size() + format.description.size() + format.json.text.size());
        if (!chat.completion) return;
        const std::size_t prompts = chat.completion->prompts.text.size();
        likely_ += estimated_tokens(prompts + chat.completion->suffix.size());
        most_ += length(prompts + chat.completion->suffix.size());
    }

    void write(Estimate& estimate) const {
        estimate.prompt = likely_;
        estimate.prompt_most = std::max(most_, likely_);
        estimate.assumed = assumed_;
    }

private:
    void add(const Message& message) {
        most_ += frame_most + length(message.name.size() + message.refusal.size() + message.reasoning.size() +
                                     message.extra.text.size());
        if (mentions(message.extra, "\"audio\"")) add_reference();  // a sound that the model has made before
        for (const Part& part : message.parts) {
            most_ += std::visit(MostOfPart(options_), part);
            if (std::visit(IsReference{}, part)) add_reference();
        }
        for (const ToolCall& call : message.tool_calls)
            most_ += frame_most + length(call.name.size() + call.arguments.json_size() +
                                         call.extra.text.size() + call.inner_extra.text.size());
    }
    void add_reference() {
        assumed_ += options_.file_tokens;
        likely_ += options_.file_tokens;
        most_ += options_.file_tokens;
    }

    const Options& options_;
    std::int64_t likely_ = 0, most_ = 0, assumed_ = 0;
};

PricedParts parts_of(const ChatRequest& chat) {
    PricedParts parts;
    parts.audio_output = !chat.audio.empty() || mentions(chat.modalities, "audio");
    parts.image_output = mentions(chat.modalities, "image");
    for (const Message& message : chat.messages) {
        parts.audio_input = parts.audio_input || mentions(message.extra, "\"audio\"");
        for (const Part& part : message.parts) {
            const bool unknown =
                std::holds_alternative<OtherPart>(part) || std::holds_alternative<File>(part);
            parts.audio_input = parts.audio_input || unknown || std::holds_alternative<Audio>(part);
            parts.image_input = parts.image_input || unknown || std::holds_alternative<Image>(part);
        }
    }
    return parts;
}

void limit_output(Estimate& estimate, std::optional<std::int64_t> asked, const Longest& longest,
                  const Options& options) {
    const std::int64_t known = longest.output > 0 ? longest.output : options.default_output_tokens;
    std::int64_t limit = std::max<std::int64_t>(asked.value_or(known), 0);
    if (longest.output > 0) limit = std::min(limit, longest.output);
    limit = std::min(limit, most_limit);
    estimate.output_most = limit * estimate.choices;
    estimate.output = std::min(limit, std::max(likely_least, limit / 4)) * estimate.choices;
}

void estimate_chat(const ChatRequest& chat, const Longest& longest, const Options& options,
                   Estimate& estimate) {
    ChatPrompt(chat, options).write(estimate);
    estimate.choices = choices_of(chat);
    estimate.parts = parts_of(chat);
    const std::string& effort = chat.reasoning_effort;
    estimate.reasons = !effort.empty() && effort != "none" && effort != "minimal";
    limit_output(estimate, output_limit_of(chat.sampling), longest, options);
}

void estimate_embedding(const EmbeddingRequest& request, const Options& options, Estimate& estimate) {
    for (const JsonText& list : request.tokens) {
        const std::int64_t tokens = 1 + std::ranges::count(list.text, ',');
        estimate.prompt += tokens;
        estimate.prompt_most += tokens + frame_most;
    }
    std::size_t bytes = 0;
    for (const std::string& input : request.inputs) {
        const bool image = input.starts_with("data:image/");
        estimate.prompt += image ? likely_image : 0;
        estimate.prompt_most += frame_most + (image ? options.image_tokens : length(input.size()));
        estimate.parts.image_input = estimate.parts.image_input || image;
        if (!image) bytes += input.size();
    }
    estimate.prompt += estimated_tokens(bytes);
}

void estimate_ranking(const RerankRequest& request, Estimate& estimate) {
    std::size_t bytes = request.query.size() * (1 + request.documents.size());
    for (const std::string& document : request.documents) bytes += document.size();
    estimate.prompt = estimated_tokens(bytes);
    estimate.prompt_most = length(bytes) + frame_most * length(1 + request.documents.size());
}

// An operation that neither dialect nor core knows.
void estimate_raw(const RawRequest& request, const Longest& longest, const Options& options,
                  Estimate& estimate) {
    estimate.parts = {.audio_input = true, .audio_output = true, .image_input = true, .image_output = true};
    if (request.content_type.starts_with("application/json")) {
        estimate.prompt = estimated_tokens(request.body.size());
        estimate.prompt_most = length(request.body.size());
        if (request.operation.starts_with("images/"))
            estimate.images = std::clamp<std::int64_t>(
                JsonValue::unchecked(request.body)["n"].integer().value_or(1), 1, most_choices);
    } else {
        estimate.prompt = estimate.prompt_most = estimate.assumed = options.file_tokens;
    }
    if (request.operation == "moderations") return;
    estimate.choices = std::max<std::int64_t>(estimate.images, 1);
    limit_output(estimate, {}, longest, options);
}

}  // namespace

Estimate estimate_of(const Operation& operation, const Longest& longest, const Options& options) {
    Estimate estimate;
    if (auto* chat = std::get_if<ChatRequest>(&operation))
        estimate_chat(*chat, longest, options, estimate);
    else if (auto* embedding = std::get_if<EmbeddingRequest>(&operation))
        estimate_embedding(*embedding, options, estimate);
    else if (auto* ranking = std::get_if<RerankRequest>(&operation))
        estimate_ranking(*ranking, estimate);
    else if (auto* raw = std::get_if<RawRequest>(&operation))
        estimate_raw(*raw, longest, options, estimate);
    if (longest.prompt > 0)
        estimate.prompt_most = std::min(estimate.prompt_most, std::max(longest.prompt, estimate.prompt));
    return estimate;
}

}  // namespace gatehouse::quota
