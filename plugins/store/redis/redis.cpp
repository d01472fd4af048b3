// SPDX-License-Identifier: Apache-2.0
// A store in Redis, which several gateways share: its keys, its calls, its entry point.  [any thread]
#include "plugins/common/store/rules.hpp"
#include "plugins/store/redis/scripts.hpp"
#include "plugins/store/redis/worker.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <charconv>

namespace gatehouse::redis_store {

namespace {

using Records = std::vector<std::optional<Record>>;

struct Options {
    std::string host = "127.0.0.1", path = {}, user = {}, prefix = "gatehouse";
    std::optional<std::string> password = {};
    std::int64_t port = 6'379, database = 0, timeout_ms = 1'000;
    std::int64_t max_record_bytes = 16'777'216, max_age_s = 2'592'000;
};

const Fields<Options> fields = {
    optional("host", &Options::host, "The server's name or address."),
    ranged("port", &Options::port, 1, 65'535, "The server's port."),
    optional("path", &Options::path, "The server's Unix socket, instead of host and port."),
    optional("user", &Options::user, "User of the server; the default user if omitted."),
    secret("password", &Options::password, "Password of that user."),
    ranged("database", &Options::database, 0, 1'000'000, "Number of the server's database."),
    optional("prefix", &Options::prefix, "Beginning of all keys in the database."),
    ranged("timeout_ms", &Options::timeout_ms, 1, 60'000,
           "Time for the server to accept a connection or to answer, in milliseconds."),
    ranged("max_record_bytes", &Options::max_record_bytes, 1'024, 536'870'912,
           "Maximum bytes of one document with its key; a larger one is refused."),
    ranged("max_age_s", &Options::max_age_s, 1, 315'360'000,
           "Maximum lifetime of a document in seconds; a longer one is shortened."),
};

Address address_of(const Options& options) {
    if (!options.user.empty() && !options.password) throw KeyError("password", "the user needs a password");
    if (!options.path.empty() && options.path.front() != '/')
        throw KeyError("path", "must be absolute, such as /run/redis/redis.sock");
    if (options.host.empty()) throw KeyError("host", "expected a name or an address");
    if (options.host.find('/') != std::string::npos)
        throw KeyError("host",
                       "must be a name or an address without a scheme and a path, such as redis.example.com; "
                       "port, database, user and password have keys of their own");
    // An IPv6 address has more than one colon.
    if (std::count(options.host.begin(), options.host.end(), ':') == 1)
        throw KeyError(
            "host", "must not contain a port: set port = " + options.host.substr(options.host.find(':') + 1));
    return {.host = options.host,
            .path = options.path,
            .user = options.user,
            .password = options.password.value_or(""),
            .port = static_cast<int>(options.port),
            .database = static_cast<int>(options.database),
            .timeout = std::chrono::milliseconds(options.timeout_ms)};
}

/// Unambiguous, whatever bytes the parts have.
std::string key_text(const std::string& prefix, char kind, const StoreKey& key) {
    std::string text = prefix + ":" + kind;
    for (const std::string* part : {&key.owner, &key.space, &key.id})
        text.append(":").append(std::to_string(part->size())).append(":").append(*part);
    return text;
}

template <typename Number>
Number number_in(const redisReply& reply) {
    const std::string text =
        reply.type == REDIS_REPLY_INTEGER ? std::to_string(reply.integer) : text_of(reply);
    Number number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || text.empty()) throw RefusedCommand("a reply is not a number");
    return number;
}

const redisReply& element(const redisReply& reply, std::size_t index) {
    if (reply.type != REDIS_REPLY_ARRAY || index >= reply.elements)
        throw RefusedCommand("a reply is too short");
    return *reply.element[index];
}

}  // namespace

class Redis final : public Store {
public:
    Redis(Options options, Host& host)
        : options_(std::move(options)), worker_(std::make_unique<Worker>(address_of(options_), host)) {}
    ~Redis() override { Worker::end(std::move(worker_)); }

    void get(std::vector<StoreKey> keys, std::size_t max_bytes, Completion<Records> done) override {
        if (keys.empty()) return done(Records());
        std::vector<std::string> words = {"EVAL", get_script, std::to_string(keys.size())};
        for (const StoreKey& key : keys) words.push_back(key_text(options_.prefix, 'd', key));
        words.push_back(std::to_string(max_bytes));
        call<Records>(std::move(words), true, std::move(done),
                      [count = keys.size()](const redisReply& reply) -> Result<Records> {
                          if (reply.type == REDIS_REPLY_STRING) return stores::answer_too_large();
                          Records records;
                          for (std::size_t i = 0; i < count; ++i) {
                              const redisReply& version = element(reply, 2 * i);
                              if (version.type == REDIS_REPLY_NIL) {
                                  records.emplace_back();
                                  continue;
                              }
                              records.push_back(Record{text_of(element(reply, 2 * i + 1)),
                                                       number_in<std::uint64_t>(version)});
                          }
                          return records;
                      });
    }

    void put(Put document, Completion<std::uint64_t> done) override {
        if (auto ok = stores::check(document.key, document.keep_for); !ok) return done(ok.error());
        if (stores::bytes_of(document.key) + document.body.size() >
            static_cast<std::size_t>(options_.max_record_bytes))
            return done(stores::larger_than("max_record_bytes"));
        const bool compares = document.expected.has_value();
        call<std::uint64_t>(
            {"EVAL", put_script, "2", key_text(options_.prefix, 'd', document.key),
             options_.prefix + ":version", std::move(document.body), lifetime(document.keep_for),
             compares ? std::to_string(*document.expected) : std::string()},
            !compares, std::move(done), [](const redisReply& reply) -> Result<std::uint64_t> {
                const auto version = number_in<std::uint64_t>(reply);
                if (version == 0) return stores::conflict();
                return version;
            });
    }

    void erase(StoreKey key, Completion<bool> done) override {
        call<bool>({"DEL", key_text(options_.prefix, 'd', key)}, false, std::move(done),
                   [](const redisReply& reply) -> Result<bool> { return reply.integer == 1; });
    }

    void add(std::vector<Count> changes, Completion<Counts> done) override {
        if (changes.empty()) return done(Counts{.added = true});
        std::vector<std::string> words = {"EVAL", add_script, std::to_string(changes.size())};
        for (const Count& change : changes) {
            if (auto ok = stores::check(change.key, change.keep_for); !ok) return done(ok.error());
            if (auto ok = stores::check(change.drain); !ok) return done(ok.error());
            words.push_back(key_text(options_.prefix, 'c', change.key));
        }
        for (const Count& change : changes) {
            words.push_back(std::to_string(change.amount));
            words.push_back(lifetime(change.keep_for, std::chrono::hours(24 * 3'660)));
            words.push_back(std::to_string(change.limit));
            words.push_back(std::to_string(change.drain.amount));
            words.push_back(std::to_string(change.drain.time.count()));
        }
        const bool reads =
            std::ranges::all_of(changes, [](const Count& change) { return change.amount == 0; });
        call<Counts>(std::move(words), reads, std::move(done),
                     [count = changes.size()](const redisReply& reply) -> Result<Counts> {
                         Counts counts{.added = text_of(element(reply, 0)) == "1"};
                         for (std::size_t i = 1; i <= count; ++i)
                             counts.values.push_back(number_in<std::int64_t>(element(reply, i)));
                         return counts;
                     });
    }

    bool shared() const override { return true; }
    /// Redis alone knows it.
    StoreSize size() const override { return {}; }

private:
    std::string lifetime(std::chrono::milliseconds keep_for) const {
        return lifetime(keep_for, std::chrono::seconds(options_.max_age_s));
    }
    static std::string lifetime(std::chrono::milliseconds keep_for, std::chrono::milliseconds longest) {
        return std::to_string(std::min(keep_for, longest).count());
    }

    template <typename T, typename Read>
    void call(std::vector<std::string> words, bool may_repeat, Completion<T> done, Read read) {
        std::size_t bytes = 0;
        for (const std::string& word : words) bytes += word.size();
        auto shared = std::make_shared<Completion<T>>(std::move(done));
        worker_->add({.bytes = bytes,
                      .may_repeat = may_repeat,
                      .work = [words = std::move(words), shared,
                               read](Connection& connection) { (*shared)(read(*connection.command(words))); },
                      .fail = [shared](const Error& error) { (*shared)(error); }});
    }

    const Options options_;
    std::unique_ptr<Worker> worker_;
};

}  // namespace gatehouse::redis_store

GATEHOUSE_PLUGIN(gatehouse::redis_store::Redis, gatehouse::redis_store::Options,
                 gatehouse::redis_store::fields, "redis", "1.0.0");
