// SPDX-License-Identifier: Apache-2.0
// The keys of the jwt authenticator: rotation, sources that fail or send malformed keys,
// waiting requests, concurrent threads.
#include "tests/plugins/auth/jwt/jwt_fixture.hpp"
#include "tests/plugins/auth/temporary_folder.hpp"

#include <atomic>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::testing;
using namespace std::chrono_literals;

namespace {

const std::string later = R"({"iss":"https://issuer.test","aud":"gatehouse","sub":"alice","exp":1900000000})";
const std::string dead = "503: tokens cannot be checked at the moment";

struct Waiting {
    std::optional<Result<Identity>> out;
    http::RequestHead head;
    Waiting(Authenticator& authenticator, const std::string& token) : head(showing(token)) {
        authenticator.authenticate(head, into(out));
    }
    std::string answer() const { return out ? shown(*out) : "waits"; }
};

}  // namespace

TEST_CASE_FIXTURE(JwtFixture, "a request waits for the first keys unless its token is wrong in any case") {
    const Issuer issuer("EdDSA", "a");
    auto authenticator = this->authenticator();
    REQUIRE(host.pending.size() == 1);
    CHECK(host.fetched[0].total_timeout == 5s);
    const Waiting first(*authenticator, issuer.token(later)), second(*authenticator, issuer.token(later));
    CHECK(first.answer() == "waits");
    CHECK(who(*authenticator, std::string("no.such.token")).starts_with("no: "));
    CHECK(who(*authenticator, issuer.token(R"({"iss":"other"})")) == "no: its \"iss\" is not the issuer");
    host.reply(response(200, issuer.set()));
    CHECK(first.answer() == "alice");
    CHECK(second.answer() == "alice");
    CHECK(host.fetched.size() == 1);
}

TEST_CASE_FIXTURE(JwtFixture, "clients receive 503 and the log has advice until the first keys arrive") {
    const Issuer issuer("EdDSA", "a");
    host.answer = [](const auto&) { return refused_connection(); };
    auto authenticator = this->authenticator();
    CHECK(host.has_logged(
        "error: no token keys, clients with a token receive 503; check jwks_url or jwks_file and the route "
        "to it keys=https://issuer.test/keys reason="));
    const Waiting early(*authenticator, issuer.token(later));
    CHECK(early.answer() == dead);
    CHECK(early.out->error().retry_after_seconds == 5);
    CHECK(who(*authenticator, std::string("sk-other-door")) == "no: it is not a JWT of three parts");
    for (const auto& bad :
         {response(500, "oops"), response(200, "<html>"), response(302), response(200, R"({"keys":[]})")}) {
        host.answer = [&](const auto&) { return bad; };
        host.logged.clear();
        host.advance(61s);
        CHECK(host.has_logged("error: no token keys"));
    }
    CHECK(host.fetched.size() < 30);  // at growing intervals
    host.answer = [&](const auto&) { return response(200, issuer.set()); };
    host.advance(60s);
    CHECK(host.has_logged("info: token keys refreshed after failures keys=https://issuer.test/keys count=1"));
    CHECK(who(*authenticator, issuer.token(later)) == "alice");
    CHECK(host.timers() == 1);
}

TEST_CASE_FIXTURE(JwtFixture,
                  "an unknown key causes one fetch a minute, and its request waits for the keys") {
    const Issuer old("EdDSA", "old"), fresh("EdDSA", "new"), stranger("EdDSA", "strange");
    auto authenticator = authenticator_with(old.set());
    host.answer = nullptr;
    CHECK(who(*authenticator, old.token(later)) == "alice");
    const Waiting rotated(*authenticator, fresh.token(later)), other(*authenticator, stranger.token(later));
    CHECK(rotated.answer() == "waits");
    CHECK(who(*authenticator, old.token(later)) == "alice");  // does not wait
    REQUIRE(host.pending.size() == 1);
    host.reply(response(200, R"({"keys":[)" + old.jwk() + "," + fresh.jwk() + "]}"));
    CHECK(rotated.answer() == "alice");
    CHECK(other.answer() == "no: no key of the issuer has signed it");
    for (int i = 0; i < 100; ++i)
        CHECK(who(*authenticator, stranger.token(later)) == "no: no key of the issuer has signed it");
    CHECK(host.fetched.size() == 2);
    host.advance(60s);
    const Waiting again(*authenticator, stranger.token(later));
    CHECK(host.fetched.size() == 3);
    host.reply(refused_connection());
    CHECK(again.answer() == "no: no key of the issuer has signed it");
    CHECK(who(*authenticator, old.token(later)) == "alice");
}

TEST_CASE_FIXTURE(JwtFixture, "a key that left the set authenticates no client, not even a cached token") {
    const Issuer old("EdDSA", "old"), fresh("EdDSA", "new");
    auto authenticator = authenticator_with(R"({"keys":[)" + old.jwk() + "," + fresh.jwk() + "]}");
    CHECK(who(*authenticator, old.token(later)) == "alice");
    CHECK(who(*authenticator, fresh.token(later)) == "alice");
    host.answer = [&](const auto&) { return response(200, fresh.set()); };
    host.advance(600s);
    CHECK(who(*authenticator, fresh.token(later)) == "alice");
    CHECK(who(*authenticator, old.token(later)) == "no: no key of the issuer has signed it");
}

TEST_CASE_FIXTURE(JwtFixture, "the old keys stay in use for max_stale_s if the source fails") {
    const Issuer issuer("EdDSA", "a");
    auto authenticator =
        authenticator_with(issuer.set(), table({{"max_stale_s", Value{std::int64_t{3600}}}}));
    host.answer = [](const auto&) { return response(502, "bad gateway"); };
    host.advance(3000s);
    CHECK(who(*authenticator, issuer.token(later)) == "alice");
    CHECK(
        host.has_logged("warning: token keys not refreshed, keeping the old keys until max_stale_s "
                        "keys=https://issuer.test/keys reason=it responded with 502"));
    host.advance(601s);
    CHECK(who(*authenticator, issuer.token(later)) == dead);
}

TEST_CASE_FIXTURE(JwtFixture, "the plugin reads a key file again when it changes") {
    TemporaryFolder folder;
    const Issuer one("EdDSA", "a"), two("EdDSA", "b");
    const std::string file = folder.write("keys.json", one.set());
    auto from_file = [](const std::string& path) {
        return table({{"jwks_url", Value{std::string()}}, {"jwks_file", Value{path}}});
    };
    auto authenticator = this->authenticator(from_file(file));
    CHECK(who(*authenticator, one.token(later)) == "alice");
    folder.write("keys.json", R"({"keys":[)" + one.jwk() + "," + two.jwk() + "]}");
    host.advance(10s);
    CHECK(who(*authenticator, two.token(later)) == "alice");
    folder.write("keys.json", "");
    host.advance(10s);
    CHECK(who(*authenticator, two.token(later)) == "alice");
    CHECK(host.has_logged("warning: token keys not refreshed, keeping the old keys until max_stale_s keys=" +
                          file + " reason=it is not a JSON object or repeats a name"));
    CHECK(host.fetched.empty());
    CHECK(error(from_file("/nowhere")) ==
          "jwks_file: cannot use the keys in /nowhere: No such file or directory");
    CHECK(error(from_file(folder.write("bad", "{}"))).ends_with("bad: it has no list \"keys\""));
}

TEST_CASE_FIXTURE(JwtFixture, "a destroyed instance drops its waiting requests and does not use the host") {
    const Issuer issuer("EdDSA", "a");
    auto authenticator = this->authenticator();
    const Waiting waiting(*authenticator, issuer.token(later));
    authenticator.reset();
    CHECK(waiting.answer() == "500: internal error");
    host.reply(response(200, issuer.set()));
    CHECK(host.timers() == 0);
}

TEST_CASE("many threads check tokens while the keys change") {
    // A host with a fixed clock that responds at once, on the calling thread.
    class Threads final : public Host {
    public:
        std::string keys;
        std::function<void()> timer;
        std::chrono::system_clock::time_point now() const override {
            return std::chrono::system_clock::time_point(std::chrono::seconds(test_time));
        }
        const Limits& limits() const override { return limits_; }
        void fetch(http::Request, Completion<http::Response> done) override { done(response(200, keys)); }
        void after(std::chrono::milliseconds, std::function<void()> task) override {
            timer = std::move(task);
        }
        void run(std::function<void()> task) override { task(); }

    private:
        void write_log(Level, std::string_view, LogFields) override {}
        Limits limits_;
    } host;
    const Issuer one("EdDSA", "a"), two("ES256", "b");
    host.keys = R"({"keys":[)" + one.jwk() + "," + two.jwk() + "]}";
    auto made = create<Authenticator>(gatehouse_plugin, JwtFixture::table(), host);
    REQUIRE(made);
    std::atomic<int> good = 0, bad = 0;
    const std::string tokens[] = {one.token(later), two.token(later), one.token(later).substr(0, 100), "x"};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 100; ++round)
                for (const std::string& token : tokens) {
                    const auto head = showing(token);
                    (*made)->authenticate(head, Completion<Identity>([&](const Result<Identity>& who) {
                                              ++(who ? good : bad);
                                          }));
                }
        });
    for (int i = 0; i < 50; ++i) std::exchange(host.timer, nullptr)();
    for (std::thread& thread : threads) thread.join();
    CHECK(good == 800);
    CHECK(bad == 800);
}
