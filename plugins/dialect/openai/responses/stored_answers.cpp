// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/stored_answers.hpp"

#include "plugins/dialect/openai/content.hpp"
#include "plugins/dialect/openai/reader.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr std::size_t default_limit = 20, max_limit = 100;

Parsed reply_with(std::string body) {
    http::Response response;
    response.head.headers.add("content-type", "application/json");
    response.body = std::move(body);
    Parsed parsed;
    parsed.reply = std::move(response);
    return parsed;
}

Result<Parsed> read(const std::string&, const StoredResponse& stored) {
    return reply_with(std::string(stored.response()));
}

Result<Parsed> erase(const std::string& id, const StoredResponse&) {
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("id", id)
        .member("object", "response")
        .member("deleted", true)
        .end_object();
    Parsed parsed = reply_with(std::move(body));
    parsed.forget = {{response_space, id}};
    return parsed;
}

Result<Parsed> cancel(const std::string& id, const StoredResponse&) {
    return Error{ErrorKind::bad_request, "response " + quoted_for_client(id) +
                                             " does not run in the background: it cannot be cancelled"};
}

struct Page {
    std::size_t limit = default_limit;
    bool ascending = false;
    std::string after = {};
};

Error wrong_query(std::string_view name, std::string_view expected) {
    return {.kind = ErrorKind::bad_request,
            .message = std::string(name).append(" must be ").append(expected),
            .code = "invalid_value",
            .param = std::string(name)};
}

Result<Page> page_of(std::string_view query) {
    const auto limit = query_value(query, "limit"), order = query_value(query, "order");
    const auto after = query_value(query, "after");
    for (const auto* value : {&limit, &order, &after})
        if (!*value) return value->error();
    Page page{.ascending = *order == "asc", .after = *after};
    if (!order->empty() && *order != "asc" && *order != "desc") return wrong_query("order", "asc or desc");
    if (limit->empty()) return page;
    const char* end = limit->data() + limit->size();
    const auto read = std::from_chars(limit->data(), end, page.limit);
    if (read.ptr != end || read.ec != std::errc() || page.limit < 1 || page.limit > max_limit)
        return wrong_query("limit", "an integer between 1 and 100");
    return page;
}

struct Listed {
    std::string id = {};
    std::string_view json = {};
};

std::vector<Listed> listed(const json::Array& items, bool ascending) {
    std::vector<Listed> list;
    json::for_each(items, [&](json::Value& item, std::size_t) {
        Listed one{.json = json::raw(item)};
        if (const auto object = json::object(item))
            json::for_each(*object, [&](std::string_view key, json::Value& value) {
                return key != "id" || json::take_string(value, one.id);
            });
        list.push_back(std::move(one));
        return true;
    });
    if (!ascending) std::reverse(list.begin(), list.end());
    return list;
}

void write_id(JsonWriter& json, std::string_view name, const std::vector<Listed>& all, std::size_t index) {
    json.key(name);
    index < all.size() ? json.value(all[index].id) : json.null();
}

Result<Parsed> list_items(const Page& page, const StoredResponse& stored) {
    const std::vector<Listed> all = listed(stored.input(), page.ascending);
    auto begin = all.begin();
    if (!page.after.empty()) {
        begin = std::ranges::find(all, page.after, &Listed::id);
        if (begin == all.end()) return wrong_query("after", "the id of an item in the list");
        ++begin;
    }
    const auto first = static_cast<std::size_t>(begin - all.begin());
    const std::size_t end = std::min(all.size(), first + page.limit);
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("object", "list").key("data").begin_array();
    for (std::size_t i = first; i < end; ++i) json.raw(all[i].json);
    json.end_array();
    write_id(json, "first_id", all, first < end ? first : all.size());
    write_id(json, "last_id", all, first < end ? end - 1 : all.size());
    json.member("has_more", end < all.size()).end_object();
    return reply_with(std::move(body));
}

}  // namespace

Result<StoredReply> reply_for(const http::RequestHead& head, std::string_view id, std::string_view verb) {
    const bool get = head.method == "GET" || head.method == "HEAD";
    if (verb.empty() && get) {
        const auto stream = query_value(head.query, "stream");
        if (stream && *stream == "true")
            return Error{.kind = ErrorKind::unsupported,
                         .message = "stream is not available for a stored response",
                         .param = "stream"};
        return StoredReply(read);
    }
    if (verb.empty() && head.method == "DELETE") return StoredReply(erase);
    if (verb == "cancel" && head.method == "POST") return StoredReply(cancel);
    if (verb == "input_items" && get) {
        const auto page = page_of(head.query);
        if (!page) return page.error();
        return StoredReply([page = *page](const std::string&, const StoredResponse& stored) {
            return list_items(page, stored);
        });
    }
    return Error{ErrorKind::not_found, "no endpoint at this path of response " + quoted_for_client(id)};
}

}  // namespace gatehouse::openai_dialect::responses
