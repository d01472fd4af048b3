// SPDX-License-Identifier: Apache-2.0
// A hard budget is never exceeded: its reservation covers the dearest parts and the longest prompts.
#include "tests/plugins/limiter/limited.hpp"

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

std::string left_of(const LimitDecision& decision) {
    return std::string(decision.standing.headers.get("x-gatehouse-budget-remaining"));
}

/// A hard budget of 1.00 of the client, with 1.00 for a million tokens of the prompt and nothing for the
/// response.
struct Priced : Limited {
    void price_with(std::vector<Entry> keys, std::vector<Entry> more = {}) {
        Table one{std::move(keys)};
        Table all{{{"budgets", tables({{{{"for", toml("key:*")}, {"amount", toml(1.0)}}}})},
                   {"prices", Value{Table{{{"oci/*", Value{one}}}}}}}};
        all.entries.insert(all.entries.end(), more.begin(), more.end());
        use(std::move(all));
    }
    /// The amount that the request reserves, in millionths.
    double reserved(Operation operation) {
        LimitDecision decision = decide(std::move(operation));
        REQUIRE(decision.grant);
        const double left = std::stod(left_of(decision));
        decision.grant->settle({});
        return (1.0 - left) * 1e6;
    }
};

Entry input(double price) { return {"input", toml(price)}; }
Entry output(double price) { return {"output", toml(price)}; }

}  // namespace

TEST_CASE_FIXTURE(Priced, "tokens that the upstream writes to its cache are reserved at their own price") {
    price_with({input(1), output(0)});
    const double plain = reserved(chat());
    price_with({input(1), {"cache_write_input", toml(1.25)}, output(0)});
    CHECK(reserved(chat()) == doctest::Approx(plain * 1.25));
    price_with({input(1), {"cached_input", toml(0.1)}, output(0)});
    CHECK(reserved(chat()) == doctest::Approx(plain));
}

TEST_CASE_FIXTURE(Priced, "reasoning is reserved at its own price") {
    price_with({input(0), output(1), {"reasoning_output", toml(4.0)}});
    CHECK(reserved(chat()) == doctest::Approx(400));
    LimitDecision decision = decide();
    Bill end = bill(100, 100);
    end.attempts[0].usage->reasoning = 100;
    decision.grant->settle(end);
    CHECK(left_of(decide()) == "0.9992 USD");
}

TEST_CASE_FIXTURE(Priced, "sound and images are reserved at their own prices if the request may have them") {
    price_with({input(1),
                {"audio_input", toml(40.0)},
                {"image_input", toml(2.0)},
                output(1),
                {"audio_output", toml(80.0)}});
    const double text = reserved(chat());
    ChatRequest sound = chat();
    sound.messages[0].parts.push_back(Audio{.data = std::string(4'000, 'A'), .format = "wav"});
    CHECK(reserved(sound) > (text - 100) * 40);
    ChatRequest spoken = chat();
    spoken.modalities = {R"(["text","audio"])"};
    CHECK(reserved(spoken) == doctest::Approx(text + 100 * 79));
    ChatRequest image = chat();
    image.messages[0].parts.push_back(Image{.url = "https://example.com/a.png"});
    CHECK(reserved(image) == doctest::Approx((text - 100 + 5'000) * 2 + 100));
}

TEST_CASE_FIXTURE(Priced, "a prompt may have as many tokens as bytes") {
    price_with({input(1), output(0)});
    for (const std::size_t bytes : {0, 1, 362, 4'000}) {
        const double most = reserved(chat(100, bytes));
        CHECK(most >= static_cast<double>(bytes));
        CHECK(most <= static_cast<double>(bytes) * 1.1 + 60);
    }
    ChatRequest tools = chat();
    tools.tools.push_back({.name = "f", .parameters = {"{\"type\":\"object\"}"}});
    CHECK(reserved(tools) > reserved(chat()) + 500);  // instructions of the provider
    CHECK(reserved(EmbeddingRequest{.inputs = {std::string(1'000, 'x')}}) >= 1'000);
    CHECK(reserved(RerankRequest{.query = "abcd", .documents = {std::string(100, 'x'), "y"}}) >= 4 * 3 + 101);
    CHECK(reserved(RawRequest{
              .operation = "moderations", .content_type = "application/json", .body = "{\"input\":\"x\"}"}) >=
          13);
}

TEST_CASE_FIXTURE(Priced, "max_prompt_tokens of the price limits the reservation") {
    price_with({input(1), output(0), {"max_prompt_tokens", toml(std::int64_t{500})}});
    CHECK(reserved(chat(100, 40'000)) >= 10'000);  // the estimate is larger
    CHECK(reserved(chat(100, 1'000)) == doctest::Approx(500));
}

TEST_CASE_FIXTURE(Priced, "a dearer tier is reserved if the prompt may reach it") {
    Table tier{{{"above_prompt_tokens", toml(std::int64_t{300})}, input(2), output(3)}};
    price_with({input(1), output(1), {"tiers", tables({tier})}});
    CHECK(reserved(chat(100, 100)) < 300);
    CHECK(reserved(chat(100, 400)) >= 400 * 2 + 300);
}

TEST_CASE_FIXTURE(Priced, "a file by its id counts as file_tokens") {
    price_with({input(1), output(0)}, {{"file_tokens", toml(std::int64_t{3'000})}});
    ChatRequest file = chat();
    file.messages[0].parts.push_back(File{.id = "file-1"});
    CHECK(reserved(file) > reserved(chat()) + 2'999);
    Bill left = bill(0, 0);
    left.attempts[0].usage.reset();
    decide(file).grant->settle(left);
    CHECK(std::stod(left_of(decide())) < 1.0 - 0.003);
    ChatRequest own = chat();
    own.messages[0].parts.push_back(File{.data = "data:text/plain;base64,aGVsbG8="});
    CHECK(reserved(own) < reserved(chat()) + 100);
}

TEST_CASE_FIXTURE(Priced, "an operation that only the provider knows has the default length") {
    price_with({input(0), output(1)}, {{"default_output_tokens", toml(std::int64_t{700})}});
    const RawRequest speech{.operation = "audio/speech", .content_type = "application/json", .body = "{}"};
    CHECK(reserved(speech) == doctest::Approx(700));
    RawRequest moderation = speech;
    moderation.operation = "moderations";
    CHECK(reserved(moderation) < 1);
    price_with({input(0), output(0), {"per_image", toml(0.04)}});
    const RawRequest three{
        .operation = "images/generations", .content_type = "application/json", .body = "{\"n\":3}"};
    CHECK(reserved(three) == doctest::Approx(120'000));
    Bill end = bill(0, 0);
    end.attempts[0].usage.reset();
    decide(three).grant->settle(end);
    CHECK(left_of(decide(three)) == "0.76 USD");
}

TEST_CASE_FIXTURE(Priced, "an operation that only the provider knows costs the usage that it reports") {
    price_with({input(1), output(10), {"image_output", toml(40.0)}, {"per_image", toml(0.01)}});
    const RawRequest two{
        .operation = "images/generations", .content_type = "application/json", .body = "{\"n\":2}"};
    Bill end = bill(50, 1'000);
    end.attempts[0].usage->completion_extra = {R"({"image_tokens":1000})"};
    auto grant = decide(two).grant;
    REQUIRE(grant);
    grant->settle(end);
    REQUIRE(grant->cost());
    CHECK(grant->cost()->nano == 50'000 + 40'000'000 + 20'000'000);
    CHECK_FALSE(grant->cost()->estimated);
}

TEST_CASE_FIXTURE(Priced, "the rest of a shared budget is not shown to its clients") {
    for (const char* scope : {"all", "model:*", "route:*"}) {
        use({{{"budgets", tables({{{{"for", toml(scope)}, {"amount", toml(0.002)}}}})},
              {"prices", Value{Table{{{"oci/*", Value{price(1, 10)}}}}}}}});
        who.name = scope;
        const LimitDecision first = decide();
        CHECK(left_of(first).empty());
        const Error refused = refusal();
        CHECK(refused.code == "insufficient_quota");
        CHECK(refused.message.find("used") == std::string::npos);
        CHECK(refused.message.find("does not cover this request, which may cost up to ") !=
              std::string::npos);
        CHECK(refused.message.ends_with(" USD; it renews at 2026-12-01T00:00:00Z"));
    }
}
