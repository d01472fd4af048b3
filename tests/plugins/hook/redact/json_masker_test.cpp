// SPDX-License-Identifier: Apache-2.0
// JSON stays valid: decoded strings are masked for any escapes and cuts.
#include "plugins/hook/redact/json_masker.hpp"
#include "secrets.hpp"
#include "tests/json.hpp"

#include <gatehouse/json_writer.hpp>

using namespace gatehouse::redact;
using namespace gatehouse::redact::testing;
using Json = nlohmann::ordered_json;

namespace {

std::string fed_json(const Rules& rules, const std::vector<std::string_view>& pieces) {
    Tally tally(rules.names().size());
    std::string out;
    JsonMasker masker(rules, tally);
    for (const std::string_view piece : pieces) masker.feed(piece, out);
    masker.finish(out);
    return out;
}

std::string whole(const Rules& rules, std::string_view json) {
    Tally tally(rules.names().size());
    return masked_json(rules, tally, json);
}

std::string inside(const std::string& quoted) { return quoted.substr(1, quoted.size() - 2); }

/// Removes and returns the first character of `text`, which is UTF-8.
std::string first_of(std::string_view& text) {
    const std::string one(text.substr(0, gatehouse::detail::utf8_length(text)));
    text.remove_prefix(one.size());
    return one;
}

/// `text` as a JSON string with randomly escaped characters.
std::string written(std::string_view text, std::mt19937& random) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::string one = first_of(text);
        const std::string plain = Json(one).dump(), ascii = Json(one).dump(-1, ' ', true);
        char escape[8];
        std::snprintf(escape, sizeof escape, random() % 2 ? "\\u%04x" : "\\u%04X",
                      static_cast<unsigned char>(one[0]));
        if (one == "/" && random() % 2)
            out += "\\/";
        else if (one.size() == 1 && random() % 4 == 0)
            out += escape;
        else
            out += inside(random() % 2 ? plain : ascii);
    }
    return out + '"';
}

}  // namespace

TEST_CASE("text without a secret is unchanged byte for byte") {
    const Rules all = rules();
    for (const char* json :
         {R"({"a":"x","b":[1,2.5e-3,true,null,{}],"c":"\u00e9\/\"\\\n\ud83d\ude00 \ud83d \udc00 \u0000"})",
          "{}", "[]", "\"plain\"", "  { \"a\" : 1 }\n ", "-12.5", "true", "", "{\"a\":", "{\"a\":\"b\\",
          "{\"a\":\"b\\u12", "{\"a\":\"\\ud83d\\", "{\"a\":\"\\ud83d\\u00",
          "{\"a\":\"\\x\\ud83d\\n\\ud83d\\ud83dx\"}", "not JSON at all", "[[[[", "{\"a\":\"\xff\"}", "{,}",
          "\"\\uZZZZ\\u12G\""}) {
        CAPTURE(json);
        CHECK(whole(all, json) == json);
        CHECK(fed_json(all, bytes_of(json)) == json);
    }
}

TEST_CASE("secrets in values, keys, numbers and nested values are masked") {
    const Rules all = rules();
    CHECK(
        whole(
            all,
            R"({"to":"bob@example.com","list":[{"n":4111111111111111}, 4111111111111111 ,-4111111111111111]})") ==
        R"({"to":"[email]","list":[{"n":"[card]"}, "[card]" ,"-[card]"]})");
    CHECK(whole(all, R"({"bob@example.com":"x"})") == R"({"[email]":"x"})");
    CHECK(whole(all, R"({"a":"bob\u0040example.com \u00e9"})") == R"({"a":"[email] \u00e9"})");
    CHECK(whole(all, R"(["-----BEGIN PRIVATE KEY-----\nMIIE\n\/x==\n-----END PRIVATE KEY-----\n"])") ==
          R"(["[private_key]\n"])");
    CHECK(whole(all, R"({"inner":"{\"mail\":\"bob@example.com\",\"x\":1}"})") ==
          R"({"inner":"{\"mail\":\"[email]\",\"x\":1}"})");
    CHECK(whole(rules("<\"{name}\"\n>"), R"(["bob@example.com"])") == R"(["<\"email\"\n>"])");
}

TEST_CASE("a secret is masked with any escapes and cuts, and the other text keeps its meaning") {
    const Rules all = rules();
    std::mt19937 random(5);
    for (int round = 0; round < 40; ++round)
        for (const auto& [name, secret] : secrets()) {
            const std::string text = "Say \u4e16 \U0001F600: " + secret + " \u00e9 \"end\"\n";
            const std::string json =
                "{\"a\": [" + written(text, random) + ", 1], \"b\":" + written(secret, random) + "}";
            REQUIRE(Json::parse(json)["a"][0] == text);
            CAPTURE(json);
            const std::string out = fed_json(all, round ? random_pieces(json, random) : bytes_of(json));
            CAPTURE(out);
            const Json parsed = Json::parse(out, nullptr, false);
            REQUIRE(parsed["a"][0] == "Say \u4e16 \U0001F600: [" + name + "] \u00e9 \"end\"\n");
            REQUIRE(parsed["b"] == "[" + name + "]");
            REQUIRE(out == whole(all, json));
        }
}

TEST_CASE("a cut at any byte does not change the result") {
    const Rules all = rules();
    std::mt19937 random(6);
    for (const auto& [name, secret] : secrets()) {
        const std::string json =
            "{\"a\":" + written(secret + " x", random) + ",\"n\":4111111111111111,\"e\":\"\\ud83d\\ude00\"}";
        const std::string expected = whole(all, json);
        CHECK(Json::parse(expected)["a"] == "[" + name + "] x");
        for (std::size_t cut = 0; cut <= json.size(); ++cut)
            REQUIRE(fed_json(all, {std::string_view(json).substr(0, cut),
                                   std::string_view(json).substr(cut)}) == expected);
    }
}

TEST_CASE("a model's output that is not JSON is masked as text") {
    const Rules all = rules();
    CHECK(fed_json(all, bytes_of("write to bob@example.com, \"please\"")) == "write to [email], \"please\"");
    CHECK(fed_json(all, bytes_of("{to: bob@example.com}")) == "{to: \"[email]\"}");
    CHECK(fed_json(all, bytes_of("{\"a\": 4111 1111 1111 1111 }")) == "{\"a\": \"[card]\" }");
    CHECK(fed_json(all, bytes_of("{\"a\":\"bob@example.com")) == "{\"a\":\"[email]");
    const std::string no_number = "[" + std::string(100'000, '7') + " bob@example.com";
    CHECK(fed_json(all, {no_number}) == "[" + std::string(100'000, '7') + " [email]");
}

TEST_CASE("data: URLs are bytes, not text") {
    const Rules all = rules();
    const std::string image = "data:image/png;base64,AKIAIOSFODNN7EXAMPLE4111111111111111==";
    CHECK(whole(all, "{\"url\":\"" + image + "\",\"b\":\"bob@example.com\"}") ==
          "{\"url\":\"" + image + "\",\"b\":\"[email]\"}");
    CHECK(whole(all, "[\"data:bob@example.com;base64,AAAA\", \"data:,bob@example.com\"]") ==
          "[\"data:[email];base64,AAAA\", \"data:,[email]\"]");
    CHECK(whole(all, "[\"data:text/plain;base64,AAAA bob@example.com\"]") ==
          "[\"data:text/plain;base64,AAAA [email]\"]");
}

TEST_CASE("random texts give the same result as JSON strings and as texts") {
    const Rules all = rules();
    std::mt19937 random(8);
    for (int round = 0; round < 300; ++round) {
        std::string text = random_text(random);
        for (const char* broken : {"\xff", "\xe4\xb8"})
            for (std::size_t at = 0;
                 (at = text.find(broken, at)) != std::string::npos && text.compare(at, 3, "\u4e16");)
                text.erase(at, std::string_view(broken).size());
        const Json value(text);
        std::string json;
        try {
            json = value.dump();
        } catch (const Json::exception&) {
            continue;
        }
        Tally tally(all.names().size());
        CAPTURE(json);
        const Json out = Json::parse(fed_json(all, random_pieces(json, random)), nullptr, false);
        REQUIRE(out == masked(all, tally, text));
    }
}
