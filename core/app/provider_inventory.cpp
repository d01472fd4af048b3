// SPDX-License-Identifier: Apache-2.0
#include "core/app/provider_inventory.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/json_writer.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::size_t most_rows = 10'000;

/// The objects in the member `rows`.  The error is for an operator.
Result<std::vector<InventoryRow>> read_rows(const std::string& document) {
    std::vector<InventoryRow> rows;
    if (document.empty()) return rows;
    const auto read = read_json(document);
    if (!read || !(*read)["rows"].is(JsonType::array))
        return Error{ErrorKind::internal, "the provider's table is not a JSON object with rows"};
    for (const JsonValue row : (*read)["rows"].items())
        if (row.is(JsonType::object) && rows.size() < most_rows)
            rows.push_back({.json = std::string(row.raw()),
                            .id = row["id"].string().value_or(""),
                            .warning = row["warning"].string().value_or("")});
    return rows;
}

InventoryRow row_of(const ModelInfo& model) {
    InventoryRow row{.json = {}, .id = model.id, .warning = {}};
    JsonWriter json(row.json);
    json.begin_object().member("id", model.id).member("owner", model.owned_by);
    const auto count = [](std::optional<std::int64_t> tokens) {
        return tokens ? std::to_string(*tokens) : std::string("null");
    };
    json.key("context_window").raw(count(model.context_window));
    json.key("max_output_tokens").raw(count(model.max_output_tokens));
    json.end_object();
    return row;
}

}  // namespace

ProviderInventory inventory_of(const WorkerServices& worker, const NamedProvider& provider,
                               std::string_view name, Log& log) {
    if (!provider.local) {
        ProviderInventory inventory{
            .outcome = ask_provider(worker, provider,
                                    RawRequest{.operation = std::string(name), .protocol = "operator"}, log)};
        if (!inventory.outcome.error) {
            auto rows = read_rows(inventory.outcome.document);
            if (rows)
                inventory.rows = *std::move(rows);
            else
                inventory.outcome.error = rows.error();
        }
        // Its text may speak of a model, but the question names none.
        if (!is_unsupported(inventory.outcome)) return inventory;
    }
    if (name != "models")
        return {.outcome = {.error = Error{ErrorKind::unsupported, "the provider has no such table"}}};
    ProviderInventory list{.outcome = ask_provider(worker, provider, ModelsRequest{}, log)};
    for (const ModelInfo& model : list.outcome.models) list.rows.push_back(row_of(model));
    return list;
}

}  // namespace gatehouse::core
