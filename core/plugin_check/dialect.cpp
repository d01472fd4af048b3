// SPDX-License-Identifier: Apache-2.0
// Dialects: endpoints, requests good and hostile, and the errors of every kind.
#include "core/plugin_check/dialect_suites.hpp"
#include "core/plugin_check/follow.hpp"
#include "core/plugin_check/texts.hpp"

#include "core/util/ascii.hpp"

#include <gatehouse/error_kind_name.hpp>

#include <algorithm>
#include <set>
#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* endpoints_rule = "dialect.hpp, Dialect::endpoints";
constexpr const char* parse_rule = "dialect.hpp, Dialect::parse";
constexpr const char* error_rule = "dialect.hpp, Dialect::error";

struct Body {
    std::string name, text;
};

std::vector<Body> bad_bodies() {
    std::string numbers = "{\"model\":\"m\",\"messages\":[";
    for (int i = 0; i < 300'000; ++i) numbers += "1,";
    return {
        {"nothing", ""},
        {"null", "null"},
        {"a list", "[]"},
        {"an empty object", "{}"},
        {"garbage", "<plain> {text"},
        {"bytes", std::string("\0\xff\xfe\x80{", 5)},
        {"JSON that is too deep", std::string(100'000, '[')},
        {"deep objects",
         [] {
             std::string deep;
             for (int i = 0; i < 50'000; ++i) deep += "{\"a\":";
             return deep;
         }()},
        {"many numbers", numbers + "1]}"},
        {"a huge text",
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + std::string(8'000'000, 'x')},
        {"half a character", "{\"model\":\"\xc3\",\"messages\":[]}"},
        {"members of other types",
         R"({"model":7,"messages":{"a":1},"input":{},"stream":"yes","documents":3})"},
        {"an item of another type",
         R"({"model":"m","messages":[null,3,"a",{"role":[],"content":{"a":1}}],"input":[{}]})"},
        {"huge numbers",
         R"({"model":"m","messages":[],"max_tokens":1e400,"n":-99999999999999999999,"seed":1.5})"},
        {"a member twice", R"({"model":"a","model":"b","messages":[],"messages":3})"},
        {"surrogates", R"({"model":"\ud800","messages":[{"role":"user","content":"\udc00"}]})"},
    };
}

std::string path_of(const Dialect::Endpoint& endpoint) {
    std::string path = endpoint.path;
    if (path.ends_with("/*")) path.replace(path.size() - 1, 1, "check-model");
    return path;
}

void check_endpoints(Check& check, Target& target) {
    auto dialect = target.make<Dialect>(check);
    if (!dialect) return;
    check.context("endpoints()");
    std::vector<Dialect::Endpoint> all;
    check.calls(endpoints_rule, [&] { all = dialect->endpoints(); });
    if (all.empty()) check.error("no-endpoints", "a dialect has no endpoints", endpoints_rule);
    std::set<std::string> seen;
    for (const Dialect::Endpoint& one : all) {
        const std::string text = one.method + " " + one.path;
        const bool method = !one.method.empty() && std::ranges::all_of(one.method, is_upper);
        if (!method)
            check.error("endpoint-method", "an endpoint's method is not an HTTP method", endpoints_rule,
                        text);
        const std::size_t star = one.path.find('*');
        const bool well =
            one.path.starts_with('/') && one.path.find_first_of(" ?#\r\n\t") == one.path.npos &&
            (star == one.path.npos || (star + 1 == one.path.size() && one.path.ends_with("/*")));
        if (!well)
            check.error("endpoint-path",
                        "an endpoint's path must begin with /, have no query, and a * only as /* at its end",
                        endpoints_rule, text);
        if (!seen.insert(text).second)
            check.error("endpoint-twice", "an endpoint is there twice", endpoints_rule, text);
    }
}

class Parser {
public:
    Parser(Check& check, Target& target, Dialect& dialect, Dialect::Endpoint endpoint)
        : check_(check), target_(target), dialect_(dialect), endpoint_(std::move(endpoint)) {}

    /// Whether it was taken.
    bool parse(const std::string& text, const std::string& how) {
        check_.doing(how);
        http::RequestHead head{.method = endpoint_.method, .path = path_of(endpoint_)};
        head.headers = {{"content-type", "application/json"}, {"host", "gateway.example"}};
        return parse(head, text);
    }

    bool parse(const http::RequestHead& head, const std::string& text) {
        auto parsed = parse_and_follow(check_, dialect_, head, text);
        if (!parsed) return false;
        if (*parsed && (*parsed)->reply) return true;
        if (!*parsed) {
            const Error& error = parsed->error();
            check_error(check_, target_.confidential(), error, parse_rule);
            if (const int status = status_of(error); status < 400 || status > 499)
                check_.error("parse-status", "a bad request is not refused with a status of 400 to 499",
                             parse_rule, shown(error));
            return false;
        }
        std::unique_ptr<ResponseFormatter> one;
        if (!(*parsed)->formatter)
            check_.error("no-formatter", "a parsed request has no formatter",
                         "dialect.hpp, Parsed::formatter");
        else if (check_.calls("dialect.hpp, Parsed::formatter", [&] { one = (*parsed)->formatter(); }) &&
                 !one)
            check_.error("no-formatter", "a parsed request has no formatter",
                         "dialect.hpp, Parsed::formatter");
        return one != nullptr;
    }

private:
    Check& check_;
    Target& target_;
    Dialect& dialect_;
    const Dialect::Endpoint endpoint_;
};

void parse_all(Check& check, Target& target) {
    auto dialect = target.make<Dialect>(check);
    if (!dialect) return;
    std::vector<Dialect::Endpoint> all;
    check.calls(endpoints_rule, [&] { all = dialect->endpoints(); });
    for (const Dialect::Endpoint& endpoint : all) {
        Parser parser(check, target, *dialect, endpoint);
        check.context(endpoint.method + " " + endpoint.path);
        const bool takes_anything = parser.parse("<plain> {text", "garbage");
        for (const Body& body : bad_bodies()) parser.parse(body.text, body.name);
        for (const auto& [name, text] : client_bodies()) {
            if (!parser.parse(text, name)) continue;
            if (endpoint.method != "GET") check.fact("understood", name);
            for (std::size_t at = 0; at < text.size() && endpoint.method != "GET"; ++at)
                if (parser.parse(text.substr(0, at), name + ", cut after byte " + std::to_string(at)) &&
                    !takes_anything)
                    check.error("half-request", "a truncated request is accepted", parse_rule);
        }
        check.doing("odd heads");
        for (const char* query : {"", "a=b&c", "%zz", "model=%00", "&&&=="})
            for (const char* more : {"", "/", "/%2e%2e/%00", "/\xff"}) {
                http::RequestHead head{
                    .method = endpoint.method, .path = path_of(endpoint) + more, .query = query};
                head.headers = {{"content-type", "text/xml; charset=\"x\""}, {"content-encoding", "gzip"}};
                parser.parse(head, "{}");
            }
        parser.parse(http::RequestHead{.method = "BREW", .path = "/no/such/path"}, "");
    }
}

void look_at_error(Check& check, Dialect& dialect, const Error& error) {
    std::optional<http::Response> answer;
    if (!check.calls(error_rule, [&] { answer.emplace(dialect.error(error)); })) return;
    if (answer->head.status / 100 != status_of(error) / 100)
        check.error("error-status", "the response to an error does not have a status of the error's class",
                    error_rule,
                    std::to_string(answer->head.status) + " instead of " + std::to_string(status_of(error)));
    if (answer->body.empty())
        check.error("error-empty", "an error is answered with an empty body", error_rule);
    std::string all = answer->body;
    for (const auto& [name, value] : answer->head.headers) all += name + ": " + value + "\n";
    if (all.find(error.detail) != all.npos)
        check.error("error-detail", "an error's detail, which is for the log only, reaches the client",
                    "result.hpp, Error::detail");
    check_headers(check, answer->head.headers, error_rule);
    const std::string_view type = answer->head.headers.get("content-type");
    if (type.empty()) check.warning("content-type", "an answer has a body and no content-type", error_rule);
    if (type.starts_with("application/json") && !is_json(answer->body))
        check.error("answer-json", "a body of type JSON is not JSON", error_rule, answer->body);
    // A dialect may hide the details of an internal error, and may capitalize the message.
    const bool own = error.kind == ErrorKind::internal || error.kind == ErrorKind::bad_config;
    if (!own && error.message == "the message" && answer->body.find("he message") == std::string::npos)
        check.warning("error-message", "an error's message does not reach the client", error_rule,
                      answer->body);
}

void errors(Check& check, Target& target) {
    auto dialect = target.make<Dialect>(check);
    if (!dialect) return;
    for (int number = 0; number < error_kinds; ++number) {
        const auto kind = static_cast<ErrorKind>(number);
        check.context(std::string("an error of the kind ") + kind_name(kind));
        Error error{.kind = kind, .message = "the message", .detail = "gatehouse-check-detail"};
        look_at_error(check, *dialect, error);
        error.message = std::string("a \"b\" \\ \r\n\0\x01 <c> \xff\xc3", 19);
        error.code = "a\"b\r\n";
        error.param = "messages[0]\".\r\nrole";
        error.retry_after_seconds = 7;
        look_at_error(check, *dialect, error);
        error.message.clear();
        look_at_error(check, *dialect, error);
    }
    for (int status : {405, 408, 415, 417, 431, 501, 505}) {
        check.context("an error with the status " + std::to_string(status));
        look_at_error(check, *dialect,
                      {.kind = ErrorKind::bad_request,
                       .message = "the message",
                       .detail = "gatehouse-check-detail",
                       .status = status});
    }
}

void parse_at_once(Check& check, Target& target) {
    auto dialect = target.make<Dialect>(check);
    if (!dialect) return;
    check.context("8 threads at once");
    std::vector<Dialect::Endpoint> all;
    check.calls(endpoints_rule, [&] { all = dialect->endpoints(); });
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            for (std::size_t round = 0; round < check.effort().rounds(50); ++round)
                for (const Dialect::Endpoint& endpoint : all)
                    for (const auto& [name, text] : client_bodies()) {
                        const std::string mark = "model-" + std::to_string(i) + "-" + std::to_string(round);
                        std::string body = text;
                        body.replace(body.find("check-model"), 11, mark);
                        body.reserve(body.size() + spare_bytes);
                        http::RequestHead head{.method = endpoint.method, .path = path_of(endpoint)};
                        head.headers = {{"content-type", "application/json"}};
                        check.calls(parse_rule, [&] {
                            const auto parsed = dialect->parse(head, std::move(body));
                            const std::string_view model =
                                parsed ? model_of(parsed->operation) : std::string_view();
                            if (model.starts_with("model-") && model != mark)
                                check.error("concurrent", "concurrent requests interfere with each other",
                                            "dialect.hpp, Threads", std::string(model) + " for " + mark);
                        });
                    }
        });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> client_bodies() {
    return {
        {"a chat with tools",
         R"({"model":"check-model","messages":[{"role":"user","content":"why é?"}],"temperature":0.5,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}]})"},
        {"a streamed chat in parts",
         R"({"model":"check-model","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":[{"type":"text","text":"why?"}]}]})"},
        {"a chat with a system text apart",
         R"({"model":"check-model","max_tokens":9,"stream":true,"system":"s","messages":[{"role":"user","content":"why?"}]})"},
        {"a request for embeddings", R"({"model":"check-model","input":["a","b"]})"},
        {"a request for a ranking", R"({"model":"check-model","query":"q","documents":["a","b"]})"},
        {"a prompt", R"({"model":"check-model","prompt":"why?","input":"why?"})"},
    };
}

std::vector<Suite> dialect_suites() {
    return {{"endpoints", check_endpoints},
            {"requests", parse_all},
            {"errors", errors},
            {"answers", check_formatters},
            {"threads", parse_at_once}};
}

}  // namespace gatehouse::core::plugin_check
