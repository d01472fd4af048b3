// SPDX-License-Identifier: Apache-2.0
// Errors of upstreams: where their reason is, how they are encoded, the words for a prompt that is too
// long, the time to wait, errors inside an answer, and answers that look like errors.
#include "tests/plugins/messy/wires.hpp"

#include <zlib.h>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

/// `text` in gzip, in zlib's format or as raw deflate, by the window of zlib.
std::string packed(const std::string& text, int window) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(text.size() + 100, '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

bool is_ollama(const Wire& wire) { return wire.name() == std::string_view("ollama"); }

}  // namespace

TEST_CASE("the innermost reason of a refused request reaches the client, wherever it is") {
    struct Row {
        int status;
        const char* body;
        const char* reason;
    };
    for (const Wire* wire : wires())
        for (
            const Row& row : std::initializer_list<Row>{
                // The cases.
                {400,
                 R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"temperature is odd\"}}","provider_name":"X"}}})",
                 "temperature is odd"},
                {422, R"({"detail":"no such lora"})", "no such lora"},
                {422, R"({"detail":[{"loc":["body","x"],"msg":"field required","type":"value_error"}]})",
                 "field required (body.x)"},
                // Further places.
                {400, R"({"error":"plain text"})", "plain text"},
                {400, R"({"error":{"error":{"message":"twice inside"}}})", "twice inside"},
                {400, R"({"error":{"message":"{\"detail\":\"JSON in a text\"}"}})", "JSON in a text"},
                {400, R"([{"error":{"code":400,"message":"in a list","status":"INVALID_ARGUMENT"}}])",
                 "in a list"},
                {400, R"({"errors":[{"message":"the first"},{"message":"the second"}]})", "the first"},
                {400, R"({"errors":{"model":["is required"]}})", "is required (model)"},
                {400, R"({"success":false,"errors":["a text"]})", "a text"},
                {400,
                 R"({"object":"error","message":{"detail":[{"loc":["body","top_k"],"msg":"too large"}]}})",
                 "too large (body.top_k)"},
                {400, R"({"base_resp":{"status_code":2013,"status_msg":"invalid params"}})",
                 "invalid params"},
                {400, R"({"error_code":17,"error_msg":"daily limit"})", "daily limit"},
                {400, R"({"Response":{"Error":{"Code":"X","Message":"capital letters"}}})",
                 "capital letters"},
                {400, "data: {\"error\":{\"message\":\"as an event\"}}\n\n", "as an event"},
                {400, "event: error\r\ndata: {\"error\":{\"message\":\"as a typed event\"}}\r\n\r\n",
                 "as a typed event"},
                {400, "\xEF\xBB\xBF{\"error\":{\"message\":\"behind a mark\"}}", "behind a mark"},
                {400, R"({"error":{"message":"half \ud83d a character"}})", "half \xEF\xBF\xBD a character"},
                {400, "words without JSON", "words without JSON"},
            }) {
            CAPTURE(std::string(wire->name()));
            CAPTURE(std::string(row.body));
            const Error error = refusal(*wire, row.status, row.body);
            CHECK_MESSAGE(has(error.message, row.reason), error.message);
            CHECK_MESSAGE(!has(error.message, "{"), error.message);
            CHECK_MESSAGE(!has(error.message, "Provider returned"), error.message);
            CHECK(status_of(error) == row.status);
        }
}

TEST_CASE("no bytes of a compressed error reach the client, whatever its coding is called") {
    const std::string plain = R"({"error":{"message":"the packed reason"}})";
    struct Row {
        std::string body, coding;
        bool readable;
    };
    for (const Wire* wire : wires())
        for (const Row& row : std::initializer_list<Row>{
                 {packed(plain, 31), "gzip", true},
                 {packed(plain, 31), "x-gzip", true},
                 {packed(plain, 31), "", true},
                 {packed(plain, 15), "deflate", true},
                 {packed(plain, -15), "deflate", true},
                 {packed(plain, 31).substr(0, 15), "gzip", false},
                 {"\x28\xB5\x2F\xFD\x04\x58\x99\x00\x81\x92", "zstd", false},
                 {"\x0B\x14\x80\xC1\xF2\x03\x81\x92\xFE", "br", false},
             }) {
            CAPTURE(std::string(wire->name()));
            CAPTURE(row.coding);
            http::Headers headers;
            if (!row.coding.empty()) headers.add("content-encoding", row.coding);
            const Error error = refusal(*wire, 400, row.body, headers);
            CHECK(status_of(error) == 400);
            if (row.readable && !is_ollama(*wire))
                CHECK_MESSAGE(has(error.message, "the packed reason"), error.message);
            else if (row.body.size() < 12)
                CHECK_MESSAGE(has(error.message, "400"), error.message);
            for (const char c : error.message) CHECK(static_cast<unsigned char>(c) < 0x7F);
        }
}

TEST_CASE("a compressed answer is read, and one in an unknown coding is an error with its reason") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        const std::string document = wire->whole("a", "stop");
        auto coded = [&](const std::string& body, const char* coding) {
            return whole(*wire, body, {200, {{"content-encoding", coding}}});
        };
        CHECK(coded(document, "identity") == "a | stop");
        CHECK(has(coded("\x28\xB5\x2F\xFD\x04\x58\x99", "zstd"), "zstd"));
        CHECK(coded(packed(document, 31), "br").starts_with("error 502"));
        if (is_ollama(*wire)) continue;  // its base has no decoder: an error with the coding
        CHECK(coded(packed(document, 31), "gzip") == "a | stop");
        CHECK(coded(packed(document, 31), "GZIP") == "a | stop");
        CHECK(coded(packed(document, 15), "deflate") == "a | stop");
        CHECK(coded(packed(document, -15), "deflate") == "a | stop");
        CHECK(coded(document, "gzip") == "a | stop");
        CHECK(coded(document, "utf-8") == "a | stop");
        CHECK(whole(*wire, packed(document, 31)) == "a | stop");
    }
}

TEST_CASE("a prompt that is too long has OpenAI's code, in the words of every server") {
    struct Row {
        int status;
        const char* body;
        bool limit;  // 8192 is in it
    };
    for (const Wire* wire : wires())
        for (
            const Row& row : std::initializer_list<Row>{
                // The cases.
                {400,
                 R"({"error":{"message":"request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it","code":400,"type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}})",
                 true},
                {400,
                 R"({"error":{"message":"the request exceeds the available context size. try increasing the context size or enable context shift","code":400,"type":"exceed_context_size_error"}})",
                 false},
                // Further words and statuses.
                {400, R"({"error":{"message":"x","type":"exceed_context_size_error","n_ctx":8192}})", true},
                {500, R"({"error":{"message":"x","type":"exceed_context_size_error","n_ctx":8192}})", true},
                {400, R"({"error":{"code":"context_length_exceeded","message":"x"}})", false},
                {422,
                 R"({"error":"Input validation error: `inputs` must have less than 8192 tokens. Given: 9000"})",
                 true},
                {413,
                 R"({"error":{"message":"The prompt is longer than the maximum model length of 8192."}})",
                 true},
                {400, R"({"detail":[{"msg":"prompt is too long","loc":["body"]}]})", false},
                {400, R"({"message":"Range of input length should be [1, 8192]"})", true},
                {400, R"({"error":{"message":"Your request exceeded model token limit: 8192"}})", true},
                {400,
                 R"({"error":{"message":"p","metadata":{"raw":"{\"message\":\"maximum context length is 8192 tokens\"}"}}})",
                 true},
            }) {
            CAPTURE(std::string(wire->name()));
            CAPTURE(std::string(row.body));
            const Error error = refusal(*wire, row.status, row.body);
            CHECK(error.kind == ErrorKind::context_length);
            CHECK(error.code == "context_length_exceeded");
            if (row.limit && !is_ollama(*wire)) CHECK_MESSAGE(has(error.message, "8192"), error.message);
        }
}

TEST_CASE("the time to wait is read from retry-after-ms if retry-after is missing or invalid") {
    struct Row {
        http::Headers headers;
        int seconds;
    };
    for (const Wire* wire : wires())
        for (const Row& row : std::initializer_list<Row>{
                 {{{"retry-after-ms", "12500"}}, 13},  // the case
                 {{{"Retry-After-Ms", "1"}}, 1},
                 {{{"RETRY-AFTER-MS", "1e3"}}, 1},
                 {{{"retry-after-ms", "1000.1"}}, 2},
                 {{{"retry-after", "soon"}, {"retry-after-ms", "900"}}, 1},
                 {{{"retry-after", "2s"}, {"retry-after-ms", "900"}}, 1},
                 {{{"retry-after", "1.x"}, {"retry-after-ms", "900"}}, 1},
                 {{{"retry-after", "-1"}, {"retry-after-ms", "900"}}, 1},
                 {{{"retry-after", "2"}, {"retry-after-ms", "9000"}}, 2},
                 {{{"retry-after", "0"}, {"retry-after-ms", "9000"}}, 0},
                 {{{"retry-after", "1.5"}}, 2},
                 {{{"retry-after", "Thu, 01 Jan 1970 00:00:30 GMT"}, {"retry-after-ms", "1"}}, 30},
                 {{{"retry-after", "Thursday, 01-Jan-70 00:00:30 GMT"}}, 30},
                 {{{"retry-after", "Thu Jan  1 00:00:30 1970"}}, 30},
                 {{{"retry-after", "Thu, 01 Jan 1970"}, {"retry-after-ms", "1"}}, 1},
                 {{{"retry-after-ms", "99999999999"}}, 3600},
                 {{{"retry-after-ms", "-5"}}, 0},
                 {{{"retry-after-ms", "nan"}}, 0},
             })
            for (const int status : {429, 503}) {
                CAPTURE(std::string(wire->name()));
                CAPTURE(std::string(row.headers.get("retry-after")));
                CAPTURE(std::string(row.headers.get("retry-after-ms")));
                CHECK(refusal(*wire, status, R"({"error":{"message":"slow"}})", row.headers)
                          .retry_after_seconds == row.seconds);
            }
}

TEST_CASE("an error instead of an answer has its own status, streaming and non-streaming") {
    struct Row {
        const char* body;
        int status;
        const char* reason;
    };
    for (const Wire* wire : wires())
        for (const Row& row : std::initializer_list<Row>{
                 {R"({"error":{"message":"busy","code":429}})", 429, "busy"},
                 {R"({"error":{"message":"busy","code":"429"}})", 429, "busy"},
                 {R"({"error":{"message":"slow down","type":"rate_limit_error"}})", 429, "slow down"},
                 {R"({"error":{"message":"slow down","code":"rate_limit_exceeded"}})", 429, "slow down"},
                 {R"({"error":{"message":"down","code":503}})", 503, "down"},
                 {R"({"error":{"message":"down","type":"overloaded_error"}})", 503, "down"},
                 {R"({"error":{"message":"late","code":504}})", 504, "late"},
                 {R"({"error":{"message":"prompt is too long: 9000 tokens"}})", 400, "too long"},
                 {R"({"error":{"message":"x","type":"exceed_context_size_error","n_ctx":8192}})", 400, ""},
                 {R"({"error":{"message":"odd","code":400,"metadata":{"raw":"{\"message\":\"inner\"}"}}})",
                  400, "inner"},
                 {R"({"error":"a text"})", 502, "a text"},
                 {R"({"error":["listed"]})", 502, "listed"},
                 {R"({"detail":"by FastAPI"})", 502, "by FastAPI"},
                 {R"({"message":"Too many requests","code":429})", 429, "Too many requests"},
             }) {
            CAPTURE(std::string(wire->name()));
            CAPTURE(std::string(row.body));
            const std::string status = "error " + std::to_string(row.status) + ": ";
            for (const std::string& found : {whole(*wire, row.body), streamed(*wire, wire->frame(row.body)),
                                             streamed(*wire, wire->text("a") + wire->frame(row.body)),
                                             streamed(*wire, wire->text("a") + wire->frame(row.body) +
                                                                 wire->finish("stop") + wire->stop())}) {
                CHECK_MESSAGE(found.starts_with(status), found);
                CHECK_MESSAGE(has(found, row.reason), found);
            }
        }
}

TEST_CASE("a message of success next to an answer is not an error, streaming and non-streaming") {
    for (const Wire* wire : wires())
        for (const char* beside :
             {R"("code":0,"sid":"cha1","msg":"Success")", R"("code":200,"detail":"ok")",
              R"("base_resp":{"status_code":0,"status_msg":"success"})", R"("error":null)", R"("error":{})",
              R"("error":"")", R"("error":false)", R"("error":[])", R"("errors":[])",
              R"("error":{"message":null,"type":null,"code":null})", R"("error":{"message":"","code":0})"}) {
            CAPTURE(std::string(wire->name()));
            CAPTURE(std::string(beside));
            auto with = [&](std::string json) {
                return json.insert(json.find('{') + 1, std::string(beside) + ",");
            };
            CHECK(whole(*wire, with(wire->whole("a", "stop"))) == "a | stop");
            CHECK(streamed(*wire, with(wire->text("a")) + with(wire->text("b")) + with(wire->finish("stop")) +
                                      wire->stop()) == "ab | stop");
        }
}
