// SPDX-License-Identifier: Apache-2.0
// Chats and events as bytes: for hooks that keep answers in a store, and for keys of caches.
//
//     const std::string key = to_hex(sha256(packed(chat)));
//     pack(event, body);                       // in HookState::event, for each event
//     auto events = unpacked_events(body);     // later: an answer for Verdict::answer
//
// The bytes are those of one version of this header.  Other programs cannot read them.
// Functions without state: any thread.
#pragma once

#include "gatehouse/chat.hpp"
#include "gatehouse/event.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace gatehouse {
namespace detail {

/// Increase it if a member of a type below is added, removed or moved.
inline constexpr std::uint64_t packed_version = 1;

// A type's members in their order.  A member that is missing here is a compiler error.
#define GATEHOUSE_MEMBERS(Type, ...)          \
    inline auto members_of(const Type& all) { \
        const auto& [__VA_ARGS__] = all;      \
        return std::tie(__VA_ARGS__);         \
    }                                         \
    inline auto members_of(Type& all) {       \
        auto& [__VA_ARGS__] = all;            \
        return std::tie(__VA_ARGS__);         \
    }

GATEHOUSE_MEMBERS(JsonText, text)
GATEHOUSE_MEMBERS(Text, text, extra)
GATEHOUSE_MEMBERS(Image, url, size, extra, inner_extra)
GATEHOUSE_MEMBERS(Audio, data, format, extra, inner_extra)
GATEHOUSE_MEMBERS(File, data, filename, id, extra, inner_extra)
GATEHOUSE_MEMBERS(Refusal, text, extra)
GATEHOUSE_MEMBERS(Thought, text, signature, encrypted, origin, extra)
GATEHOUSE_MEMBERS(ToolCallRef, index)
GATEHOUSE_MEMBERS(OtherPart, type, json)
GATEHOUSE_MEMBERS(ToolCall, id, name, arguments, custom, extra, inner_extra)
GATEHOUSE_MEMBERS(Message, role, parts, listed, name, calls, call_id, refusal, reasoning, failed, extra)
GATEHOUSE_MEMBERS(Tool, type, name, description, parameters, strict, format, extra, inner_extra, json)
GATEHOUSE_MEMBERS(ToolChoice, mode, name, custom, extra, inner_extra, json)
GATEHOUSE_MEMBERS(ResponseFormat, kind, name, description, schema, strict, extra, inner_extra, json)
GATEHOUSE_MEMBERS(Sampling, temperature, top_p, presence, frequency, top_k, max_tokens, max_completion, seed,
                  n, top_logprobs, logprobs, stop, logit_bias)
GATEHOUSE_MEMBERS(TextCompletion, prompts, suffix, echo, best_of, logprobs)
GATEHOUSE_MEMBERS(ChatRequest, model, protocol, messages, tools, tool_choice, parallel, format, sampling,
                  effort, verbosity, tier, summary, stream, include_usage, stream_extra, prediction, search,
                  metadata, modalities, audio, store, user, safety_id, cache_key, betas, extra, completion)

GATEHOUSE_MEMBERS(AnswerInfo, created, service_tier, id, model, prompt_tokens, headers)
GATEHOUSE_MEMBERS(TextDelta, text, choice)
GATEHOUSE_MEMBERS(ReasoningDelta, text, choice)
GATEHOUSE_MEMBERS(RefusalDelta, text, choice)
GATEHOUSE_MEMBERS(BlockEnd, choice)
GATEHOUSE_MEMBERS(ThoughtEnd, signature, encrypted, origin, choice)
GATEHOUSE_MEMBERS(ToolCallDelta, index, id, name, arguments, choice, custom, extra, inner_extra)
GATEHOUSE_MEMBERS(OtherBlock, protocol, type, json, choice)
GATEHOUSE_MEMBERS(TokenLogprob::Alternative, token, logprob, bytes, extra)
GATEHOUSE_MEMBERS(TokenLogprob, token, logprob, top, bytes, extra)
GATEHOUSE_MEMBERS(LogprobsDelta, tokens, choice, refusal, extra)
GATEHOUSE_MEMBERS(Citation, url, title, start, end, choice, extra, inner_extra)
GATEHOUSE_MEMBERS(Finish, reason, choice, native, stop_sequence, details)
GATEHOUSE_MEMBERS(Usage, prompt, completion, total, cached, reasoning, accepted, rejected, cache_written,
                  extra, prompt_extra, completion_extra)
GATEHOUSE_MEMBERS(Embedding, index, vector, encoded)
GATEHOUSE_MEMBERS(Ranking, index, score)
GATEHOUSE_MEMBERS(TokenCount, input, estimated)
GATEHOUSE_MEMBERS(RawBytes, content_type, bytes)
GATEHOUSE_MEMBERS(ModelInfo, id, owned_by, created, context_window, max_output_tokens, extra)
GATEHOUSE_MEMBERS(Extra, place, members, choice, protocol)
#undef GATEHOUSE_MEMBERS

template <typename T>
concept PlainNumber = std::is_arithmetic_v<T> || std::is_enum_v<T>;

class Packer {
public:
    explicit Packer(std::string& out) : out_(out) {}

    template <PlainNumber T>
    void put(T value) {
        std::uint64_t bits = 0;
        if constexpr (std::is_floating_point_v<T>)
            bits = std::bit_cast<std::uint64_t>(static_cast<double>(value));
        else
            bits = static_cast<std::uint64_t>(value);
        for (; bits > 127; bits >>= 7) out_ += static_cast<char>(bits | 128);
        out_ += static_cast<char>(bits);
    }
    void put(const std::string& text) { put_text(text); }
    void put(const SharedJson& json) { put_text(json.text); }
    /// In its spelling: nothing is decoded.
    void put(const JsonString& text) {
        text.append_json_to(out_);
        out_ += '\n';
    }
    void put(const http::Headers& headers) {
        put(headers.size());
        for (const auto& [name, value] : headers) put(name), put(value);
    }
    template <typename T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <typename T>
    void put(const std::vector<T>& list) {
        put(list.size());
        for (const T& item : list) put(item);
    }
    template <typename... T>
    void put(const std::variant<T...>& value) {
        put(value.index());
        std::visit([this](const auto& one) { this->put(one); }, value);
    }
    template <typename T>
    requires requires(const T& value) { members_of(value); }
    void put(const T& value) {
        std::apply([this](const auto&... member) { (this->put(member), ...); }, members_of(value));
    }

private:
    void put_text(std::string_view text) {
        put(text.size());
        out_ += text;
    }

    std::string& out_;
};

/// Returns false for bytes that are damaged.  Their size bounds the memory that it needs.
class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}
    bool at_end() const { return bytes_.empty(); }

    template <PlainNumber T>
    bool get(T& value) {
        std::uint64_t bits = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) return false;
            const auto byte = static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
            bits |= std::uint64_t{byte & 127u} << shift;
            if (byte < 128) return assign(value, bits);
        }
        return false;
    }
    bool get(std::string& text) {
        std::size_t size = 0;
        if (!get(size) || size > bytes_.size()) return false;
        text = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return true;
    }
    bool get(SharedJson& json) {
        std::string text;
        if (!get(text)) return false;
        json.text = std::move(text);
        return true;
    }
    bool get(http::Headers& headers) {
        return each([&] {
            std::string name, value;
            const bool ok = get(name) && get(value);
            if (ok) headers.add(std::move(name), std::move(value));
            return ok;
        });
    }
    template <typename T>
    bool get(std::optional<T>& value) {
        bool is_there = false;
        return get(is_there) && (!is_there || get(value.emplace()));
    }
    template <typename T>
    bool get(std::vector<T>& list) {
        return each([&] { return get(list.emplace_back()); });
    }
    template <typename... T>
    bool get(std::variant<T...>& value) {
        std::size_t index = 0, here = 0;
        if (!get(index) || index >= sizeof...(T)) return false;
        return ((here++ == index && get(value.template emplace<T>())) || ...);
    }
    template <typename T>
    requires requires(T& value) { members_of(value); }
    bool get(T& value) {
        return std::apply([this](auto&... member) { return (this->get(member) && ...); }, members_of(value));
    }

private:
    template <typename T>
    static bool assign(T& value, std::uint64_t bits) {
        if constexpr (std::is_floating_point_v<T>)
            value = static_cast<T>(std::bit_cast<double>(bits));
        else
            value = static_cast<T>(bits);
        return true;
    }
    // Each item has at least one byte.
    template <typename Read>
    bool each(Read read) {
        std::size_t size = 0;
        if (!get(size) || size > bytes_.size()) return false;
        for (; size > 0; --size)
            if (!read()) return false;
        return true;
    }
    std::string_view bytes_;
};

}  // namespace detail

/// The bytes of a chat.  Equal chats have equal bytes if their texts and unknown members have the
/// same spelling; chats that differ in any member have different ones.  Copies the chat once.
inline std::string packed(const ChatRequest& chat) {
    std::string out;
    detail::Packer packer(out);
    packer.put(detail::packed_version);
    packer.put(chat);
    return out;
}

/// Appends one event to `out`, which begins empty.
inline void pack(const Event& event, std::string& out) {
    detail::Packer packer(out);
    if (out.empty()) packer.put(detail::packed_version);
    packer.put(event);
}

/// The events that pack() has written, in their order.  Nothing if the bytes are others, or
/// of another version of this header.
inline std::optional<std::vector<Event>> unpacked_events(std::string_view bytes) {
    detail::Unpacker from(bytes);
    std::vector<Event> events;
    if (std::uint64_t version = 0; !from.get(version) || version != detail::packed_version)
        return std::nullopt;
    while (!from.at_end())
        if (!from.get(events.emplace_back())) return std::nullopt;
    return events;
}

}  // namespace gatehouse
