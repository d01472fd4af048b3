// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/seal.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/common/json/json.hpp"
#include "plugins/dialect/openai/responses/request.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr std::string_view mark = "gw1.";

}  // namespace

std::string seal(const Thought& thought) {
    // The upstream has encrypted it itself.
    if (thought.origin == protocol && !thought.encrypted.empty()) return thought.encrypted;
    std::string inside;
    JsonWriter json(inside);
    json.begin_object().member("text", thought.text);
    if (!thought.signature.empty()) json.member("signature", thought.signature);
    if (!thought.encrypted.empty()) json.member("encrypted", thought.encrypted);
    if (!thought.origin.empty()) json.member("origin", thought.origin);
    json.end_object();
    return std::string(mark) + to_base64url(inside);
}

std::optional<Thought> unseal(std::string_view sealed) {
    if (sealed.empty()) return std::nullopt;
    if (!sealed.starts_with(mark))
        return Thought{.encrypted = std::string(sealed), .origin = std::string(protocol)};
    auto inside = from_base64url(sealed.substr(mark.size()));
    if (!inside) return std::nullopt;
    const auto document = json::Document::parse(*inside, 4);
    const auto top = document ? document->object() : std::nullopt;
    if (!top) return std::nullopt;
    Thought thought;
    std::string text;
    json::for_each(*top, [&](std::string_view key, json::Value& value) {
        if (key == "text") json::take_string(value, text);
        if (key == "signature") json::take_string(value, thought.signature);
        if (key == "encrypted") json::take_string(value, thought.encrypted);
        if (key == "origin") json::take_string(value, thought.origin);
        return true;
    });
    thought.text = std::move(text);
    return thought;
}

}  // namespace gatehouse::openai_dialect::responses
