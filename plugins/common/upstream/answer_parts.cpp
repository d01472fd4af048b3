// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/answer_parts.hpp"

#include "plugins/common/upstream/answer_stream.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatehouse::upstream {

namespace {
// The largest vectors of current models have less than a tenth of this.
constexpr std::size_t max_dimensions = 65'536;
}  // namespace

Error unfinished(std::string_view who, std::string_view end) {
    return {ErrorKind::upstream,
            std::string(who).append("'s response ended before it was complete: it has no ").append(end)};
}

Result<std::string_view> text_member(dom::object object, std::string_view key, std::string_view who) {
    const auto value = member(object, key);
    if (!value) return std::string_view();
    const auto text = string(*value);
    if (!text) return garbage(who, "'" + std::string(key) + "' is not a string");
    return *text;
}

std::optional<std::string_view> text_or_json(dom::element value, std::string& room) {
    if (const auto text = string(value)) return text;
    if (!value.is_object() && !value.is_array()) return std::nullopt;
    room = simdjson::minify(value);
    return room;
}

std::optional<std::int64_t> token_count(dom::object object, std::string_view key) {
    const auto found = integer_member(object, key);
    return found && *found >= 0 && *found <= 1'000'000'000'000'000 ? found : std::nullopt;
}

Result<std::vector<float>> read_vector(dom::element embedding, std::string_view who) {
    const auto numbers = array(embedding);
    if (!numbers) return garbage(who, "an embedding is not an array");
    std::vector<float> vector;
    vector.reserve(std::min(numbers->size(), max_dimensions));
    for (dom::element one : *numbers) {
        const auto found = number(one);
        const float value = found ? static_cast<float>(*found) : HUGE_VALF;
        if (!std::isfinite(value)) return garbage(who, "an embedding has an element that is not a number");
        if (vector.size() == max_dimensions) return garbage(who, "an embedding is too long");
        vector.push_back(value);
    }
    if (vector.empty()) return garbage(who, "an embedding is empty");
    return vector;
}

std::optional<Usage> read_usage(dom::element element, const UsageNames& names) {
    const auto from = object(element);
    if (!from) return std::nullopt;
    const auto prompt = token_count(*from, names.prompt);
    const auto completion = token_count(*from, names.completion);
    const auto total = token_count(*from, names.total);
    if (!prompt && !completion && !total) return std::nullopt;

    Usage usage;
    usage.prompt = prompt.value_or(0);
    // Reasoning models may omit the completion; some totals include more than the parts.
    usage.completion = completion ? *completion
                       : total    ? std::max<std::int64_t>(0, *total - usage.prompt)
                                  : 0;
    usage.total = total ? *total : usage.prompt + usage.completion;
    if (const auto details = object_member(*from, names.prompt_details)) {
        usage.cached = token_count(*details, names.cached);
        usage.cache_written = token_count(*details, names.cache_written);
        usage.prompt_extra.text = unknown_members(*details, {names.cached, names.cache_written}, names.nulls);
    }
    if (const auto details = object_member(*from, names.completion_details)) {
        usage.reasoning = token_count(*details, names.reasoning);
        usage.accepted_prediction = token_count(*details, names.accepted_prediction);
        usage.rejected_prediction = token_count(*details, names.rejected_prediction);
        usage.completion_extra.text = unknown_members(
            *details, {names.reasoning, names.accepted_prediction, names.rejected_prediction}, names.nulls);
    }
    usage.extra.text = unknown_members(
        *from, {names.prompt, names.completion, names.total, names.prompt_details, names.completion_details},
        names.nulls);
    return usage;
}

namespace {

/// Whether the tree may write `value` in another way than the upstream.
bool has_fraction(dom::element value) {
    if (value.type() == dom::element_type::DOUBLE) return true;
    if (const auto list = array(value)) return std::any_of(list->begin(), list->end(), has_fraction);
    const auto members = object(value);
    return members && std::any_of(members->begin(), members->end(),
                                  [](const auto& member) { return has_fraction(member.value); });
}

}  // namespace

void append_value(std::string& out, const dom::key_value_pair& member) {
    const auto text = has_fraction(member.value) ? as_written(member) : std::nullopt;
    if (text)
        out += *text;
    else
        out += simdjson::minify(member.value);
}

void append_member(std::string& members, const dom::key_value_pair& member) {
    members += members.empty() ? '{' : ',';
    append_json_string(members, member.key);
    members += ':';
    append_value(members, member);
}

std::string text_of(dom::object object) {
    std::string out;
    for (const auto member : object) append_member(out, member);
    return out.empty() ? "{}" : out + "}";
}

namespace {

bool is_among(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string unknown_members(dom::object object, std::initializer_list<std::string_view> known, Nulls nulls) {
    return members_if(object, [&](const auto& member) {
        return !is_among(member.key, known) && (nulls == Nulls::keep || !member.value.is_null());
    });
}

std::string unknown_members(dom::object object, std::initializer_list<std::string_view> known,
                            NullNames& nulls) {
    return members_if(object, [&](const auto& member) {
        if (is_among(member.key, known)) return false;
        if (member.value.is_null()) return nulls.take(member.key);
        nulls.forget(member.key);
        return true;
    });
}

Range read_range(dom::object object, std::string_view start, std::string_view end) {
    const Range range{integer_member(object, start).value_or(0), integer_member(object, end).value_or(0)};
    return range.start >= 0 && range.end >= range.start ? range : Range();
}

std::optional<Citation> read_citation(dom::element entry, int choice, const CitationNames& names) {
    const auto annotation = object(entry);
    const auto from = annotation ? object_member(*annotation, names.url_citation) : std::nullopt;
    if (!from) return std::nullopt;
    Citation citation;
    citation.url = string_member(*from, "url");
    citation.title = string_member(*from, "title");
    const Range about = read_range(*from, names.start, names.end);
    citation.start = about.start;
    citation.end = about.end;
    citation.choice = choice;
    citation.inner_extra.text = unknown_members(*from, {"url", "title", names.start, names.end}, names.nulls);
    citation.extra.text = unknown_members(*annotation, {"type", names.url_citation}, names.nulls);
    if (citation.url.empty() && citation.title.empty()) return std::nullopt;
    return citation;
}

void emit_annotations(dom::element annotations, int choice, const CitationNames& names, EventSink& events) {
    const auto entries = array(annotations);
    if (!entries) return;
    for (dom::element entry : *entries) {
        if (auto citation = read_citation(entry, choice, names)) {
            events.emit(*std::move(citation));
        } else if (const auto other = object(entry); other && !member(*other, names.url_citation)) {
            std::string members = R"({"annotations":[)" + text_of(*other) + "]}";
            events.emit(Extra{Extra::Place::message, {std::move(members)}, choice});
        }
    }
}

}  // namespace gatehouse::upstream
