// SPDX-License-Identifier: Apache-2.0
// A hook that answers a chat from the store if the same client has sent an equal one before.
// The instance is read only: any thread.
#include <gatehouse/packed.hpp>
#include <gatehouse/sdk.hpp>
#include <gatehouse/sha256.hpp>

#include <algorithm>
#include <atomic>

namespace gatehouse::exact_cache {

namespace {

constexpr std::string_view header = "x-gatehouse-cache";

struct Options {
    std::string when = "deterministic";
    std::int64_t max_age_s = 3'600, max_answer_bytes = 1'048'576, max_request_bytes = 1'048'576;
    std::int64_t timeout_ms = 200;
};

const Fields<Options> fields = {
    choice("when", &Options::when, {"deterministic", "requested", "always"},
           "Chats to answer from the cache: those with temperature 0 or a seed, those with the header "
           "x-gatehouse-cache: on, or all."),
    ranged("max_age_s", &Options::max_age_s, 1, 2'592'000, "Seconds for which an answer is kept."),
    ranged("max_answer_bytes", &Options::max_answer_bytes, 1'024, 67'108'864, "Larger answers are not kept."),
    ranged("max_request_bytes", &Options::max_request_bytes, 1'024, 67'108'864,
           "Larger requests pass without the cache."),
    ranged("timeout_ms", &Options::timeout_ms, 1, 10'000,
           "Time for the store to answer, in milliseconds; after it the upstream is asked."),
};

bool is_deterministic(const ChatRequest& chat) {
    return chat.sampling.temperature == 0.0 || chat.sampling.seed.has_value();
}

/// Whether the upstream itself may search or run tools, so that its answer depends on more
/// than the request.
bool asks_the_world(const ChatRequest& chat) {
    return !chat.web_search_options.empty() ||
           std::any_of(chat.tools.begin(), chat.tools.end(),
                       [](const Tool& tool) { return tool.type != "function" && !tool.json.empty(); });
}

/// The bytes of texts, tools and media, without reading them.
std::size_t size_of(const Operation& operation, const ChatRequest& chat) {
    std::size_t bytes = RouteQuery{.model = {}, .operation = operation}.text_bytes();
    for (const Message& message : chat.messages)
        for (const Part& part : message.parts) {
            if (auto* image = std::get_if<Image>(&part)) bytes += image->url.json_size();
            if (auto* audio = std::get_if<Audio>(&part)) bytes += audio->data.json_size();
            if (auto* file = std::get_if<File>(&part)) bytes += file->data.json_size();
        }
    return bytes;
}

/// A hash of all members but those that only say how the answer is sent.
std::string hash_of(const ChatRequest& chat) {
    ChatRequest same = chat;
    same.stream = same.include_usage = false;
    same.stream_extra = {};
    return to_hex(sha256(packed(same)));
}

/// Without the id and the upstream's limits, which belong to the first answer.
Event kept_form(Event event) {
    if (auto* info = std::get_if<AnswerInfo>(&event)) info->id.clear(), info->headers = {};
    return event;
}

}  // namespace

class ExactCache final : public Hook {
public:
    ExactCache(Options options, Host& host)
        : options_(std::move(options)),
          host_(host),
          store_(host.store()),
          requests_(host.counter("requests_total", "Chats by the result of their look-up in the cache.",
                                 {{"result", {"hit", "miss", "failed"}}})),
          stored_(host.counter("stored_total", "Answers that were stored.")),
          saved_(host.counter("saved_tokens_total", "Tokens of the answers from the cache.",
                              {{"kind", {"prompt", "completion"}}})) {
        if (!store_) throw KeyError("store", "the cache needs a store: name a [store.NAME] of this file");
    }
    std::unique_ptr<HookState> begin(const RequestInfo& info) override;

private:
    friend class State;

    const Options options_;
    Host& host_;
    Store* const store_;
    Counter &requests_, &stored_, &saved_;
};

/// A look-up that the store or the clock ends.  It may outlive the State.
struct Lookup {
    explicit Lookup(Completion<Verdict> completion) : done(std::move(completion)) {}
    Completion<Verdict> done;
    std::atomic_flag over = {};
};

class State final : public HookState {
public:
    State(const ExactCache& cache, const RequestInfo& info) : cache_(cache), info_(info) {}

    Result<void> request(Operation& operation) override {
        const std::string_view word = info_.head.headers.get(header);
        const auto* chat = std::get_if<ChatRequest>(&operation);
        refreshes_ = word == "refresh";
        applies_ = chat && word != "off" && wants(*chat, refreshes_ || word == "on") &&
                   !asks_the_world(*chat) &&
                   size_of(operation, *chat) <= static_cast<std::size_t>(cache_.options_.max_request_bytes);
        return {};
    }
    bool decides() const override { return applies_; }

    void decide(Operation& operation, Completion<Verdict> done) override {
        key_ = {owner_of(info_.authenticator, info_.who), "exact_cache",
                hash_of(std::get<ChatRequest>(operation))};
        if (refreshes_) return done(Verdict::go_on());
        auto lookup = std::make_shared<Lookup>(std::move(done));
        cache_.host_.after(std::chrono::milliseconds(cache_.options_.timeout_ms), [&cache = cache_, lookup] {
            if (!lookup->over.test_and_set()) finish(cache, *lookup, nullptr, "failed");
        });
        const auto most = static_cast<std::size_t>(cache_.options_.max_answer_bytes);
        cache_.store_->get({key_}, most,
                           Completion<Found>([&cache = cache_, lookup, hit = hit_](Result<Found> found) {
                               if (!lookup->over.test_and_set()) take(cache, *lookup, *hit, found);
                           }));
    }

    void attempt(const AttemptInfo& info) override {
        body_.clear();
        keeps_ = applies_ && info.number > 0;  // 0: a later hook answers, by a rule of its own
        finished_ = false;
    }
    void response(http::Headers& headers) override {
        if (applies_) headers.add(std::string(header), *hit_ ? "hit" : "miss");
    }
    void event(Event event, EventSink& next) override {
        if (keeps_) record(event);
        next.emit(std::move(event));
    }
    void done(const RequestOutcome& outcome) override {
        if (!keeps_ || !finished_ || outcome.error || outcome.client_left) return;
        cache_.store_->put({.key = std::move(key_),
                            .body = std::move(body_),
                            .keep_for = std::chrono::seconds(cache_.options_.max_age_s)},
                           Completion<std::uint64_t>([&counter = cache_.stored_](const auto& stored) {
                               if (stored) counter.add();
                           }));
    }

private:
    using Found = std::vector<std::optional<Record>>;

    bool wants(const ChatRequest& chat, bool requested) const {
        const std::string& when = cache_.options_.when;
        return requested || when == "always" || (when == "deterministic" && is_deterministic(chat));
    }

    void record(const Event& event) {
        const auto* finish = std::get_if<Finish>(&event);
        finished_ = finished_ || finish;
        pack(kept_form(event), body_);
        const bool refused = std::holds_alternative<RefusalDelta>(event) ||
                             (finish && finish->reason == FinishReason::content_filter);
        keeps_ = !refused && body_.size() <= static_cast<std::size_t>(cache_.options_.max_answer_bytes);
        if (!keeps_) std::string().swap(body_);
    }

    static void take(const ExactCache& cache, Lookup& lookup, std::atomic<bool>& hit, Result<Found>& found) {
        if (!found) return finish(cache, lookup, nullptr, "failed");
        if (found->empty() || !found->front()) return finish(cache, lookup, nullptr, "miss");
        auto events = unpacked_events(found->front()->body);
        if (!events) return finish(cache, lookup, nullptr, "miss");
        hit = true;
        for (const Event& event : *events)
            if (auto* usage = std::get_if<Usage>(&event)) {
                cache.saved_.add(static_cast<double>(usage->prompt), {"prompt"});
                cache.saved_.add(static_cast<double>(usage->completion), {"completion"});
            }
        finish(cache, lookup, &*events, "hit");
    }
    static void finish(const ExactCache& cache, Lookup& lookup, std::vector<Event>* events,
                       std::string_view result) {
        cache.requests_.add(1, {result});
        lookup.done(events ? Verdict::answer(std::move(*events)) : Verdict::go_on());
    }

    const ExactCache& cache_;
    const RequestInfo& info_;
    bool applies_ = false, refreshes_ = false, keeps_ = false, finished_ = false;
    const std::shared_ptr<std::atomic<bool>> hit_ = std::make_shared<std::atomic<bool>>(false);
    StoreKey key_ = {};
    std::string body_ = {};  // the events of this attempt, packed
};

std::unique_ptr<HookState> ExactCache::begin(const RequestInfo& info) {
    return std::make_unique<State>(*this, info);
}

}  // namespace gatehouse::exact_cache

GATEHOUSE_PLUGIN(gatehouse::exact_cache::ExactCache, gatehouse::exact_cache::Options,
                 gatehouse::exact_cache::fields, "exact_cache", "1.0.0");
