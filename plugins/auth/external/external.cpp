// SPDX-License-Identifier: Apache-2.0
// An authenticator that asks an HTTP service for the client of a credential.  [any thread]
#include "plugins/common/inbound/client_facts.hpp"
#include "plugins/common/inbound/credential.hpp"
#include "plugins/common/recent/recent.hpp"

#include <gatehouse/base_url.hpp>
#include <gatehouse/json.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/name_pattern.hpp>
#include <gatehouse/sdk.hpp>
#include <gatehouse/sha256.hpp>
#include <gatehouse/url.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace gatehouse::external {

namespace {

constexpr std::size_t longest_credential = 16'384, most_values = 1'000;

using Attributes = std::map<std::string, std::vector<std::string>>;

struct Options {
    // JSON pointers into the answer; empty: it does not have this fact.
    std::string active = {}, name = "/name", id = "/id", groups = "/groups", models = {};
    Attributes attributes = {};

    std::string url = {}, send = "json", on_failure = "refuse", name_prefix = {};
    std::optional<std::string> key = {};
    std::string ca_file = {};
    std::int64_t timeout_ms = 2'000, cache_s = 60, refused_cache_s = 10, max_cached = 10'000;
};

const Fields<Options> fields = {
    required("url", &Options::url, "URL of the service, such as https://keys.example.com/check."),
    secret("key", &Options::key, "The gateway's own key, sent as Authorization: Bearer."),
    optional("ca_file", &Options::ca_file, "PEM file of the certificate authorities to trust for url."),
    choice(
        "send", &Options::send, {"json", "form", "bearer"},
        "How the credential is sent: as JSON { credential, peer }, as token= of RFC 7662, or as a GET with "
        "the client's own Authorization: Bearer."),
    optional("active", &Options::active,
             "JSON pointer to a member of the answer that must be true: \"/active\" for RFC 7662."),
    optional("name", &Options::name, "JSON pointer to the client's name."),
    optional("name_prefix", &Options::name_prefix,
             "Prefix of that name, so that it is not the name of another authenticator's client."),
    optional("id", &Options::id, "JSON pointer to the client's id; \"\": none."),
    optional("groups", &Options::groups, "JSON pointer to the client's groups; \"\": none."),
    optional("models", &Options::models,
             "JSON pointer to the models that the client may use.  All models, if omitted."),
    string_lists("attributes", &Options::attributes,
                 "JSON pointers to other facts about the client: { tenant = \"/org/id\" }."),
    ranged("timeout_ms", &Options::timeout_ms, 1, 60'000, "Time for the service to answer, in milliseconds."),
    choice(
        "on_failure", &Options::on_failure, {"refuse", "known"},
        "Whether all clients are refused if the service does not answer, or clients with an expired result "
        "are admitted."),
    ranged("cache_s", &Options::cache_s, 0, 86'400,
           "Seconds for which an accepted credential is not checked again."),
    ranged("refused_cache_s", &Options::refused_cache_s, 0, 86'400,
           "Seconds for which a refused credential is not checked again."),
    ranged("max_cached", &Options::max_cached, 1, 1'000'000, "Maximum number of results of each kind."),
};

void check_pointer(const std::string& pointer, const std::string& key) {
    if (!pointer.empty() && !pointer.starts_with('/'))
        throw KeyError(key, "expected a JSON pointer, such as \"/name\"");
}

bool is_sendable(std::string_view credential) {
    return !credential.empty() && credential.size() <= longest_credential &&
           std::all_of(credential.begin(), credential.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

/// RFC 6901, without its escapes.
JsonValue at(JsonValue value, std::string_view pointer) {
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        value = value[pointer.substr(0, end)];
        pointer.remove_prefix(end);
    }
    return value;
}

/// A string or a number as text.
std::string text_in(JsonValue value) {
    if (auto number = value.integer()) return std::to_string(*number);
    return value.str();
}

/// Adds the values of a list, or a single value.
template <typename Accept>
void add_values(JsonValue top, std::string_view pointer, Accept accept, std::vector<std::string>& values) {
    if (pointer.empty()) return;
    auto add = [&](JsonValue value) {
        std::string text = text_in(value);
        if (values.size() < most_values && accept(text)) values.push_back(std::move(text));
    };
    const JsonValue found = at(top, pointer);
    if (!found.is(JsonType::array)) return add(found);
    for (JsonValue item : found.items()) add(item);
}

Error unreadable(const std::string& why) { return {ErrorKind::upstream, "the answer of the service " + why}; }

/// Refusals look alike, so that a client does not learn which part of a credential was right.
Error refusal() { return {ErrorKind::unauthenticated, "the credential is missing or not valid"}; }

/// The identity in a successful answer to the check of this credential.  An error of kind
/// `upstream` is a failure of the service.
Result<Identity> identity_in(std::string_view body, const Options& places, const std::string& digest) {
    const auto top = read_json(body);
    if (!top) return unreadable("is not JSON");
    if (!places.active.empty() && at(*top, places.active).boolean() != true) return refusal();
    const std::string name = text_in(at(*top, places.name));
    if (!inbound::is_fact(name)) return unreadable("has no name of 1 to 200 bytes at " + places.name);
    if (sha256(name) == digest) return unreadable("has the credential at " + places.name);
    Identity who{.name = places.name_prefix + name};
    if (!places.id.empty()) who.id = text_in(at(*top, places.id));
    if (!who.id.empty() && !inbound::is_fact(who.id)) return unreadable("has a bad id at " + places.id);
    add_values(*top, places.groups, inbound::is_fact, who.groups);
    for (const auto& [attribute, pointers] : places.attributes) {
        std::vector<std::string> values;
        for (const std::string& pointer : pointers) add_values(*top, pointer, inbound::is_fact, values);
        if (!values.empty()) who.attributes.emplace(attribute, std::move(values));
    }
    if (places.models.empty()) return who;
    add_values(*top, places.models, is_name_pattern, who.models);
    // An empty list would mean all models.
    if (who.models.empty()) return Error{ErrorKind::forbidden, "this credential does not allow any model"};
    return who;
}

}  // namespace

class External final : public Authenticator {
public:
    External(Options options, Host& host)
        : options_(checked(std::move(options))),
          host_(host),
          accepted_(static_cast<std::size_t>(options_.max_cached)),
          refused_(static_cast<std::size_t>(options_.max_cached)),
          checks_(host.counter("checks_total", "Credentials by the source of their result.",
                               {{"source", {"cache", "service", "failed"}}})) {}

    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        const std::string_view credential = inbound::bearer_or_api_key(head.headers);
        if (!is_sendable(credential)) return done(refusal());
        const std::string digest = sha256(credential);
        if (auto known = cached(digest)) {
            checks_.add(1, {"cache"});
            return done(*std::move(known));
        }
        if (!waits(digest, std::move(done))) return;  // the service has been asked already
        host_.fetch(request(credential, head.peer), Completion<http::Response>([this, digest](auto answer) {
                        settle(digest, result_of(digest, answer));
                    }));
    }

private:
    using Time = std::chrono::system_clock::time_point;
    using Waiting = std::vector<std::shared_ptr<Completion<Identity>>>;
    struct Accepted {
        Identity who = {};
        Time until = {};
    };
    struct Refused {
        Error error = {};
        Time until = {};
    };

    static Options checked(Options options) {
        check_service_url(options.url, "url");
        if (options.key && options.send == "bearer")
            throw KeyError("key",
                           "send = \"bearer\" sends the client's credential in the same header: remove one");
        if (options.name.empty()) throw KeyError("name", "expected a JSON pointer, such as \"/name\"");
        for (const auto& [key, pointer] :
             std::initializer_list<std::pair<const char*, std::string>>{{"active", options.active},
                                                                        {"name", options.name},
                                                                        {"id", options.id},
                                                                        {"groups", options.groups},
                                                                        {"models", options.models}})
            check_pointer(pointer, key);
        for (const auto& [name, pointers] : options.attributes)
            for (const std::string& pointer : pointers)
                check_pointer(pointer, "attributes." + toml_quoted(name));
        return options;
    }

    std::optional<Result<Identity>> cached(const std::string& digest) {
        const std::lock_guard lock(mutex_);
        const auto now = host_.now();
        if (const auto* one = accepted_.find(digest); one && now < one->until)
            return Result<Identity>(one->who);
        if (const auto* one = refused_.find(digest); one && now < one->until)
            return Result<Identity>(one->error);
        return std::nullopt;
    }

    /// Whether this is the first request that waits for the credential.
    bool waits(const std::string& digest, Completion<Identity> done) {
        const std::lock_guard lock(mutex_);
        Waiting& waiting = waiting_[digest];
        waiting.push_back(std::make_shared<Completion<Identity>>(std::move(done)));
        return waiting.size() == 1;
    }

    http::Request request(std::string_view credential, const std::string& peer) const {
        http::Request ask{.method = options_.send == "bearer" ? "GET" : "POST", .url = options_.url};
        ask.headers.add("accept", "application/json");
        ask.total_timeout = std::chrono::milliseconds(options_.timeout_ms);
        ask.ca_file = options_.ca_file;
        if (options_.key) ask.headers.add("authorization", "Bearer " + *options_.key);
        if (options_.send == "bearer") ask.headers.add("authorization", "Bearer " + std::string(credential));
        if (options_.send == "form") {
            ask.headers.add("content-type", "application/x-www-form-urlencoded");
            ask.body = "token=" + percent_encoded(credential);
        }
        if (options_.send == "json") {
            ask.headers.add("content-type", "application/json");
            JsonWriter(ask.body)
                .begin_object()
                .member("credential", credential)
                .member("peer", peer)
                .end_object();
        }
        return ask;
    }

    /// The result of one check, which is cached unless the service has failed.
    Result<Identity> result_of(const std::string& digest, const Result<http::Response>& answer) {
        if (!answer) return failed(digest, answer.error().message);
        const int status = answer->head.status;
        Result<Identity> result = refusal();
        if (status >= 200 && status <= 299)
            result = identity_in(answer->body, options_, digest);
        else if (status != 401 && status != 403 && status != 404)
            return failed(digest, "status " + std::to_string(status));
        if (!result && result.error().kind == ErrorKind::upstream)
            return failed(digest, result.error().message);
        checks_.add(1, {"service"});
        keep(digest, result);
        return result;
    }

    void keep(const std::string& digest, const Result<Identity>& result) {
        const std::lock_guard lock(mutex_);
        const auto now = host_.now();
        accepted_.erase(digest);
        refused_.erase(digest);
        if (result)
            accepted_.put(digest, {*result, now + std::chrono::seconds(options_.cache_s)});
        else
            refused_.put(digest, {result.error(), now + std::chrono::seconds(options_.refused_cache_s)});
    }

    Result<Identity> failed(const std::string& digest, const std::string& reason) {
        checks_.add(1, {"failed"});
        host_.log(Level::warning, "credential not checked", {{"reason", reason}});
        const std::lock_guard lock(mutex_);
        if (const auto* known = options_.on_failure == "known" ? accepted_.find(digest) : nullptr)
            return known->who;
        return Error{ErrorKind::unavailable, "credentials cannot be checked at the moment; try again later"};
    }

    void settle(const std::string& digest, const Result<Identity>& result) {
        Waiting waiting;
        {
            const std::lock_guard lock(mutex_);
            waiting.swap(waiting_[digest]);
            waiting_.erase(digest);
        }
        for (const auto& done : waiting) (*done)(result);
    }

    const Options options_;
    Host& host_;
    std::mutex mutex_;                                // guards the members below
    common::Recent<std::string, Accepted> accepted_;  // by the digest of the credential
    common::Recent<std::string, Refused> refused_;
    std::unordered_map<std::string, Waiting> waiting_;
    Counter& checks_;
};

}  // namespace gatehouse::external

GATEHOUSE_PLUGIN(gatehouse::external::External, gatehouse::external::Options, gatehouse::external::fields,
                 "external", "1.0.0");
