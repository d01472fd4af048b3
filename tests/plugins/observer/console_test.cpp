// SPDX-License-Identifier: Apache-2.0
// The observer through its entry point: the list, its filter, its bounds, and a reload.
#include "plugins/observer/console/archive.hpp"
#include "plugins/observer/console/archive_digest.hpp"

#include <gatehouse/pages.hpp>
#include <gatehouse/sha256.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;
using std::chrono::milliseconds;

extern "C" const Descriptor gatehouse_plugin;

namespace {

struct Given {
    FakeHost host;
    Table table = {};
    std::unique_ptr<Observer> observer;

    Given() { host.time = std::chrono::system_clock::time_point(std::chrono::hours(500'000)); }
    void set(std::string key, Value value) { table.entries.push_back({std::move(key), std::move(value)}); }
    std::unique_ptr<Observer> make() {
        auto made = create<Observer>(gatehouse_plugin, table, host);
        if (!made) FAIL(made.error().message);
        return *std::move(made);
    }
    Story story(const std::string& id, const std::string& outcome = "ok", int status = 200) {
        static const std::map<std::string, std::string_view> literals = {
            {"ok", "ok"}, {"failed", "failed"}, {"cut", "cut"}, {"left", "left"}};
        Story made;
        made.id = id;
        made.start = host.time;
        made.total = milliseconds(100);
        made.method = "POST";
        made.path = "/v1/chat";
        made.client = "ci";
        made.model = "fast";
        made.route = {"up", "fast-1"};
        made.outcome = literals.at(outcome);
        made.status = status;
        if (outcome == "failed") made.error = ErrorKind::rate_limited;
        return made;
    }
    void end(Story story) {
        if (!observer) observer = make();
        auto shared = std::make_shared<const Story>(std::move(story));
        if (observer->wants(*shared)) observer->finished({shared});
    }
    /// The body of a GET, or the message of its error.
    std::string get(const std::string& path, const std::string& query = {}) {
        if (!observer) observer = make();
        const auto result = call_admin(*observer->admin(), {.path = path, .query = query});
        REQUIRE(*result);
        return **result ? (**result)->body : (**result).error().message;
    }
    /// The ids of a list, joined by blanks.
    std::string ids(const std::string& query = {}) {
        const std::string text = get("/requests", query);
        const auto body = read_json(text);
        if (!body) return text;
        std::string all;
        for (const JsonValue one : (*body)["requests"].items())
            all += (all.empty() ? "" : " ") + std::string(one["id"].string().value_or(""));
        return all.empty() && !(*body)["requests"] ? text : all;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Given, "the list has the newest request first, and pages by number") {
    CHECK(ids() == "");
    for (int i = 1; i <= 5; ++i) end(story("r" + std::to_string(i)));
    CHECK(ids() == "r5 r4 r3 r2 r1");
    CHECK(ids("limit=2") == "r5 r4");
    CHECK(get("/requests", "limit=2").find("\"next_before\":4") != std::string::npos);
    CHECK(ids("limit=2&before=4") == "r3 r2");
    CHECK(ids("limit=2&before=2") == "r1");
    CHECK(get("/requests", "limit=5").find("next_before") == std::string::npos);
    CHECK(ids("after=3") == "r5 r4");
}

TEST_CASE_FIXTURE(Given, "each parameter of the filter selects") {
    end(story("r1"));
    Story slow = story("r2", "failed", 429);
    slow.client = "dev team";
    slow.total = milliseconds(5000);
    end(std::move(slow));
    Story other = story("r3", "left", 0);
    other.model = "Slow-Model";
    other.route = {"backup", "m"};
    end(std::move(other));
    end(story("r4", "cut", 200));
    CHECK(ids("client=dev%20team") == "r2");
    CHECK(ids("model=Slow-Model") == "r3");
    CHECK(ids("provider=backup") == "r3");
    CHECK(ids("outcome=failed") == "r2");
    CHECK(ids("outcome=problem") == "r4 r3 r2");
    CHECK(ids("status=429") == "r2");
    CHECK(ids("status=2") == "r4 r1");
    CHECK(ids("slower_ms=1000") == "r2");
    CHECK(ids("text=SLOW-mod") == "r3");
    CHECK(ids("text=rate_limited") == "r2");
    CHECK(ids("text=r4") == "r4");
    CHECK(ids("client=&text=") == "r4 r3 r2 r1");
}

TEST_CASE_FIXTURE(Given, "a parameter that is unknown or has a wrong value is an error") {
    CHECK(get("/requests", "limit=0") == "limit must be 1 to 200");
    CHECK(get("/requests", "limit=201") == "limit must be 1 to 200");
    CHECK(get("/requests", "after=x") == "after must be a number");
    CHECK(get("/requests", "before=-1") == "before must be a number");
    CHECK(get("/requests", "status=1000") == "status must be a status such as 429, or 4 for 400 to 499");
    CHECK(get("/requests", "outcome=bad") == "outcome must be ok, failed, cut, left or problem");
    CHECK(get("/requests", "what=1").starts_with("there is no parameter what (allowed: "));
    CHECK(get("/requests", "text=%zz") == "the query is not percent-encoded correctly");
    CHECK(get("/requests", "text=" + std::string(201, 'a')) == "a value has at most 200 bytes");
    CHECK(get("/series", "minutes=61") == "minutes must be 1 to 60");
    CHECK(get("/other") == "the console has /requests, /requests/ID and /series");
    CHECK(get("/requests/") == "the console has /requests, /requests/ID and /series");
    CHECK(get("/requests/r9").starts_with("no request with this id is kept"));
}

TEST_CASE_FIXTURE(Given, "the number and the memory of requests are bounded") {
    set("max_requests", {std::int64_t{3}});
    for (int i = 1; i <= 5; ++i) end(story("r" + std::to_string(i)));
    CHECK(ids() == "r5 r4 r3");
    CHECK(get("").find("\"seen\":5,\"kept\":3") != std::string::npos);

    Given small;
    small.set("max_bytes", {std::int64_t{65'536}});
    for (int i = 0; i < 200; ++i) {
        Story large = small.story("r" + std::to_string(i));
        large.attempts.resize(4);
        small.end(std::move(large));
    }
    const auto summary = small.get("");
    const auto body = read_json(summary);
    REQUIRE(body);
    CHECK((*body)["bytes"].integer().value_or(0) <= 65'536);
    CHECK((*body)["kept"].integer().value_or(0) > 5);
}

TEST_CASE_FIXTURE(Given, "a new instance of a reload continues with the requests of the old one") {
    end(story("r1"));
    auto next = make();
    observer = std::move(next);
    CHECK(ids() == "r1");
    end(story("r2"));
    CHECK(ids() == "r2 r1");
    observer.reset();
    CHECK(ids() == "");
}

TEST_CASE_FIXTURE(Given, "texts of a client are data, whatever they are") {
    Story odd = story("r1");
    odd.model = "<img src=x onerror=alert(1)>\"\\\n\xff\xe2\x80\xae";
    odd.client = std::string("a\0b", 3);
    odd.usage = Usage{.prompt = -5, .completion = std::numeric_limits<std::int64_t>::max()};
    end(std::move(odd));
    for (const std::string path : {"", "/requests", "/requests/r1", "/series"}) {
        const std::string text = get(path);
        CHECK(read_json(text));
    }
}

TEST_CASE_FIXTURE(Given, "the archive in the library is the committed one, and is a page with its files") {
    CHECK(to_hex(sha256(console::archive())) == console::archive_digest);
    if (!observer) observer = make();
    const auto* source = dynamic_cast<const PageSource*>(observer->admin());
    REQUIRE(source);
    const auto pages = source->pages();
    REQUIRE(pages.size() == 3);
    std::size_t bytes = 0;
    for (const Page& page : pages) {
        bytes += page.gzip.size();
        CHECK(page.gzip.starts_with("\x1f\x8b"));
        CHECK(page.immutable == !page.name.empty());
    }
    CHECK(bytes <= 80'000);
    CHECK(pages[0].name.empty());
}

TEST_CASE("an archive that is not valid has no pages") {
    const std::string good = "a\ttext/plain\t-\tt\t2\nb\ttext/plain\timmutable\tu\t3\n\nxxyyy";
    REQUIRE(console::pages_of(good).size() == 2);
    CHECK(console::pages_of(good)[1].gzip == "yyy");
    for (std::size_t i = 0; i < good.size(); ++i) console::pages_of(std::string_view(good).substr(0, i));
    CHECK(console::pages_of(good.substr(0, good.size() - 1)).empty());
    CHECK(console::pages_of("a\tb\t-\tt\tx\n\n").empty());
    CHECK(console::pages_of("").empty());
}
