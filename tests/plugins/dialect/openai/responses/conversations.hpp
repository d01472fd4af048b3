// SPDX-License-Identifier: Apache-2.0
// A gateway that tests ask for conversations and their items.
#pragma once

#include "tests/plugins/dialect/openai/responses/stateful.hpp"

namespace gatehouse::test {

struct Conversations : StatefulGateway {
    Result<Parsed> ask(const std::string& method, const std::string& path, const std::string& body = "",
                       const std::string& query = "") {
        return settle(
            dialect.parse({.method = method, .path = "/v1/conversations" + path, .query = query}, body));
    }
    Json get(const std::string& method, const std::string& path, const std::string& body = "",
             const std::string& query = "") {
        auto parsed = ask(method, path, body, query);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
        REQUIRE(parsed->reply);
        CHECK(parsed->reply->head.status == 200);
        return Json::parse(parsed->reply->body);
    }
    Error refused(const std::string& method, const std::string& path, const std::string& body = "",
                  const std::string& query = "") {
        auto parsed = ask(method, path, body, query);
        REQUIRE_MESSAGE(!parsed, method << path << body << " was accepted");
        return parsed.error();
    }
    /// The path of a new conversation.
    std::string make(const std::string& items = "") {
        return "/" + get("POST", "", R"({"items":[)" + items + "]}")["id"].get<std::string>();
    }
    Json items(const std::string& path, const std::string& query = "order=asc") {
        return get("GET", path + "/items", "", query);
    }
};

inline std::string in(const std::string& path, const std::string& input, const std::string& members = "") {
    return R"({"model":"m","conversation":")" + path.substr(1) + R"(","input":)" + input +
           (members.empty() ? "" : "," + members) + "}";
}

inline std::string texts(const Json& list) {
    std::string all;
    for (const Json& item : list["data"])
        all += (all.empty() ? "" : "; ") +
               (item["type"] == "message"
                    ? item["role"].get<std::string>() + " " + item["content"][0]["text"].get<std::string>()
                    : item["type"].get<std::string>());
    return all;
}

}  // namespace gatehouse::test
