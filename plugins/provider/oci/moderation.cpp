// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/moderation.hpp"

#include "plugins/provider/oci/text.hpp"
#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::oci {

namespace {

using oci_guardrails::Findings;
using oci_guardrails::Input;
using oci_guardrails::Score;

constexpr std::size_t max_inputs = 64;  // each is a request to OCI

Error bad_input(std::string message, std::string param = "input") {
    return {.kind = ErrorKind::bad_request, .message = std::move(message), .param = std::move(param)};
}

Result<Input> read_part(dom::object part) {
    const std::string_view type = upstream::string_member(part, "type");
    if (type == "text") return Input{.text = std::string(upstream::string_member(part, "text"))};
    const auto image = type == "image_url" ? upstream::object_member(part, "image_url") : std::nullopt;
    if (image) return Input{.image_url = std::string(upstream::string_member(*image, "url"))};
    return bad_input("expected parts of the type \"text\" or \"image_url\"");
}

bool is_empty(const Input& input) { return input.text.empty() && input.image_url.empty(); }

/// The members of an entry in `results`, each with a value of `value(json, score)`.
template <typename Value>
void write_scores(JsonWriter& json, std::string_view name, const Findings& findings, Value&& value) {
    json.key(name).begin_object();
    for (const Score& score : findings.categories) value(json.key(lower_case(score.name)), score);
    if (findings.injection) value(json.key("prompt_injection"), *findings.injection);
    if (!findings.personal.empty()) {
        Score personal;
        for (const auto& one : findings.personal) personal.score = std::max(personal.score, one.score);
        value(json.key("personal_information"), personal);
    }
    json.end_object();
}

void write_modalities(JsonWriter& json, const Score& score, bool has_image) {
    json.begin_array();
    for (const std::string& word : score.modalities) json.value(lower_case(word));
    if (score.modalities.empty() && !has_image) json.value("text");
    json.end_array();
}

/// One entry of `results`.  The text of personal data is not repeated.
void write_result(JsonWriter& json, const Findings& findings, bool has_image) {
    const bool flagged = findings.moderated() || findings.injected() || !findings.personal.empty();
    json.begin_object().member("flagged", flagged);
    write_scores(json, "categories", findings,
                 [](JsonWriter& to, const Score& score) { to.value(score.flagged()); });
    write_scores(json, "category_scores", findings,
                 [](JsonWriter& to, const Score& score) { to.value(score.score); });
    write_scores(json, "category_applied_input_types", findings,
                 [&](JsonWriter& to, const Score& score) { write_modalities(to, score, has_image); });
    if (!findings.personal.empty()) {
        json.key("personal_information").begin_array();
        for (const auto& one : findings.personal)
            json.begin_object()
                .member("label", one.label)
                .member("offset", one.offset)
                .member("length", one.length)
                .member("score", one.score)
                .end_object();
        json.end_array();
    }
    if (!findings.version.empty()) json.member("guardrail_version", findings.version);
    json.end_object();
}

}  // namespace

Result<ModerationInputs> read_moderation(std::string body) {
    const auto tree = Tree::parse(body);
    const auto top = tree ? object(tree->root()) : std::nullopt;
    if (!top) return bad_input("expected a JSON object", "");
    const auto given = member(*top, "input");
    if (!given) return bad_input("expected a text, texts, or parts");
    ModerationInputs inputs;
    if (const auto text = string(*given)) {
        inputs.push_back({Input{.text = std::string(*text)}});
    } else if (const auto list = array(*given)) {
        std::vector<Input> parts;
        for (const dom::element element : *list) {
            if (const auto one = string(element)) {
                inputs.push_back({Input{.text = std::string(*one)}});
            } else if (const auto part = object(element)) {
                auto read = read_part(*part);
                if (!read) return read.error();
                parts.push_back(*std::move(read));
            } else {
                return bad_input("expected a text, texts, or parts");
            }
        }
        if (!parts.empty() && !inputs.empty()) return bad_input("expected texts or parts, not both");
        if (!parts.empty()) inputs.push_back(std::move(parts));
    }
    if (inputs.empty()) return bad_input("expected a text, texts, or parts");
    if (inputs.size() > max_inputs)
        return bad_input("must have at most " + std::to_string(max_inputs) + " texts");
    for (const auto& one : inputs)
        if (std::ranges::any_of(one, is_empty)) return bad_input("must not be empty");
    return inputs;
}

Result<std::optional<http::Request>> ModerationExchange::request() {
    at_ = 0;
    results_.clear();
    return std::optional(ask());
}

Result<std::optional<http::Request>> ModerationExchange::next() {
    if (at_ == inputs_.size()) return std::nullopt;
    return std::optional(ask());
}

http::Request ModerationExchange::ask() {
    return for_document(begin("POST", "/actions/applyGuardrails"),
                        oci_guardrails::write_request(inputs_[at_], rules_, service_.compartment_id));
}

Result<void> ModerationExchange::on_end(EventSink& events) {
    const auto findings = oci_guardrails::read_result(document_);
    if (!findings) return findings.error();
    const bool has_image =
        std::ranges::any_of(inputs_[at_], [](const Input& input) { return !input.image_url.empty(); });
    if (!results_.empty()) results_ += ',';
    JsonWriter result(results_);
    write_result(result, *findings, has_image);
    if (++at_ < inputs_.size()) return {};
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("id", "modr-" + std::string(answer_head().headers.get("opc-request-id")));
    json.member("model", model_.id).key("results").raw("[" + results_ + "]").end_object();
    events.emit(RawBytes{"application/json", std::move(body)});
    return {};
}

}  // namespace gatehouse::oci
