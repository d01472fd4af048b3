// SPDX-License-Identifier: Apache-2.0
#include "core/request/request_texts.hpp"

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <functional>
#include <unordered_map>

namespace gatehouse::core {

namespace {

using Texts = std::vector<std::string_view>;

// Longer data of images, audio and files is not searched, because no message quotes it.
constexpr std::size_t max_data_bytes = 4096;

struct Collector {
    Texts& texts;

    void add(std::string_view text) const {
        if (!text.empty()) texts.push_back(text);
    }
    void data(std::string_view text) const {
        if (text.size() <= max_data_bytes) add(text);
    }
    void operator()(const Text& part) const {
        add(part.text);
        add(part.extra.text);
    }
    void members(const JsonText& extra, const JsonText& inner_extra = {}) const {
        add(extra.text);
        add(inner_extra.text);
    }
    void operator()(const Image& part) const {
        data(part.url);
        members(part.extra, part.inner_extra);
    }
    void operator()(const Audio& part) const {
        data(part.data);
        members(part.extra, part.inner_extra);
    }
    void operator()(const File& part) const {
        data(part.data);
        add(part.filename);
        add(part.id);
        members(part.extra, part.inner_extra);
    }
    void operator()(const Refusal& part) const {
        add(part.text);
        members(part.extra);
    }
    void operator()(const Thought& part) const {
        add(part.text);
        data(part.signature);
        data(part.encrypted);
        members(part.extra);
    }
    void operator()(const ToolCallRef&) const {}
    void operator()(const OtherPart& part) const { data(part.json.text); }

    void operator()(const Message& message) const {
        for (const Part& part : message.parts) std::visit(*this, part);
        for (const ToolCall& call : message.tool_calls) {
            add(call.id);
            add(call.name);
            add(call.arguments);
            members(call.extra, call.inner_extra);
        }
        for (const std::string* text :
             {&message.name, &message.tool_call_id, &message.refusal, &message.reasoning})
            add(*text);
        add(message.extra.text);
    }
    void operator()(const Tool& tool) const {
        add(tool.name);
        add(tool.description);
        add(tool.parameters.text);
        add(tool.format.text);
        add(tool.json.text);
        members(tool.extra, tool.inner_extra);
    }
    void operator()(const ChatRequest& request) const {
        add(request.model);
        for (const Message& message : request.messages) (*this)(message);
        for (const Tool& tool : request.tools) (*this)(tool);
        for (const std::string& stop : request.sampling.stop) add(stop);
        for (const std::string* text :
             {&request.tool_choice.name, &request.response_format.name, &request.response_format.description,
              &request.user, &request.safety_identifier, &request.prompt_cache_key, &request.reasoning_effort,
              &request.verbosity, &request.service_tier, &request.reasoning_summary})
            add(*text);
        for (const JsonText* json :
             {&request.tool_choice.json, &request.response_format.schema, &request.sampling.logit_bias,
              &request.prediction, &request.web_search_options, &request.metadata, &request.modalities,
              &request.audio, &request.stream_extra, &request.extra, &request.response_format.json})
            add(json->text);
        members(request.tool_choice.extra, request.tool_choice.inner_extra);
        members(request.response_format.extra, request.response_format.inner_extra);
        if (!request.completion) return;
        add(request.completion->prompts.text);
        add(request.completion->suffix);
    }
    void operator()(const TokenCountRequest& request) const { (*this)(request.chat); }
    void operator()(const EmbeddingRequest& request) const {
        add(request.model);
        for (const std::string& input : request.inputs) input.starts_with("data:") ? data(input) : add(input);
        add(request.extra.text);
    }
    void operator()(const RerankRequest& request) const {
        add(request.model);
        add(request.query);
        for (const std::string& document : request.documents) add(document);
        add(request.extra.text);
    }
    void operator()(const ModelsRequest& request) const { add(request.id); }
    void operator()(const RawRequest& request) const {
        add(request.model);
        add(request.body);
    }
};

constexpr std::uint32_t base = 16'777'619;  // for the rolling hash

constexpr std::uint32_t power(std::uint32_t number, std::size_t exponent) {
    std::uint32_t product = 1;
    while (exponent-- > 0) product *= number;
    return product;
}

/// Finds the runs of min_run bytes and more that a message has in common with other texts.
class CommonRuns {
public:
    explicit CommonRuns(std::string_view message) : message_(message), quoted_(message.size()) {
        for (std::size_t i = 0; i + run <= message.size(); ++i) {
            seen_.set(hash_of(message.substr(i, run)) % seen_.size());
            places_.emplace(message.substr(i, run), i);
        }
    }

    /// A rolling hash, so that a long text costs one pass.
    void search(std::string_view text) {
        if (text.size() < run || places_.empty()) return;
        std::uint32_t hash = hash_of(text.substr(0, run));
        for (std::size_t i = 0;; ++i) {
            if (seen_.test(hash % seen_.size())) mark(text.substr(i, run));
            if (i + run >= text.size()) return;
            hash = (hash - byte(text[i]) * top) * base + byte(text[i + run]);
        }
    }

    void mark_at(std::size_t from, std::size_t length) {
        std::fill_n(quoted_.begin() + static_cast<std::ptrdiff_t>(from), length, true);
    }

    std::string without() const {
        std::string out;
        for (std::size_t i = 0; i < message_.size(); ++i) {
            if (!quoted_[i])
                out += message_[i];
            else if (i == 0 || !quoted_[i - 1])
                out += "...";
        }
        return out;
    }

private:
    static constexpr std::size_t run = RequestTexts::min_run;
    static constexpr std::uint32_t top = power(base, run - 1);

    static std::uint32_t byte(char c) { return static_cast<unsigned char>(c); }
    static std::uint32_t hash_of(std::string_view window) {
        std::uint32_t hash = 0;
        for (const char c : window) hash = hash * base + byte(c);
        return hash;
    }
    void mark(std::string_view window) {
        const auto [begin, end] = places_.equal_range(window);
        for (auto place = begin; place != end; ++place) mark_at(place->second, run);
    }

    std::string_view message_;
    std::vector<bool> quoted_;
    std::bitset<65'521> seen_;  // a prime, because the hash's low bits are weak
    std::unordered_multimap<std::string_view, std::size_t> places_;
};

bool any_contains(const Texts& texts, std::string_view piece) {
    return std::ranges::any_of(texts, [&](std::string_view text) { return text.find(piece) != text.npos; });
}

/// Marks short texts in quotes if one of `texts` contains them.
void mark_quoted(std::string_view message, const Texts& texts, CommonRuns& runs) {
    for (const char quote : {'"', '\'', '`'})
        for (std::size_t open = message.find(quote); open != message.npos;) {
            const std::size_t close = message.find(quote, open + 1);
            if (close == message.npos) break;
            const std::string_view piece = message.substr(open + 1, close - open - 1);
            if (!piece.empty() && piece.size() < RequestTexts::min_run && any_contains(texts, piece))
                runs.mark_at(open + 1, piece.size());
            open = close;
        }
}

/// Marks every place of a secret that is shorter than a run.
void mark_short(std::string_view message, const Texts& secrets, CommonRuns& runs) {
    for (const std::string_view secret : secrets) {
        if (secret.size() >= RequestTexts::min_run) continue;
        for (std::size_t at = message.find(secret); at != message.npos; at = message.find(secret, at + 1))
            runs.mark_at(at, secret.size());
    }
}

}  // namespace

RequestTexts::RequestTexts(const Operation& operation, std::span<const std::string> secrets) {
    std::visit(Collector{texts_}, operation);
    for (std::string_view secret : secrets) {
        const std::size_t blank = secret.find(' ');  // "Bearer KEY"
        if (blank != secret.npos) secret.remove_prefix(blank + 1);
        if (!secret.empty()) secrets_.push_back(secret);
    }
}

bool RequestTexts::contains(std::string_view piece) const { return any_contains(texts_, piece); }

std::string RequestTexts::without_quotations(std::string_view message) const {
    CommonRuns runs(message);
    for (const std::string_view text : texts_) runs.search(text);
    for (const std::string_view secret : secrets_) runs.search(secret);
    mark_quoted(message, texts_, runs);
    mark_short(message, secrets_, runs);
    return runs.without();
}

std::string RequestTexts::without_secrets(std::string_view message) const {
    if (secrets_.empty()) return std::string(message);
    CommonRuns runs(message);
    for (const std::string_view secret : secrets_) runs.search(secret);
    mark_short(message, secrets_, runs);
    return runs.without();
}

}  // namespace gatehouse::core
