// SPDX-License-Identifier: Apache-2.0
// Background lists of models: which lists are kept, and when a fetch is retried.
#include "core/app/model_discovery.hpp"
#include "tests/core/fakes.hpp"
#include "tests/core/plain.hpp"

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;
using namespace std::chrono_literals;

namespace {

/// The names in the body are the models; "more" asks for a second page.
class Lister final : public Provider {
public:
    struct Names final : Exchange {
        Result<std::optional<http::Request>> request() override {
            return http::Request{.url = "http://upstream.test/models"};
        }
        void head(const http::ResponseHead& head) override { status = head.status; }
        Result<void> body(std::string_view bytes, EventSink&) override {
            text += bytes;
            return {};
        }
        Result<void> end(EventSink& events) override {
            if (status != 200) return Error{ErrorKind::unavailable, "not now"};
            more = text == "more";
            events.emit(ModelInfo{.id = std::exchange(text, {})});
            return {};
        }
        Result<std::optional<http::Request>> next() override {
            if (!more) return std::nullopt;
            return http::Request{.url = "http://upstream.test/models?page=2"};
        }
        std::string text;
        int status = 0;
        bool more = false;
    };
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest&) override { return answer("no"); }
    Result<std::unique_ptr<Exchange>> models() override {
        if (throws) throw std::runtime_error("no list");
        return std::make_unique<Names>();
    }
    bool discovers() const override { return true; }
    bool throws = false;
};

struct Given {
    std::unique_ptr<Log> log = *Log::open({.level = "error"});
    FakeLoop loop;
    FakeUpstream upstream{loop};
    Lister lister;
    plain::Stamp stamp;
    NamedProvider provider{"lab", &lister, &stamp, "stamp"};
    Catalogue catalogue;
    std::optional<ModelDiscovery> discovery;

    void start() {
        discovery.emplace(WorkerServices{&loop, &upstream}, provider, catalogue, *log,
                          ModelDiscovery::Times{.refresh = 600s});
        discovery->start();
        loop.run();
    }
    std::string known() const {
        const auto models = catalogue.models();
        const auto found = models->find("lab");
        if (found == models->end()) return "nothing";
        std::string names;
        for (const ModelInfo& model : *found->second) names += model.id + " ";
        return names;
    }
};

}  // namespace

TEST_CASE("a list is fetched with a signature, page by page, and again after the refresh interval") {
    Given given;
    given.upstream.script = {{.pieces = {"more"}}, {.pieces = {"b"}}, {.pieces = {"c"}}};
    CHECK(given.known() == "nothing");
    given.start();
    CHECK(given.known() == "more b ");
    CHECK(given.upstream.requests.at(1).url == "http://upstream.test/models?page=2");
    CHECK(given.upstream.requests.at(1).headers.get("stamp") == "2");
    given.loop.advance(599s);
    CHECK(given.known() == "more b ");
    given.loop.advance(1s);
    CHECK(given.known() == "c ");
}

TEST_CASE("a name that no client can request is not listed") {
    for (const char* name : {"a\r\nx: y", "a\x1b[31m", "a\x7f", ""}) {
        CAPTURE(name);
        Given given;
        given.upstream.script = {{.pieces = {"more"}}, {.pieces = {name}}};
        given.start();
        CHECK(given.known() == "more ");
    }
}

TEST_CASE("the last good list stays after a failure, and retries come with increasing delays") {
    Given given;
    given.upstream.script = {{.pieces = {"a"}}, {.status = 503}, {.status = 503}, {.pieces = {"b"}}};
    given.start();
    given.loop.advance(600s);
    CHECK(given.upstream.requests.size() == 2);
    CHECK(given.known() == "a ");
    given.loop.advance(5s);
    CHECK(given.upstream.requests.size() == 3);
    given.loop.advance(9s);
    CHECK(given.upstream.requests.size() == 3);
    given.loop.advance(1s);
    CHECK(given.known() == "b ");
}

TEST_CASE("a provider that throws or never responds does not stop the discovery") {
    Given throwing;
    throwing.lister.throws = true;
    throwing.start();
    CHECK(throwing.known() == "nothing");
    CHECK(throwing.loop.timers() == 1);

    Given silent;
    silent.upstream.script = {{.ends = false}};
    silent.start();
    CHECK(silent.upstream.running == 1);
    silent.discovery.reset();
    CHECK(silent.upstream.running == 0);
    CHECK(silent.loop.timers() == 0);
}

TEST_CASE("a list does not change while it is read") {
    Catalogue catalogue;
    catalogue.set("a", {{.id = "x"}});
    const auto before = catalogue.models();
    catalogue.set("a", {{.id = "y"}});
    catalogue.set("b", {});
    CHECK(before->at("a")->front().id == "x");
    CHECK(before->size() == 1);
    CHECK(catalogue.models()->at("a")->front().id == "y");
    CHECK(catalogue.models()->at("b")->empty());
}

TEST_CASE("a failed background request returns the advice of its exchange and its signer") {
    Given given;
    plain::WordsProvider words;
    const NamedProvider provider{"words", &words, &given.stamp, "stamp"};
    given.upstream.script = {{.status = 404, .pieces = {" gone"}}};
    BackgroundRequest background({&given.loop, &given.upstream}, provider, ChatRequest{.model = "a"}, 60s,
                                 *given.log);
    std::optional<BackgroundRequest::Outcome> outcome;
    background.start([&](BackgroundRequest::Outcome got) { outcome = std::move(got); });
    given.loop.run();
    REQUIRE(outcome);
    REQUIRE(outcome->error);
    CHECK(outcome->status == 404);
    CHECK(outcome->advice == "look at upstream said 404 gone\nsigned by a stamp");
}
