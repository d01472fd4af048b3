// SPDX-License-Identifier: Apache-2.0
// Code that the providers share.  Each provider has tests of its own use.
#include <gatehouse/base_url.hpp>
#include <gatehouse/retry_after.hpp>
#include "plugins/common/json/extras.hpp"
#include "plugins/common/upstream/choices.hpp"
#include "plugins/common/upstream/half_characters.hpp"
#include "plugins/common/upstream/http_exchange.hpp"
#include "plugins/common/upstream/learned_quirks.hpp"
#include "plugins/common/upstream/model_options.hpp"
#include "plugins/common/upstream/rfc3339.hpp"
#include "plugins/common/upstream/text_so_far.hpp"
#include "plugins/common/upstream/tool_names.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>
#include <zlib.h>

using namespace gatehouse;
using namespace gatehouse::upstream;

namespace {

/// Records the response.
class Parrot final : public HttpExchange {
public:
    explicit Parrot(Host& host) : HttpExchange(host, "the parrot") {}
    Result<std::optional<http::Request>> request() override {
        return std::optional(begin("GET", "http://x/"));
    }
    std::string kept() const { return document_; }
    std::string refusal() const { return error_body(); }

private:
    Result<void> on_end(EventSink& events) override {
        events.emit(TextDelta{document_});
        return {};
    }
    Error on_failure() override {
        return {ErrorKind::upstream, std::to_string(answer_head().status) + " " + error_body()};
    }
};

struct ModelKeys {
    std::optional<std::int64_t> max_tokens = {}, max_tokens_cap = {};
    std::string mark = {};
};

std::string mistake(const std::map<std::string, ModelKeys>& models) {
    try {
        ModelOptionsTable<ModelKeys> table(models);
    } catch (const KeyError& error) {
        return error.path + ": " + error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("a response is kept up to its limit, and discarded before the next request") {
    testing::FakeHost host;
    host.given_limits.max_answer_bytes = 10;
    Parrot parrot(host);
    const auto events = testing::replay(parrot, {"hello", "world"}, {.status = 201});
    REQUIRE(events);
    CHECK(testing::text(*events) == "helloworld");
    const auto more = testing::replay(parrot, {"hello", "world", "!"});
    REQUIRE(!more);
    CHECK(more.error().message == "the parrot's response is larger than max_response_bytes");
    CHECK(parrot.kept() == "helloworld");
    REQUIRE(parrot.request());
    CHECK(parrot.kept().empty());
}

namespace {

/// `text` compressed by zlib; `format` is its parameter: 31 gzip, 15 zlib, -15 raw deflate.
std::string compressed(const std::string& text, int format) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 32, '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

http::ResponseHead coded(const std::string& coding, int status = 200) {
    return {.status = status, .headers = {{"Content-Encoding", coding}}};
}

}  // namespace

TEST_CASE("a compressed body is decompressed, wherever it is cut") {
    testing::FakeHost host;
    const std::string text =
        "Gr\xC3\xBC\xC3\x9F"
        "e, " +
        std::string(200'000, 'x') + " and more";
    struct Row {
        const char* coding;
        int format;
    };
    for (const Row& row : {Row{"gzip", 31}, Row{"x-gzip", 31}, Row{"GZIP", 31}, Row{"", 31},
                           Row{"deflate", 15}, Row{"deflate", -15}}) {
        CAPTURE(row.coding);
        const std::string body = compressed(text, row.format);
        for (std::size_t cut = 0; cut <= body.size(); ++cut) {
            Parrot parrot(host);
            const std::string_view all = body;
            const auto events =
                testing::replay(parrot, {all.substr(0, cut), all.substr(cut)}, coded(row.coding));
            REQUIRE(events);
            REQUIRE(testing::text(*events) == text);
        }
    }
    const std::string two = compressed("one, ", 31) + compressed("two", 31);
    for (std::size_t cut = 0; cut <= two.size(); ++cut) {
        Parrot parrot(host);
        const std::string_view all = two;
        const auto events = testing::replay(parrot, {all.substr(0, cut), all.substr(cut)}, coded("gzip"));
        REQUIRE(events);
        REQUIRE(testing::text(*events) == "one, two");
    }
    // NUL bytes after a member are padding.
    const std::string padded = compressed("one", 31) + std::string(20, '\0');
    for (std::size_t cut = 0; cut <= padded.size(); ++cut) {
        CAPTURE(cut);
        Parrot parrot(host);
        const std::string_view all = padded;
        const auto events = testing::replay(parrot, {all.substr(0, cut), all.substr(cut)}, coded("gzip"));
        REQUIRE(events);
        REQUIRE(testing::text(*events) == "one");
    }
    for (const char* coding : {"identity", "", "gzip", "deflate"}) {
        Parrot parrot(host);
        const auto events = testing::replay(parrot, {"{}"}, coded(coding));
        if (std::string_view(coding) != "deflate") {
            REQUIRE(events);
            CHECK(testing::text(*events) == "{}");
        }
    }
}

TEST_CASE("a body that cannot be decompressed is an error, and never bytes") {
    testing::FakeHost host;
    std::string broken = compressed("hello", 31);
    broken[12] = '\x7f';
    for (const auto& [coding, body] :
         std::initializer_list<std::pair<const char*, std::string>>{{"br", "\x0b\x02\x80hello\x03"},
                                                                    {"zstd", "\x28\xb5\x2f\xfd"},
                                                                    {"gzip, br", "\x1f\x8b"},
                                                                    {"gzip", broken}}) {
        Parrot parrot(host);
        const auto events = testing::replay(parrot, {body}, coded(coding));
        REQUIRE(!events);
        CHECK(events.error().kind == ErrorKind::upstream);
        CHECK(events.error().message.find("content-encoding") != std::string::npos);
        Parrot refused(host);
        CHECK(!testing::replay(refused, {body}, coded(coding, 400)));
        CHECK(refused.refusal().empty());
    }
    Parrot small(host);
    CHECK(!testing::replay(small, {compressed("no such model", 31)}, coded("gzip", 400)));
    CHECK(small.refusal() == "no such model");
    // A small body that becomes large is limited.
    host.given_limits.max_answer_bytes = 1000;
    Parrot bomb(host);
    const auto events = testing::replay(bomb, {compressed(std::string(10'000'000, '0'), 31)}, coded("gzip"));
    REQUIRE(!events);
    CHECK(events.error().message == "the parrot's response is larger than max_response_bytes");
    Parrot refused(host);
    CHECK(!testing::replay(refused, {compressed(std::string(10'000'000, '0'), 31)}, coded("gzip", 400)));
    CHECK(refused.refusal().size() == 64 * 1024);
}

TEST_CASE("the beginning of an error body is kept") {
    testing::FakeHost host;
    Parrot parrot(host);
    const std::string piece(40'000, 'x');
    const auto events = testing::replay(parrot, {piece, piece, piece}, {.status = 500});
    REQUIRE(!events);
    CHECK(events.error().message == "500 " + std::string(65'536, 'x'));
    CHECK(parrot.kept().empty());
}

TEST_CASE("a retry-after of many digits is limited, with and without a fraction") {
    const std::chrono::system_clock::time_point now{};
    for (const std::string value :
         {"9223372036854775807", "9223372036854775807.5", "9223372036854775808.5", "3600.5"}) {
        CAPTURE(value);
        CHECK(retry_after_seconds(value, now) == 3600);
    }
    CHECK(retry_after_seconds("3599.5", now) == 3600);
    CHECK(retry_after_seconds("1.5", now) == 2);
}

TEST_CASE("a tool call of which only the id has come passes the joining of characters") {
    struct Sink final : EventSink {
        std::vector<Event> events;
        void emit(Event event) override { events.push_back(std::move(event)); }
    } sink;
    HalfCharacters halves;
    halves.emit(ToolCallDelta{0, "call_1", "", "", 0}, sink);
    halves.emit(ToolCallDelta{0, "", "", marked_half(0xD83D), 0}, sink);
    REQUIRE(sink.events.size() == 1);
    CHECK(std::get<ToolCallDelta>(sink.events[0]).id == "call_1");
}

TEST_CASE("a text is known again, however it was cut into pieces") {
    const std::string text = "Why is the sky blue, and why is it red?";
    for (std::size_t first = 0; first <= text.size(); ++first)
        for (std::size_t second = first; second <= text.size(); ++second) {
            TextSoFar so_far;
            so_far.add(text.substr(0, first));
            so_far.add(text.substr(first, second - first));
            so_far.add(text.substr(second));
            REQUIRE(so_far.is(text));
            REQUIRE(so_far.rest_of(text + " More.") == " More.");
        }
    for (std::size_t changed = 0; changed < text.size(); ++changed) {
        TextSoFar so_far;
        so_far.add(text);
        std::string other = text;
        other[changed] ^= 1;
        CHECK(!so_far.is(other));
        CHECK(!so_far.begins(other + "more"));
    }
}

TEST_CASE("choices are finished when each that was seen is, and each is closed once") {
    testing::Events events;
    Choices choices;
    CHECK(!choices.all_finished());
    choices.at(2).finish = FinishReason::length;
    CHECK(choices.all_finished());
    CHECK(!choices.seen(1));
    CHECK(!choices.seen(3));
    choices.at(0);
    CHECK(!choices.all_finished());
    CHECK(choices.first_unfinished() == 0);
    choices.finish_all(FinishReason::stop);
    CHECK(choices.all_finished());
    REQUIRE(choices.close(events));
    REQUIRE(choices.close(events));
    const auto finishes = testing::all<Finish>(events.list);
    REQUIRE(finishes.size() == 2);
    CHECK(finishes[0].choice == 0);
    CHECK(finishes[1].choice == 2);
    CHECK(finishes[1].reason == FinishReason::length);
}

TEST_CASE("a model's settings are those of its name, or of its longest prefix") {
    const ModelOptionsTable<ModelKeys> table({{"*", {.mark = "any"}},
                                              {"meta.*", {.mark = "meta"}},
                                              {"meta.llama-4*", {.mark = "llama 4"}},
                                              {"meta.llama-4", {.mark = "exact"}}});
    CHECK(table.find("meta.llama-4").mark == "exact");
    CHECK(table.find("meta.llama-4-scout").mark == "llama 4");
    CHECK(table.find("meta.llama-3").mark == "meta");
    CHECK(table.find("").mark == "any");
    CHECK(ModelOptionsTable<ModelKeys>({{"a", {.mark = "a"}}}).find("ab").mark == "");
    CHECK(
        mistake({{"a*b", {}}}) ==
        R"(models."a*b": must be a name, or a prefix with a star at its end; "*" alone matches every name)");
    CHECK(mistake({{"", {}}}) ==
          R"(models."": must be a name, or a prefix with a star at its end; "*" alone matches every name)");
    CHECK(mistake({{"m", {.max_tokens = 2, .max_tokens_cap = 1}}}) ==
          R"(models."m".max_tokens: max_tokens is larger than max_tokens_cap)");
}

TEST_CASE("invalid names are replaced and translated back") {
    ChatRequest request;
    for (const char* name : {"a.b", "a_b", "a-b", "1st", "", "\xC3\xA4_longer_one"}) {
        request.tools.emplace_back();
        request.tools.back().name = name;
    }
    const ToolNames names(request, {.signs = "_", .digit_first = false, .longest = 8});
    std::string sent;
    for (const Tool& tool : request.tools) {
        const std::string there(names.to_upstream(tool.name));
        sent += there + " ";
        CHECK(names.to_client(there) == tool.name);
    }
    CHECK(sent == "a_b_2 a_b a_b_3 _1st tool ___longe ");
    CHECK(names.free_name(request, "a.b") == "a_b_4");
    CHECK(names.to_upstream("unheard of") == "unheard of");

    CallIds ids({.signs = "-"});
    CHECK(ids.add("a-1") == "a-1");
    CHECK(ids.add("a-1") == "a-1_2");
    CHECK(ids.add("") == "call");
}

TEST_CASE("unknown members: the last of two counts, null is absent") {
    const JsonText text{R"({"a":1,"b":null,"a":{"x": [2]}})"};
    json::Extras extras(text);
    CHECK(extras.take("a") == R"({"x": [2]})");
    CHECK(extras.take("b") == "");
    CHECK(extras.all().size() == 2);
    CHECK(json::member_of(text, "a") == R"({"x": [2]})");
    CHECK(json::member_of(JsonText{"no JSON a"}, "a") == "");
}

TEST_CASE("times of RFC 3339") {
    CHECK(read_rfc3339("2025-02-19T00:00:00Z") == 1'739'923'200);
    CHECK(read_rfc3339("2025-02-19t01:30:00.123456+01:30") == 1'739'923'200);
    CHECK(read_rfc3339("2025-02-18 23:00:00-0100") == 1'739'923'200);
    for (std::string_view wrong : {"", "2025", "2025-02-30T00:00:00Z", "2025-02-19T24:00:00Z",
                                   "2025-02-19T00:60:00Z", "2025-02-19T00:00:61Z", "-025-02-19T00:00:00Z",
                                   "2025-2-19T00:00:00Z", "1969-12-31T23:59:59Z", "2025-02-19T00:00:00+1"}) {
        CAPTURE(wrong);
        CHECK(read_rfc3339(wrong) == 0);
    }
}

TEST_CASE("quirks are known for the model that has shown them only") {
    struct Seen {
        int value = 0;
        void add(const Seen& more) { value += more.value; }
    };
    upstream::LearnedQuirks<Seen> learned;
    CHECK(learned.about("a").value == 0);
    CHECK(learned.about("a", {7}).value == 7);
    learned.add("a", {1});
    learned.add("a", {2});
    CHECK(learned.about("a", {7}).value == 3);
    learned.set("a", {5});
    CHECK(learned.about("a").value == 5);
    CHECK(learned.about("b").value == 0);
}

TEST_CASE("a full table of quirks learns about known models only") {
    struct Seen {
        int value = 0;
    };
    upstream::LearnedQuirks<Seen> learned;
    for (int i = 0; i < 1001; ++i) learned.set("model" + std::to_string(i), {1});
    CHECK(learned.about("model999").value == 1);
    CHECK(learned.about("model1000").value == 0);
    learned.set("model0", {2});
    CHECK(learned.about("model0").value == 2);
}

TEST_CASE("a base URL must not be the URL of an operation") {
    const auto refusal = [](const std::string& url) -> std::string {
        try {
            (void)parse_base_url(url, "base_url", "base_url");
            return {};
        } catch (const KeyError& error) {
            return error.what();
        }
    };
    CHECK(refusal("http://127.0.0.1:1/v1/chat/completions") ==
          "base_url ends in /chat/completions, the path of an operation, which the gateway adds: give "
          "http://127.0.0.1:1/v1");
    for (const char* path : {"/v1/chat/completions/",
                             "/v1/completions",
                             "/v1/embeddings",
                             "/v1/models",
                             "/v1/rerank",
                             "/v2/rerank",
                             "/v1/responses",
                             "/v1/messages",
                             "/v1/moderations",
                             "/v1/files",
                             "/v1/images/generations",
                             "/v1/audio/speech",
                             "/v1/audio/transcriptions",
                             "/openai/v1/chat/completions",
                             "/openai/deployments/x/chat/completions",
                             "/api/chat",
                             "/v1beta/openai/chat/completions",
                             "/20231130/actions/chat",
                             "/V1/Chat/Completions",
                             "/chat/completions",
                             "/v2/chat",
                             "/v2/embed",
                             "/openai/models",
                             "/v1/messages/count_tokens",
                             "/20231130/actions/embedText"}) {
        CAPTURE(path);
        CHECK(refusal("https://h.example" + std::string(path)).find("the path of an operation") !=
              std::string::npos);
    }
    for (const char* path : {"", "/", "/v1", "/v1/", "/openai/v1", "/v1beta/openai", "/api/v1", "/models",
                             "/inference", "/anthropic", "/chat", "/20231130", "/openai/deployments/x",
                             "/serving-endpoints", "/my-completions", "/compatible-mode/v1"}) {
        CAPTURE(path);
        CHECK(refusal("https://h.example" + std::string(path)) == "");
    }
}
