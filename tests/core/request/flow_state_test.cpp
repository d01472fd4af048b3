// SPDX-License-Identifier: Apache-2.0
// A request whose protocol has state: what is recalled before it, and kept after it.
#include "core/observe/store_metrics.hpp"
#include "core/request/request_flow.hpp"

#include "tests/core/fakes.hpp"
#include "tests/core/plain.hpp"

#include <gatehouse/fake_store.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

namespace flow_state {

/// Another request may change each document before it is stored.
struct RivalStore : testing::FakeStore {
    bool conflicts = false;
    void put(Put put, Completion<std::uint64_t> done) override {
        if (conflicts && put.expected) ++*put.expected;
        FakeStore::put(std::move(put), std::move(done));
    }
};

/// "[stream ]ID PREVIOUS WORDS" is a turn, whose PREVIOUS is an earlier turn or "-".  GET and DELETE
/// /turns/ID show and erase a turn.
class Turns final : public Dialect {
public:
    int recalls = 1;       // rounds before a turn begins
    bool throws = false;   // in keep()
    bool appends = false;  // keep() changes the document "log" too
    std::string keep_too;  // a second document

    struct Formatter final : ResponseFormatter {
        Formatter(const Turns& t, std::string i, bool s) : turns(t), id(std::move(i)), stream(s) {}
        bool streams() const override { return stream; }
        http::ResponseHead head() override { return {.status = 200, .headers = {}}; }
        void event(const Event& event, std::string& out) override {
            if (auto* text = std::get_if<TextDelta>(&event)) {
                answer += text->text;
                out += text->text;
            }
        }
        void end(std::string& out) override { out += '.'; }
        std::vector<Keep> keep(const Operation& sent) override {
            if (turns.throws) throw std::runtime_error("/secret/path");
            const std::string text = last_user_text(std::get<ChatRequest>(sent)) + answer;
            std::vector<Keep> all = {{.id = {"turn", id}, .body = text, .keep_for = std::chrono::hours(1)}};
            if (turns.appends) {
                const Result<Parsed> change = append("log", text);
                all.push_back(change->keep.at(0));
            }
            if (!turns.keep_too.empty())
                all.push_back(
                    {.id = {"turn", turns.keep_too}, .body = text, .keep_for = std::chrono::hours(1)});
            return all;
        }
        void heartbeat(std::string& out) override { out += '~'; }
        void error(const Error& error, std::string& out) override { out += '<' + error.message + '>'; }
        const Turns& turns;
        const std::string id;
        const bool stream;
        std::string answer;
    };

    std::vector<Endpoint> endpoints() const override {
        return {{"POST", "/turns"}, {"GET", "/turns/*"}, {"DELETE", "/turns/*"}, {"PUT", "/turns/*"}};
    }
    Result<Parsed> parse(const http::RequestHead& head, std::string body) override {
        if (head.method == "PUT") return append(head.path.substr(7), body);
        if (head.method != "POST") return show(head.path.substr(7), head.method == "DELETE");
        const bool stream = body.starts_with("stream ");
        if (stream) body.erase(0, 7);
        const auto first = body.find(' '), second = body.find(' ', first + 1);
        const std::string id = body.substr(0, first), previous = body.substr(first + 1, second - first - 1);
        const std::string words = body.substr(second + 1);
        if (previous == "-") return turn(id, words, stream);
        return recalled(recalls, previous, [this, id, words, stream](const std::string& before) {
            return turn(id, before + words, stream);
        });
    }
    /// PUT appends the body to the document, or makes it if its name begins with "new".
    static Result<Parsed> append(const std::string& id, const std::string& body) {
        Keep keep{.id = {"turn", id}, .body = body, .keep_for = std::chrono::hours(1), .expected = 0};
        if (!id.starts_with("new"))
            keep.change = [id, body](const std::optional<Record>& record) -> Result<std::string> {
                if (!record) return Error{ErrorKind::not_found, "there is no turn " + id};
                if (body == "throw") throw std::runtime_error("/secret/path");
                return record->body + body;
            };
        Parsed parsed;
        parsed.keep.push_back(std::move(keep));
        parsed.reply = http::Response{.head = {}, .body = "stored"};
        return parsed;
    }
    http::Response error(const Error& error) const override {
        http::Response answer{{.status = status_of(error)}, error.message};
        if (error.retry_after_seconds)
            answer.head.headers.set("retry-after", std::to_string(error.retry_after_seconds));
        return answer;
    }

private:
    Result<Parsed> turn(const std::string& id, const std::string& words, bool stream) {
        return Parsed{
            .operation = ChatRequest{.model = "a", .messages = {{.parts = {Text{words}}}}, .stream = stream},
            .formatter = [this, id, stream] { return std::make_unique<Formatter>(*this, id, stream); }};
    }
    template <typename Then>
    static Result<Parsed> recalled(int times, const std::string& id, Then then) {
        Parsed parsed;
        parsed.recall = {{"turn", id}};
        parsed.resume = [times, id, then](std::vector<std::optional<Record>> found) -> Result<Parsed> {
            if (!found.at(0)) return Error{ErrorKind::not_found, "there is no turn " + id};
            if (times > 1) return recalled(times - 1, id, then);
            return then(found[0]->body);
        };
        return parsed;
    }
    static Result<Parsed> show(const std::string& id, bool erase) {
        return recalled(1, id, [id, erase](const std::string& body) -> Result<Parsed> {
            Parsed parsed;
            if (erase) parsed.forget = {{"turn", id}};
            parsed.reply = http::Response{.head = {}, .body = body};
            return parsed;
        });
    }
};

/// Masks the word "secret", and answers itself if `answer` has events.
struct Masking final : Hook {
    struct State final : HookState {
        explicit State(const std::vector<Event>& a) : answer(a) {}
        bool decides() const override { return !answer.empty(); }
        void decide(Operation&, Completion<Verdict> done) override { done(Verdict::answer(answer)); }
        const std::vector<Event>& answer;
        Result<void> request(Operation& operation) override {
            auto& chat = std::get<ChatRequest>(operation);
            std::string text = last_user_text(chat);
            if (const auto at = text.find("secret"); at != text.npos) text.replace(at, 6, "***");
            chat.messages.back().parts = {Text{text}};
            return {};
        }
    };
    std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<State>(answer); }
    std::vector<Event> answer;
};

/// "NAME" is the identity of that name, with the id "id-NAME" if it begins with "@".
struct ByName final : Authenticator {
    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        const std::string name(head.headers.get("authorization"));
        done(Identity{.name = name, .models = {}, .id = name.starts_with("@") ? "7" : ""});
    }
};

struct Setting {
    Settings settings;
    std::unique_ptr<Log> log = *Log::open({.level = "error"});
    Metrics metrics{{"first"}};
    MemoryBudget memory;
    RivalStore store;
    std::shared_ptr<StoreMetrics> numbers = metrics.store("kept", [this] { return store.size(); });
    bool has_store = true, knows_clients = true;
    FakeLoop loop;
    FakeUpstream upstream{loop};
    std::unique_ptr<FakeClient> client;
    Turns dialect;
    plain::WordsProvider words;
    plain::TwoPlaces mapper;
    ByName authenticator;
    Masking hook;
    std::shared_ptr<RequestFlow> flow;

    void send(std::string body, std::string who = "ann", std::string method = "POST",
              std::string path = "/turns") {
        client = std::make_unique<FakeClient>(loop);
        client->request = {.method = std::move(method),
                           .path = std::move(path),
                           .headers = {{"authorization", std::move(who)}}};
        client->body = std::move(body);
        InstanceTable table{.authenticators = {{"door", &authenticator}},
                            .providers = {{"first", {"first", &words}}},
                            .hooks = {{"masking", &hook}},
                            .dialects = {{"turns", &dialect, dialect.endpoints()}},
                            .mapper = &mapper,
                            .mapper_name = "places"};
        if (!knows_clients) table.authenticators.clear();
        if (has_store) table.dialects[0].store = &store;
        if (has_store) table.dialects[0].store_name = "kept";
        if (has_store) table.dialects[0].store_metrics = numbers.get();
        const std::shared_ptr<const ConfigSnapshot> snapshot(
            new ConfigSnapshot{settings, *log, metrics, Cors({}),
                               std::make_shared<const PluginInstances>(std::move(table), nullptr)});
        flow = std::make_shared<RequestFlow>(snapshot, WorkerServices{&loop, &upstream, nullptr, &memory},
                                             *client);
        client->listener = flow;
        flow->start();
        loop.run();
    }
    /// A turn whose answer is `answer`.
    void turn(const std::string& body, const std::string& answer, const std::string& who = "ann") {
        upstream.script = {{.pieces = {"data: " + answer + "\n\ndata: FINISH\n\n"}}};
        send(body, who);
    }
    void get(const std::string& id, const std::string& who = "ann") { send("", who, "GET", "/turns/" + id); }
    RequestListener& listener() { return *flow; }
    int status() const { return client->answer_head.status; }
    bool counts(const std::string& sample) const {
        return metrics.text().find("\n" + sample + "\n") != std::string::npos;
    }
};

}  // namespace flow_state

using flow_state::Setting;

TEST_CASE("a response is kept before its end is sent, and the next request recalls it") {
    for (const std::string form : {"", "stream "}) {
        CAPTURE(form);
        Setting given;
        given.store.holds = true;
        given.turn(form + "one - hi ", "hello ");
        CHECK_FALSE(given.client->ended);
        CHECK(given.client->answer == (form.empty() ? "" : "hello "));
        given.store.release();
        given.loop.run();
        CHECK(given.client->answer == "hello .");
        CHECK(given.client->ended);
        CHECK(given.loop.timers() == 0);

        given.store.holds = false;
        given.turn(form + "two one there", "again");
        CHECK(given.upstream.requests.at(1).body == "hi hello there");
        given.get("two");
        CHECK(given.client->answer == "hi hello thereagain");
        CHECK(given.counts("gatehouse_store_unkept_total{store=\"kept\"} 0"));
    }
}

TEST_CASE("a record keeps the request as the hooks have left it") {
    Setting given;
    given.turn("one - my secret ", "fine");
    given.get("one");
    CHECK(given.client->answer == "my *** fine");
}

TEST_CASE("the answer of a hook is kept before its end is sent") {
    for (const std::string form : {"", "stream "}) {
        CAPTURE(form);
        Setting given;
        given.store.holds = true;
        given.hook.answer = {TextDelta{"from cache "}, Finish{}};
        given.send(form + "one - my secret ");
        CHECK_FALSE(given.client->ended);
        CHECK(given.client->answer.empty());
        given.store.release();
        given.loop.run();
        CHECK(given.client->answer == "from cache .");
        CHECK(given.client->ended);
        CHECK(given.loop.timers() == 0);

        given.store.holds = false;
        given.hook.answer.clear();
        given.turn("two one there", "again");
        CHECK(given.upstream.requests.at(0).body == "my *** from cache there");
    }
}

TEST_CASE("the answer of a hook reaches the client if the store does not respond or the gateway stops") {
    for (const bool stops : {false, true}) {
        CAPTURE(stops);
        Setting given;
        given.store.holds = true;
        given.hook.answer = {TextDelta{"from cache"}, Finish{}};
        given.send("stream one - hi ");
        if (stops)
            given.listener().on_stop();
        else
            given.loop.advance(milliseconds(2'000));
        CHECK(given.client->answer == "from cache.");
        CHECK(given.client->ended);
        given.store.release();
        given.loop.run();
        CHECK(given.counts("gatehouse_store_unkept_total{store=\"kept\"} " + std::string(stops ? "0" : "1")));
    }
}

TEST_CASE("a client may leave while the answer of a hook is stored") {
    Setting given;
    given.store.holds = true;
    given.hook.answer = {TextDelta{"from cache"}, Finish{}};
    given.send("stream one - hi ");
    given.listener().on_gone();
    given.store.release();
    given.loop.run();
    CHECK_FALSE(given.client->ended);
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("a record belongs to the identity that has made it") {
    Setting given;
    given.turn("one - hi ", "hello", "ann");
    for (const std::string method : {"GET", "DELETE"}) {
        given.send("", "bob", method, "/turns/one");
        CHECK(given.status() == 404);
        CHECK(given.client->answer == "there is no turn one");
    }
    given.turn("two one hi", "hello", "bob");
    CHECK(given.status() == 404);
    given.get("one", "ann");
    CHECK(given.client->answer == "hi hello");
}

TEST_CASE("an identity with an id keeps its records under another name") {
    Setting given;
    given.turn("one - hi ", "hello", "@ann");
    given.get("one", "@anna");
    CHECK(given.client->answer == "hi hello");
    CHECK(owner_of("door", {.name = "n", .models = {}, .id = "7"}) == "door/7");
    CHECK(owner_of("door", {.name = "n"}) == "door/n");
    CHECK(owner_of("", {.name = "n"}) == "anonymous");
}

TEST_CASE("clients without an authenticator share their records") {
    Setting given;
    given.knows_clients = false;
    given.turn("one - hi ", "hello", "ann");
    given.get("one", "bob");
    CHECK(given.client->answer == "hi hello");
}

TEST_CASE("a client that is identified and one without an authenticator do not find each other's records") {
    for (const bool first_known : {false, true}) {
        CAPTURE(first_known);
        Setting given;
        given.knows_clients = first_known;
        given.turn("one - hi ", "hello", "anonymous");
        given.knows_clients = !first_known;
        for (const std::string method : {"GET", "DELETE"}) {
            given.send("", "anonymous", method, "/turns/one");
            CHECK(given.status() == 404);
        }
        given.send("two one hi", "anonymous");
        CHECK(given.status() == 404);
        given.knows_clients = first_known;
        given.get("one", "anonymous");
        CHECK(given.client->answer == "hi hello");
    }
}

TEST_CASE("a record that is erased is unknown") {
    Setting given;
    given.turn("one - hi ", "hello");
    given.send("", "ann", "DELETE", "/turns/one");
    CHECK(given.status() == 200);
    CHECK(given.client->answer == "hi hello");
    given.get("one");
    CHECK(given.status() == 404);
}

TEST_CASE("a response leaves unkept if the store fails or does not respond within two seconds") {
    for (const bool silent : {false, true}) {
        CAPTURE(silent);
        Setting given;
        given.store.holds = silent;
        if (!silent) given.store.failure = Error{ErrorKind::unavailable, "the store is away"};
        given.turn("stream one - hi ", "hello");
        if (silent) {
            given.loop.advance(milliseconds(1'999));
            CHECK_FALSE(given.client->ended);
            given.loop.advance(milliseconds(1));
        }
        CHECK(given.client->answer == "hello.");
        CHECK(given.client->ended);
        CHECK(given.counts("gatehouse_store_unkept_total{store=\"kept\"} 1"));
        given.store.release();
        given.loop.run();
        CHECK(given.loop.timers() == 0);
    }
}

TEST_CASE("each document of a response is waited for") {
    Setting given;
    given.dialect.keep_too = "other";
    given.store.holds = true;
    given.turn("one - hi ", "hello");
    CHECK(given.store.waiting() == 2);
    CHECK_FALSE(given.client->ended);
    given.store.release();
    given.loop.run();
    CHECK(given.client->ended);
    given.store.holds = false;
    given.get("other");
    CHECK(given.client->answer == "hi hello");
}

TEST_CASE("a request that needs state is refused with 503 while the store is away") {
    for (const bool silent : {false, true}) {
        CAPTURE(silent);
        Setting given;
        given.turn("one - hi ", "hello");
        given.store.holds = silent;
        if (!silent) given.store.failure = Error{ErrorKind::unavailable, "the store is away"};
        given.send("two one there");
        if (silent) given.loop.advance(milliseconds(2'000));
        CHECK(given.status() == 503);
        CHECK(given.client->answer == "the stored conversation is not available; retry in 1 s");
        CHECK(given.client->answer_head.headers.get("retry-after") == "1");
        given.store.release();
        given.loop.run();
        CHECK(given.upstream.requests.size() == 1);
    }
}

TEST_CASE("an erasure that fails is refused with 503") {
    Setting given;
    given.turn("one - hi ", "hello");
    given.store.holds = true;
    given.send("", "ann", "DELETE", "/turns/one");
    given.store.release();  // the documents for resume()
    given.store.failure = Error{ErrorKind::unavailable, "the store is away"};
    given.store.holds = false;
    given.loop.run();
    CHECK(given.status() == 503);
}

TEST_CASE("a stored conversation that is larger than max_body_bytes is refused with 413") {
    Setting given;
    given.turn("one - hi ", "hello");
    given.settings.server.max_body_bytes = 7;
    given.get("one");
    CHECK(given.status() == 413);
    CHECK(given.client->answer == "the stored conversation is larger than max_body_bytes");
}

TEST_CASE("recalled records count as memory until the request ends") {
    Setting given;
    given.turn("one - hi ", "hello");
    given.flow.reset();
    CHECK(given.memory.held() == 0);
    given.upstream.script = {{.pieces = {"data: x\n\n"}, .ends = false}};
    given.send("two one there");
    CHECK(given.memory.held() >= 8);
    given.listener().on_gone();
    given.flow.reset();
    CHECK(given.memory.held() == 0);
}

TEST_CASE("a dialect that recalls too often is stopped") {
    Setting given;
    given.turn("one - hi ", "hello");
    given.dialect.recalls = 8;
    given.turn("two one there", "hello");
    CHECK(given.status() == 200);
    given.dialect.recalls = 9;
    given.turn("three one there", "hello");
    CHECK(given.status() == 500);
    CHECK(given.client->answer == "internal error");
}

TEST_CASE("a client may leave while the store works") {
    Setting given;
    given.turn("one - hi ", "hello");
    given.store.holds = true;
    given.send("two one there");
    given.listener().on_gone();
    given.store.release();
    given.loop.run();
    CHECK(given.upstream.requests.size() == 1);

    given.turn("stream three - hi ", "hello");
    CHECK_FALSE(given.client->ended);
    given.listener().on_gone();
    given.store.release();
    given.loop.run();
    CHECK_FALSE(given.client->ended);
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("a gateway that stops does not wait for the store") {
    Setting given;
    given.store.holds = true;
    given.turn("stream one - hi ", "hello");
    given.listener().on_stop();
    CHECK(given.client->answer == "hello.");
    CHECK(given.client->ended);
    given.store.release();
    given.loop.run();
}

TEST_CASE("an exception in keep() does not fail the response") {
    Setting given;
    given.dialect.throws = true;
    given.turn("one - hi ", "hello");
    CHECK(given.status() == 200);
    CHECK(given.client->answer == "hello.");
}

TEST_CASE("without a store nothing is kept and nothing is found") {
    Setting given;
    given.has_store = false;
    given.turn("one - hi ", "hello");
    CHECK(given.client->answer == "hello.");
    given.get("one");
    CHECK(given.status() == 404);
    given.send("a", "ann", "PUT", "/turns/new");
    CHECK(given.status() == 503);
}

TEST_CASE("a document is stored before the reply, and the next request finds it") {
    Setting given;
    given.store.holds = true;
    given.send("a", "ann", "PUT", "/turns/new");
    CHECK_FALSE(given.client->ended);
    given.store.holds = false;
    given.store.release();
    given.loop.run();
    CHECK(given.client->answer == "stored");
    given.get("new");
    CHECK(given.client->answer == "a");
    given.send("b", "ann", "PUT", "/turns/new");
    CHECK(given.status() == 503);
    given.get("new");
    CHECK(given.client->answer == "a");
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("a document that cannot be stored refuses the request") {
    for (const bool silent : {false, true}) {
        CAPTURE(silent);
        Setting given;
        given.store.holds = silent;
        if (!silent) given.store.failure = Error{ErrorKind::unavailable, "the store is away"};
        given.send("a", "ann", "PUT", "/turns/new");
        if (silent) given.loop.advance(milliseconds(2'000));
        CHECK(given.status() == 503);
        given.store.release();
        given.loop.run();
    }
}

TEST_CASE("a change of a document tells its own error") {
    Setting given;
    given.send("a", "ann", "PUT", "/turns/log");
    CHECK(given.status() == 404);
    CHECK(given.client->answer == "there is no turn log");
    given.turn("log - hi ", "hello");
    given.send("throw", "ann", "PUT", "/turns/log");
    CHECK(given.status() == 500);
    CHECK(given.client->answer == "internal error");
    given.send("!", "bob", "PUT", "/turns/log");
    CHECK(given.status() == 404);
    given.get("log");
    CHECK(given.client->answer == "hi hello");
}

TEST_CASE("changes of one document at the same time are all stored") {
    Setting given;
    given.turn("log - ", "a");
    given.store.holds = true;
    given.send("b", "ann", "PUT", "/turns/log");
    auto first = std::move(given.client);
    auto first_flow = given.flow;
    given.send("c", "ann", "PUT", "/turns/log");
    // Both have read the document when the first one stores it.
    for (int step = 0; step < 6 && !(first->ended && given.client->ended); ++step) {
        given.store.release();
        given.loop.run();
    }
    CHECK(first->answer == "stored");
    CHECK(given.client->answer == "stored");
    given.store.holds = false;
    given.get("log");
    CHECK(given.client->answer == "abc");
}

TEST_CASE("a change that other requests overtake again and again is refused, and not stored later") {
    Setting given;
    given.turn("log - ", "a");
    given.store.conflicts = true;
    given.send("b", "ann", "PUT", "/turns/log");
    given.loop.advance(milliseconds(10'000));
    CHECK(given.status() == 503);
    given.store.conflicts = false;
    given.loop.advance(milliseconds(10'000));
    given.get("log");
    CHECK(given.client->answer == "a");
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("the end of a response waits for a change of a document") {
    Setting given;
    given.dialect.appends = true;
    given.turn("one - hi ", "hello");
    CHECK(given.client->answer == "hello.");
    CHECK(given.counts("gatehouse_store_unkept_total{store=\"kept\"} 1"));  // there is no such document
    given.send("-", "ann", "PUT", "/turns/log");
    CHECK(given.status() == 404);
    given.turn("log - ", "a");  // the document itself, and then the change
    given.turn("two - b", "c");
    given.get("log");
    CHECK(given.client->answer == "aabc");
}
