// SPDX-License-Identifier: Apache-2.0
// Where the keys of the jwt authenticator come from: rotation, sources that are dead or
// answer nonsense, requests that wait, many threads at once.
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
    Waiting(Authenticator& door, const std::string& token) : head(showing(token)) {
        door.authenticate(head, into(out));
    }
    std::string answer() const { return out ? shown(*out) : "waits"; }
};

}  // namespace

TEST_CASE_FIXTURE(JwtFixture, "a request waits for the first keys; what needs none does not") {
    const Issuer issuer("EdDSA", "a");
    auto door = this->door();
    REQUIRE(host.pending.size() == 1);
    CHECK(host.fetched[0].total_timeout == 5s);
    const Waiting first(*door, issuer.token(later)), second(*door, issuer.token(later));
    CHECK(first.answer() == "waits");
    CHECK(who(*door, std::string("no.such.token")).starts_with("no: "));
    CHECK(who(*door, issuer.token(R"({"iss":"other"})")) == "no: its \"iss\" is not the issuer");
    host.reply(response(200, issuer.set()));
    CHECK(first.answer() == "alice");
    CHECK(second.answer() == "alice");
    CHECK(host.fetched.size() == 1);
}

TEST_CASE_FIXTURE(JwtFixture,
                  "without any keys clients get 503, the log says what to do, and they come later") {
    const Issuer issuer("EdDSA", "a");
    host.answer = [](const auto&) { return refused_connection(); };
    auto door = this->door();
    CHECK(host.has_logged(
        "error: there are no keys to check tokens with: clients that show one get 503; look whether this is "
        "the issuer's URL or file, and can be reached from here keys=https://issuer.test/keys reason="));
    const Waiting early(*door, issuer.token(later));
    CHECK(early.answer() == dead);
    CHECK(early.out->error().retry_after_seconds == 5);
    CHECK(who(*door, std::string("sk-other-door")) == "no: it is not a JWT of three parts");
    for (const auto& bad :
         {response(500, "oops"), response(200, "<html>"), response(302), response(200, R"({"keys":[]})")}) {
        host.answer = [&](const auto&) { return bad; };
        host.logged.clear();
        host.advance(61s);
        CHECK(host.has_logged("error: there are no keys"));
    }
    CHECK(host.fetched.size() < 30);  // less and less often
    host.answer = [&](const auto&) { return response(200, issuer.set()); };
    host.advance(60s);
    CHECK(host.has_logged(
        "info: the keys of tokens have been read again keys=https://issuer.test/keys count=1"));
    CHECK(who(*door, issuer.token(later)) == "alice");
    CHECK(host.timers() == 1);
}

TEST_CASE_FIXTURE(JwtFixture,
                  "an unknown key makes us ask once a minute, and its token waits for the answer") {
    const Issuer old("EdDSA", "old"), fresh("EdDSA", "new"), stranger("EdDSA", "strange");
    auto door = door_with(old.set());
    host.answer = nullptr;
    CHECK(who(*door, old.token(later)) == "alice");
    const Waiting rotated(*door, fresh.token(later)), other(*door, stranger.token(later));
    CHECK(rotated.answer() == "waits");
    CHECK(who(*door, old.token(later)) == "alice");  // nobody else does
    REQUIRE(host.pending.size() == 1);
    host.reply(response(200, R"({"keys":[)" + old.jwk() + "," + fresh.jwk() + "]}"));
    CHECK(rotated.answer() == "alice");
    CHECK(other.answer() == "no: no key of the issuer has signed it");
    for (int i = 0; i < 100; ++i)
        CHECK(who(*door, stranger.token(later)) == "no: no key of the issuer has signed it");
    CHECK(host.fetched.size() == 2);
    host.advance(60s);
    const Waiting again(*door, stranger.token(later));
    CHECK(host.fetched.size() == 3);
    host.reply(refused_connection());
    CHECK(again.answer() == "no: no key of the issuer has signed it");
    CHECK(who(*door, old.token(later)) == "alice");
}

TEST_CASE_FIXTURE(JwtFixture,
                  "a key that is gone from the set lets nobody in any more, also who has come in before") {
    const Issuer old("EdDSA", "old"), fresh("EdDSA", "new");
    auto door = door_with(R"({"keys":[)" + old.jwk() + "," + fresh.jwk() + "]}");
    CHECK(who(*door, old.token(later)) == "alice");
    CHECK(who(*door, fresh.token(later)) == "alice");
    host.answer = [&](const auto&) { return response(200, fresh.set()); };
    host.advance(600s);
    CHECK(who(*door, fresh.token(later)) == "alice");
    CHECK(who(*door, old.token(later)) == "no: no key of the issuer has signed it");
}

TEST_CASE_FIXTURE(JwtFixture, "a dead source leaves the keys in place, but not for ever") {
    const Issuer issuer("EdDSA", "a");
    auto door = door_with(issuer.set(), table({{"max_stale_s", Value{std::int64_t{3600}}}}));
    host.answer = [](const auto&) { return response(502, "bad gateway"); };
    host.advance(3000s);
    CHECK(who(*door, issuer.token(later)) == "alice");
    CHECK(
        host.has_logged("warning: token keys not refreshed, keeping the old keys until max_stale_s "
                        "keys=https://issuer.test/keys reason=it answered 502"));
    host.advance(601s);
    CHECK(who(*door, issuer.token(later)) == dead);
}

TEST_CASE_FIXTURE(JwtFixture, "keys in a file are followed") {
    TemporaryFolder folder;
    const Issuer one("EdDSA", "a"), two("EdDSA", "b");
    const std::string file = folder.write("keys.json", one.set());
    auto from_file = [](const std::string& path) {
        return table({{"jwks_url", Value{std::string()}}, {"jwks_file", Value{path}}});
    };
    auto door = this->door(from_file(file));
    CHECK(who(*door, one.token(later)) == "alice");
    folder.write("keys.json", R"({"keys":[)" + one.jwk() + "," + two.jwk() + "]}");
    host.advance(10s);
    CHECK(who(*door, two.token(later)) == "alice");
    folder.write("keys.json", "");
    host.advance(10s);
    CHECK(who(*door, two.token(later)) == "alice");
    CHECK(host.has_logged("warning: token keys not refreshed, keeping the old keys until max_stale_s keys=" +
                          file + " reason=it is not a JSON object or repeats a name"));
    CHECK(host.fetched.empty());
    CHECK(error(from_file("/nowhere")) ==
          "jwks_file: cannot use the keys in /nowhere: No such file or directory");
    CHECK(error(from_file(folder.write("bad", "{}"))).ends_with("bad: it has no list \"keys\""));
}

TEST_CASE_FIXTURE(JwtFixture, "an instance that goes lets go of what waits, and of the host") {
    const Issuer issuer("EdDSA", "a");
    auto door = this->door();
    const Waiting waiting(*door, issuer.token(later));
    door.reset();
    CHECK(waiting.answer() == "500: internal error");
    host.reply(response(200, issuer.set()));
    CHECK(host.timers() == 0);
}

TEST_CASE("many threads show tokens while the keys change") {
    // A host whose clock stands still, that answers at once, on whichever thread asks.
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
