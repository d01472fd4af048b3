// SPDX-License-Identifier: Apache-2.0
// The size of an event.  Plain function: [any thread].
#pragma once

#include <gatehouse/event.hpp>

#include <cstddef>
#include <variant>

namespace gatehouse::core {

namespace detail {
struct SizeOf {
    std::size_t operator()(const TextDelta& delta) const { return delta.text.size(); }
    std::size_t operator()(const ReasoningDelta& delta) const { return delta.text.size(); }
    std::size_t operator()(const RefusalDelta& delta) const { return delta.text.size(); }
    std::size_t operator()(const ToolCallDelta& delta) const {
        return delta.id.size() + delta.name.size() + delta.arguments.size();
    }
    std::size_t operator()(const LogprobsDelta& delta) const {
        std::size_t bytes = delta.extra.text.size();
        for (const TokenLogprob& token : delta.tokens) {
            bytes += sizeof token + token.token.size() + token.extra.text.size();
            for (const auto& other : token.top) bytes += sizeof other + other.extra.text.size();
        }
        return bytes;
    }
    std::size_t operator()(const Citation& citation) const {
        return citation.url.size() + citation.title.size();
    }
    std::size_t operator()(const Embedding& embedding) const {
        return embedding.vector.size() * sizeof(float) + embedding.encoded.text.size();
    }
    std::size_t operator()(const ModelInfo& model) const {
        return model.id.size() + model.owned_by.size() + model.extra.text.size();
    }
    std::size_t operator()(const Extra& extra) const { return extra.members.text.size(); }
    std::size_t operator()(const ThoughtEnd& end) const {
        return end.signature.size() + end.encrypted.size();
    }
    std::size_t operator()(const RawBytes& piece) const {
        return piece.content_type.size() + piece.bytes.size();
    }
    std::size_t operator()(const OtherBlock& block) const { return block.json.text.size(); }
    template <typename Small>
    std::size_t operator()(const Small&) const {
        return sizeof(Small);
    }
};
}  // namespace detail

/// The bytes of an event that a hook or a formatter may hold.
inline std::size_t size_of(const Event& event) {
    if (const auto* text = std::get_if<TextDelta>(&event)) return text->text.size();  // most events
    return std::visit(detail::SizeOf{}, event);
}

}  // namespace gatehouse::core
