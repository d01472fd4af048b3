// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/field_table.hpp"

#include "plugins/dialect/openai/body.hpp"

namespace gatehouse::openai_dialect {

Result<void> read_request(std::string body, Draft& draft, std::span<const Field> fields,
                          bool (*check)(Reader&, Draft&)) {
    Reader reader;
    Unknown unknown;
    auto member = [&](std::string_view key, json::Value& value) {
        const auto field =
            std::lower_bound(fields.begin(), fields.end(), key,
                             [](const Field& one, std::string_view name) { return one.name < name; });
        if (field != fields.end() && field->name == key)
            return field->read(reader, value, Where(field->name), draft);
        unknown.add(key, json::raw(value));
        return true;
    };
    auto members = [&](json::Object& top) { return json::for_each(top, member) && check(reader, draft); };
    auto read_from = [&](auto&& text) { return read_body(text, draft.bounds.json_depth, reader, members); };
    auto read = body.size() < JsonString::worth_sharing
                    ? read_from(body)
                    : read_from(std::make_shared<std::string>(std::move(body)));
    if (read) draft.request.extra = unknown.take();
    return read;
}

bool model_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return read_model(reader, value, where, draft.request.model);
}

bool stream_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    std::optional<bool> flag;
    if (!reader.read(value, where, flag)) return false;
    draft.request.stream = flag.value_or(false);
    return true;
}

}  // namespace gatehouse::openai_dialect
