// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/tables/model_table.hpp"

#include "plugins/provider/oci/tables/warnings.hpp"

#include <gatehouse/json_writer.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::oci {

namespace {

std::string_view purpose_of(Format format) {
    if (format == Format::embed) return "embeddings";
    return format == Format::rerank ? "ranks" : "chats";
}

std::string_view name_of(Surface surface) {
    if (surface == Surface::openai) return "openai";
    return surface == Surface::responses ? "responses" : "native";
}

std::string_view hosting_of(const Model& model) {
    if (!model.proxied) return "unknown";
    return *model.proxied ? "external" : "oracle";
}

/// Each row has all columns.
void write_count(JsonWriter& json, std::optional<std::int64_t> count) {
    json.raw(count ? std::to_string(*count) : "null");
}

}  // namespace

void ModelTable::tell(std::vector<ModelInfo> models, EventSink& events) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("rows").begin_array();
    for (const ModelInfo& info : models) {
        const Model model = service_.find(info.id);
        const auto entry = service_.listed.find(info.id);
        const ModelFacts facts = entry && *entry && (*entry)->facts ? *(*entry)->facts : ModelFacts();
        json.begin_object().member("id", info.id).member("use", purpose_of(model.format));
        json.member("surface", name_of(model.surface)).member("hosting", hosting_of(model));
        write_count(json.key("context_window"), info.context_window);
        write_count(json.key("max_output_tokens"), info.max_output_tokens);
        json.member("input", facts.input).member("output", facts.output);
        json.member("retires_on", facts.retires_on).member("regions", facts.regions);
        json.member("warning", retirement_warning(facts.retires_on, facts.replacements, service_.host.now()));
        json.end_object();
    }
    json.end_array().end_object();
    events.emit(RawBytes{"application/json", std::move(body)});
}

}  // namespace gatehouse::oci
