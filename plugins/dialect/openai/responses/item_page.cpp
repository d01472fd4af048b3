// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/item_page.hpp"

#include "plugins/dialect/openai/content.hpp"
#include "plugins/dialect/openai/responses/kept_json.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr std::size_t max_limit = 100;

Error wrong_query(std::string_view name, std::string_view expected) {
    return {.kind = ErrorKind::bad_request,
            .message = std::string(name).append(" must be ").append(expected),
            .code = "invalid_value",
            .param = std::string(name)};
}

std::vector<json::Value> listed(const json::Array& items, bool ascending) {
    std::vector<json::Value> list;
    json::for_each(items, [&](json::Value& item, std::size_t) {
        list.push_back(item);
        return true;
    });
    if (!ascending) std::reverse(list.begin(), list.end());
    return list;
}

void write_id(JsonWriter& json, std::string_view name, const std::vector<json::Value>& all,
              std::size_t index) {
    json.key(name);
    index < all.size() ? json.value(id_of(all[index])) : json.null();
}

}  // namespace

Result<ItemPage> page_of(std::string_view query) {
    const auto limit = query_value(query, "limit"), order = query_value(query, "order");
    const auto after = query_value(query, "after");
    for (const auto* value : {&limit, &order, &after})
        if (!*value) return value->error();
    ItemPage page{.ascending = *order == "asc", .after = *after};
    if (!order->empty() && *order != "asc" && *order != "desc") return wrong_query("order", "asc or desc");
    if (limit->empty()) return page;
    const char* end = limit->data() + limit->size();
    const auto read = std::from_chars(limit->data(), end, page.limit);
    if (read.ptr != end || read.ec != std::errc() || page.limit < 1 || page.limit > max_limit)
        return wrong_query("limit", "an integer between 1 and 100");
    return page;
}

Result<std::string> item_list(const json::Array& items, const ItemPage& page,
                              const std::function<json::Value(const json::Value&)>& shown) {
    const std::vector<json::Value> all = listed(items, page.ascending);
    std::size_t first = 0;
    if (!page.after.empty()) {
        const auto before = std::ranges::find(all, page.after, id_of);
        if (before == all.end()) return wrong_query("after", "the id of an item in the list");
        first = static_cast<std::size_t>(before - all.begin()) + 1;
    }
    const std::size_t end = std::min(all.size(), first + page.limit);
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("object", "list").key("data").begin_array();
    for (std::size_t i = first; i < end; ++i) json.raw(json::raw(shown ? shown(all[i]) : all[i]));
    json.end_array();
    write_id(json, "first_id", all, first < end ? first : all.size());
    write_id(json, "last_id", all, first < end ? end - 1 : all.size());
    json.member("has_more", end < all.size()).end_object();
    return body;
}

}  // namespace gatehouse::openai_dialect::responses
