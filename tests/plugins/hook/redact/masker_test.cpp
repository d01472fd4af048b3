// SPDX-License-Identifier: Apache-2.0
// One text in pieces: no planted secret passes, and the cuts do not change the result.
#include "secrets.hpp"

#include <re2/re2.h>

#include <chrono>
#include <stdexcept>

using namespace gatehouse::redact;
using namespace gatehouse::redact::testing;

namespace {

std::string whole(const Rules& rules, std::string_view text) {
    Tally tally(rules.names().size());
    return masked(rules, tally, text);
}

/// The output after `text` was fed, and the number of delayed bytes.
std::pair<std::string, std::size_t> so_far(const Rules& rules, std::string_view text) {
    Tally tally(rules.names().size());
    std::string out;
    TextOutput output(out);
    Masker masker(rules, tally);
    for (const std::string_view piece : bytes_of(text)) masker.feed(piece, output);
    return {out, masker.held()};
}

}  // namespace

TEST_CASE("each secret is masked alone, at the beginning, at the end and within a sentence") {
    const Rules all = rules();
    for (const Secret& secret : secrets()) {
        const std::string &name = secret.name, &text = secret.text;
        CAPTURE(text);
        const std::string mask = "[" + name + "]";
        CHECK(whole(all, text) == mask);
        CHECK(whole(all, text + " is it") == mask + " is it");
        CHECK(whole(all, "It is " + text) == "It is " + mask);
        CHECK(whole(all, "Is it (" + text + ")?") == "Is it (" + mask + ")?");
        CHECK(whole(all, "\"" + text + "\"") == "\"" + mask + "\"");
        CHECK(whole(all, "\u4e16\u754c:" + text + "\u4e16\u754c") == "\u4e16\u754c:" + mask + "\u4e16\u754c");
    }
}

TEST_CASE("a secret is masked if a stream is cut in two at any byte, or at every byte") {
    const Rules all = rules();
    for (const auto& [name, secret] : secrets()) {
        const std::string text = "Say: " + secret + " \u4e16 twice: " + secret + ".";
        const std::string expected = "Say: [" + name + "] \u4e16 twice: [" + name + "].";
        for (std::size_t cut = 0; cut <= text.size(); ++cut)
            REQUIRE(fed(all, {std::string_view(text).substr(0, cut), std::string_view(text).substr(cut)}) ==
                    expected);
        CHECK(fed(all, bytes_of(text)) == expected);
    }
}

TEST_CASE("adjacent secrets are masked separately") {
    const Rules all = rules();
    for (const auto& first : secrets())
        for (const auto& second : secrets())
            for (const char* between : {" ", ", ", "\n", "|"}) {
                const std::string text = first.text + between + second.text;
                const std::string out = fed(all, bytes_of(text));
                CAPTURE(text);
                CAPTURE(out);
                CHECK(out.find(first.text) == std::string::npos);
                CHECK(out.find(second.text) == std::string::npos);
                CHECK(out == whole(all, text));
            }
    CHECK(whole(all, "AKIAIOSFODNN7EXAMPLEAKIAIOSFODNN7EXAMPL2") == "[aws_key][aws_key]");
    CHECK(whole(all, "4111 1111 1111 1111 5500 0000 0000 0004") == "[card] [card]");
    CHECK(whole(all, pem + pem) == "[private_key][private_key]");
}

TEST_CASE("a random text gives the same result in random pieces and in one piece") {
    const Rules all = rules();
    std::mt19937 random(1);
    for (int round = 0; round < 1'000; ++round) {
        const std::string text = random_text(random);
        const std::string expected = whole(all, text);
        CAPTURE(text);
        REQUIRE(fed(all, random_pieces(text, random)) == expected);
        REQUIRE(fed(all, bytes_of(text)) == expected);
        REQUIRE(fed(all, {text}) == expected);
    }
}

// The definition: the union of the longest matches from each position.
std::string by_definition(const std::vector<std::string>& regexes, const std::string& text) {
    std::string out;
    std::size_t covered = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::size_t end = 0;
        for (const std::string& regex : regexes) {
            re2::RE2::Options options;
            options.set_longest_match(true);
            re2::StringPiece found;
            if (re2::RE2(regex, options).Match(text, at, text.size(), re2::RE2::ANCHOR_START, &found, 1) &&
                !found.empty())
                end = std::max(end, at + found.size());
        }
        if (end > 0 && at >= covered) out += "#";
        covered = std::max(covered, end);
        if (at >= covered) out += text[at];
    }
    return out;
}

TEST_CASE("random expressions mask as defined for any cuts of the text") {
    std::mt19937 random(12);
    auto piece = [&](auto&& self, int depth) -> std::string {
        const auto kind = random() % (depth > 3 ? 5 : 9);
        if (kind < 3) return std::string(1, static_cast<char>('a' + random() % 3));
        if (kind == 3) return random() % 2 ? "[ab]" : "\\b";
        if (kind == 4) return random() % 3 ? "c" : random() % 2 ? "$" : "(?m:^)";
        if (kind == 5) return "(?:" + self(self, depth + 1) + "|" + self(self, depth + 1) + ")";
        if (kind == 6)
            return "(" + self(self, depth + 1) + ")" +
                   std::vector<std::string>{"*", "+", "?", "{2}", "{2,}"}[random() % 5];
        return self(self, depth + 1) + self(self, depth + 1);
    };
    int used = 0;
    for (int round = 0; round < 120; ++round) {
        std::vector<std::string> regexes;
        Rules some;
        for (std::size_t i = 0; i <= random() % 3; ++i) {
            const std::string regex = piece(piece, 0);
            try {
                some.add("p" + std::to_string(i), regex);
                regexes.push_back(regex);
            } catch (const std::invalid_argument&) {  // it matches the empty text
            }
        }
        if (regexes.empty()) continue;
        some.finish("#");
        ++used;
        for (int i = 0; i < 10; ++i) {
            std::string text;
            for (std::size_t size = random() % 30; size > 0; --size) text += "aabbcc \n"[random() % 8];
            const std::string expected = by_definition(regexes, text);
            CAPTURE(regexes.front());
            CAPTURE(text);
            REQUIRE(whole(some, text) == expected);
            REQUIRE(fed(some, bytes_of(text)) == expected);
            REQUIRE(fed(some, random_pieces(text, random, 5)) == expected);
        }
    }
    CHECK(used > 100);
}

TEST_CASE("one mask with the name of the first match replaces overlapping matches") {
    Rules some;
    some.add("ab", "ab+");
    some.add("bc", "bc+");
    some.add("word", "xx[a-z]{2}");
    some.finish("<{name}>");
    CHECK(whole(some, "-abbcc-") == "-<ab>-");
    CHECK(whole(some, "-abc-bc-") == "-<ab>-<bc>-");
    CHECK(whole(some, "xxaxxbcy") == "<word>y");  // xxax, xxbc: overlapping matches of the same pattern
    CHECK(fed(some, bytes_of("xxaxxbcy")) == "<word>y");
    CHECK(whole(some, "xxxxxxab") == "<word>");
    Tally tally(some.names().size());
    CHECK(masked(some, tally, "-abbcc-") == "-<ab>-");
    CHECK(tally.masked == std::vector<std::uint64_t>{1, 0, 0});
    CHECK(tally.found == std::vector<bool>{true, true, false});
}

TEST_CASE("all words except the last are sent at once") {
    const Rules all = rules();
    CHECK(so_far(all, "The quick brown fox ").second == 0);
    CHECK(so_far(all, "The quick brown fox").first == "The quick brown ");
    CHECK(so_far(all, "The quick brown fox, ").second == 0);
    CHECK(so_far(all, "1. One\n2. Two!").second == 0);
    CHECK(so_far(all, "\u4f60\u597d\uff0c\u4e16\u754c").second == 0);
    CHECK(so_far(all, "In 1984 ").first == "In ");  // may begin a card number
    CHECK(so_far(all, "In 1984 we").first == "In 1984 ");
    CHECK(so_far(all, "the bearer of ").second == 0);
    CHECK(so_far(all, std::string(100, 'x')).second <= 64);  // too long for the name of an address
}

TEST_CASE("text that only resembles a secret is unchanged") {
    const Rules all = rules();
    for (const char* text : {"4111111111111112",
                             "41111111111111111111",
                             "0000000000000000",
                             "1234 5678",
                             "a@b",
                             "@example.com",
                             "me@localhost",
                             "task-force-management-2024",
                             "eyJ",
                             "the bearer certificates",
                             "bearer of good news",
                             "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                             "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
                             "2024-05-17 12:30:00",
                             "AKIA",
                             "sk-short",
                             "door code: ",
                             "B-12345-x",
                             "xB-1234-x",
                             "B-1234-xy"}) {
        CHECK(whole(all, text) == text);
        CHECK(fed(all, bytes_of(text)) == text);
    }
}

TEST_CASE("a private key without its END line is masked to the end of the text") {
    const Rules all = rules();
    const std::string cut = pem.substr(0, 90);
    CHECK(fed(all, bytes_of("Key:\n" + cut)) == "Key:\n[private_key]");
    CHECK(
        fed(all,
            bytes_of(
                "{\"key\": \"-----BEGIN PRIVATE KEY-----\\nMIIE\\nowIB\\n-----END PRIVATE KEY-----\\n\"}")) ==
        "{\"key\": \"[private_key]\\n\"}");
}

TEST_CASE("invalid UTF-8 passes unchanged, and secrets around it are masked") {
    const Rules all = rules();
    const std::string broken = "\xff\xfe \xe4\xb8 \xc3( \xf0\x9f\x91 \x80\x80\x80\x80 end\xe4";
    CHECK(fed(all, bytes_of(broken)) == broken);
    CHECK(fed(all, bytes_of(std::string("a\0b \0", 5))) == std::string("a\0b \0", 5));
    for (const auto& [name, secret] : secrets())
        for (const std::string around : {"\xff", "\xe4\xb8", "\x80", "\xf0\x9f\x91"}) {
            const std::string text = around + secret + " " + around;
            CHECK(fed(all, bytes_of(text)) == around + "[" + name + "] " + around);
        }
}

TEST_CASE("a character that is split over two pieces stays complete") {
    const Rules all = rules();
    CHECK(so_far(all, "gr\xc3").first == "");
    CHECK(so_far(all, "\xe4\xb8").first == "");
    CHECK(so_far(all, "\xe4\xb8\x96").first == "\u4e16");
}

TEST_CASE("a secret that continues after release() is masked from there") {
    const Rules all = rules();
    for (const auto& [name, secret] : secrets())
        for (std::size_t cut = 1; cut < secret.size(); ++cut) {
            Tally tally(all.names().size());
            std::string out;
            TextOutput output(out);
            Masker masker(all, tally);
            masker.feed("It is " + secret.substr(0, cut), output);
            masker.release(output);
            masker.feed(secret.substr(cut) + " and " + secret + ".", output);
            masker.finish(output);
            CAPTURE(out);
            CHECK(out.find(secret) == std::string::npos);
            CHECK(out.ends_with(" and [" + name + "]."));
        }
    // Text without secrets is not lost or repeated.
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        Tally tally(all.names().size());
        std::string out, text;
        TextOutput output(out);
        Masker masker(all, tally);
        for (int i = 0; i < 8; ++i) {
            const std::string piece =
                std::vector<std::string>{"wo", "rd ", "12", "me@", "-", "\u4e16", "b-"}[random() % 7];
            text += piece;
            masker.feed(piece, output);
            if (random() % 2) masker.release(output);
        }
        masker.finish(output);
        if (whole(all, text) == text) CHECK(out == text);
    }
}

TEST_CASE("endless digits, incomplete addresses and long words use little time and memory") {
    const Rules all = rules();
    struct Case {
        std::string unit;
        std::size_t piece;
    };
    for (const Case& one :
         {Case{"7", 1}, Case{"7", 1000}, Case{"a@", 1}, Case{"a@", 4096}, Case{"a@a.co-", 64}, Case{"eyJ", 7},
          Case{"eyJaaaaaaaaa.", 512}, Case{"-----BEGIN PRIVATE KEY-----", 512}, Case{"1 ", 16},
          Case{"Zz9/", 100}, Case{"sk-", 300}, Case{"door code: ", 64}, Case{"\xe2\x80", 3},
          Case{"4111 1111 1111 1111 ", 33}}) {
        const auto& unit = one.unit;
        const std::size_t piece = one.piece;
        std::string text;
        while (text.size() < 250'000) text += unit;
        if (piece == 1) text.resize(50'000);
        Tally tally(all.names().size());
        std::string out;
        TextOutput output(out);
        Masker masker(all, tally);
        std::size_t most = 0;
        const auto begin = std::chrono::steady_clock::now();
        for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
            masker.feed(rest.substr(0, piece), output);
            most = std::max(most, masker.held());
        }
        masker.finish(output);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        CAPTURE(unit);
        CAPTURE(piece);
        CHECK(most <= longest_secret + longest_secret / 64 + piece);
        CHECK(took.count() < 300);  // quadratic time would be many times as long
    }
}

TEST_CASE("a million digits stay unchanged, and a large body is masked in one call") {
    const Rules all = rules();
    const std::string digits(1'000'000, '7');
    CHECK(whole(all, digits) == digits);
    std::string text;
    while (text.size() < 3'000'000) text += "Some words of no interest, and then more of them. ";
    const std::string out = whole(all, text + pem + text + "alice@example.com");
    CHECK(out == text + "[private_key]" + text + "[email]");
}

TEST_CASE("a key of ordinary length is masked completely, and a longer key up to the limit") {
    const Rules all = rules();
    auto key = [](std::size_t lines) {
        std::string text = "-----BEGIN PRIVATE KEY-----\n";
        for (std::size_t i = 0; i < lines; ++i) text += std::string(64, 'A' + i % 26) + "\n";
        return text + "-----END PRIVATE KEY-----";
    };
    const std::string rsa_16384 = key(200);
    CHECK(fed(all, bytes_of("x " + rsa_16384 + " y")) == "x [private_key] y");
    std::mt19937 random(1);
    const std::string out = fed(all, random_pieces(key(2000), random, 40));
    CHECK(out.starts_with("[private_key]"));
    CHECK(out.find(std::string(64, 'A') + "\n" + std::string(64, 'B') + "\n" + std::string(64, 'C')) > 0);
}
