// SPDX-License-Identifier: Apache-2.0
// Helpers of the tests of state: a gateway that keeps responses and conversations.
#pragma once

#include "tests/plugins/dialect/openai/responses/helper.hpp"

#include <gatehouse/fake_store.hpp>

#include <functional>

namespace gatehouse::test {

/// Does the part of the core: records are recalled, kept and forgotten for `owner`.
struct StatefulGateway : Gateway {
    testing::FakeStore store;
    std::string owner = "a";
    int recalls = 0;

    StatefulGateway() { host.given_store = &store; }

    StoreKey key(const RecordId& id) const { return {owner, id.space, id.id}; }

    Result<Parsed> settle(Result<Parsed> parsed) {
        while (parsed && !parsed->recall.empty()) {
            ++recalls;
            std::vector<StoreKey> keys;
            for (const RecordId& id : parsed->recall) keys.push_back(key(id));
            std::optional<Result<std::vector<std::optional<Record>>>> found;
            store.get(std::move(keys), 100'000'000, testing::into(found));
            REQUIRE(found);
            const auto resume = std::move(parsed->resume);
            parsed = resume(**found);
        }
        if (!parsed) return parsed;
        for (const RecordId& id : parsed->forget) {
            std::optional<Result<bool>> erased;
            store.erase(key(id), testing::into(erased));
        }
        for (Keep& document : parsed->keep)
            if (auto kept = keep(std::move(document)); !kept) return kept.error();
        return parsed;
    }

    std::optional<Record> record(const RecordId& id) {
        std::optional<Result<std::vector<std::optional<Record>>>> found;
        store.get({key(id)}, 100'000'000, testing::into(found));
        REQUIRE(found);
        return (**found)[0];
    }

    Result<void> keep(Keep document) {
        if (document.change) {
            const auto before = record(document.id);
            auto body = document.change(before);
            if (!body) return body.error();
            document.body = *std::move(body);
            document.expected = before ? before->version : 0;
        }
        std::optional<Result<std::uint64_t>> version;
        store.put({key(document.id), std::move(document.body), document.keep_for, document.expected},
                  testing::into(version));
        REQUIRE(version);
        return *version ? Result<void>() : version->error();
    }

    Result<Parsed> post(const std::string& body) { return settle(try_parse(body)); }

    /// The response to `body`, if the model says `text`.  `hook` may change the operation.
    Json run(const std::string& body, std::vector<Event> events,
             const std::function<void(ChatRequest&)>& hook = {}) {
        auto parsed = post(body);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
        if (hook) hook(std::get<ChatRequest>(parsed->operation));
        auto formatter = parsed->formatter();
        std::string out;
        events.push_back(Finish{});
        for (const Event& event : events) formatter->event(event, out);
        formatter->end(out);
        for (Keep& document : formatter->keep(parsed->operation)) CHECK(keep(std::move(document)));
        return Json::parse(out);
    }
    Json say(const std::string& body, const std::string& text) { return run(body, {TextDelta{text}}); }

    Result<Parsed> at(const std::string& method, const std::string& path, const std::string& query = "") {
        return settle(dialect.parse({.method = method, .path = "/v1/responses/" + path, .query = query}, ""));
    }
    Json reply(const std::string& method, const std::string& path, const std::string& query = "") {
        auto parsed = at(method, path, query);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
        REQUIRE(parsed->reply);
        return Json::parse(parsed->reply->body);
    }
    int status(const std::string& method, const std::string& path, const std::string& query = "") {
        auto parsed = at(method, path, query);
        return parsed ? parsed->reply->head.status : status_of(parsed.error());
    }
    /// The upstream's messages of the request.
    Json messages(const std::string& body) {
        auto parsed = post(body);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
        auto exchange = provider.chat(std::get<ChatRequest>(parsed->operation));
        REQUIRE(exchange);
        auto http = (*exchange)->request();
        REQUIRE(http);
        return Json::parse((*http)->body)["messages"];
    }
};

inline std::string next(const Json& response, const std::string& input, const std::string& members = "") {
    return R"({"model":"m","previous_response_id":)" + response["id"].dump() + ",\"input\":" + input +
           (members.empty() ? "" : "," + members) + "}";
}

inline std::string contents(const Json& messages) {
    std::string all;
    for (const Json& message : messages)
        all += (all.empty() ? "" : "; ") + message["role"].get<std::string>() + " " +
               (message["content"].is_string() ? message["content"].get<std::string>()
                                               : message["content"].dump()) +
               (message.contains("tool_calls")
                    ? " " + message["tool_calls"][0]["function"]["name"].get<std::string>()
                    : "");
    return all;
}

}  // namespace gatehouse::test
