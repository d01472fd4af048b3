// SPDX-License-Identifier: Apache-2.0
// RequestFlow's use of the dialect's store: documents are recalled, forgotten and kept before the
// operation begins, and kept before the response ends.
#include "core/request/request_flow.hpp"

#include "core/observe/log.hpp"
#include "core/observe/log_reason.hpp"
#include "core/observe/store_metrics.hpp"
#include "core/plugin/guard.hpp"
#include "core/request/call_plugin_async.hpp"
#include "core/request/document_write.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

using Found = std::vector<std::optional<Record>>;

constexpr int max_recalls = 8;
constexpr std::chrono::milliseconds store_timeout{2'000};

Error too_slow() { return {ErrorKind::timeout, "the store did not respond in time"}; }

/// Without its state the request must not run: the model would answer another conversation.
Error without_state(const Error& cause) {
    if (cause.kind == ErrorKind::too_large)
        return {ErrorKind::too_large, "the stored conversation is larger than max_body_bytes", cause.detail};
    return {.kind = ErrorKind::unavailable,
            .message = "the stored conversation is not available; retry in 1 s",
            .detail = log_reason(cause),
            .retry_after_seconds = 1};
}

std::size_t bytes_of(const Found& records) {
    std::size_t bytes = 0;
    for (const auto& record : records) bytes += record ? record->body.size() : 0;
    return bytes;
}

}  // namespace

// Calls start(completion), then then(result) once, also if the store does not respond.
template <typename T, typename Start, typename Then>
void RequestFlow::ask_store(Start&& start, Then then) {
    auto pending = std::make_shared<std::optional<Then>>(std::move(then));
    auto settle = [self = shared_from_this(), pending](Result<T> result) {
        if (self->over_ || !*pending) return;
        self->worker_.loop->cancel(std::exchange(self->timer_, 0));
        auto go_on = *std::exchange(*pending, std::nullopt);
        go_on(std::move(result));
    };
    timer_ = worker_.loop->after(store_timeout, [settle] { settle(too_slow()); });
    await<T>(*worker_.loop, snapshot_.log, {dialect_->store_name, "a member of Store", record_.request_id},
             std::forward<Start>(start), settle);
}

StoreKey RequestFlow::key_of(RecordId id) const {
    return {owner_of(authenticator_, who_), std::move(id.space), std::move(id.id)};
}

/// Does what the dialect wants: records first, or a response of its own, or an operation.
void RequestFlow::follow() {
    if (!parsed_.recall.empty()) return recall();
    if (!parsed_.forget.empty()) return forget(0);
    if (!parsed_.keep.empty()) return keep_before_reply(0);
    if (parsed_.reply) return respond(*std::exchange(parsed_.reply, std::nullopt), nullptr);
    begin_operation();
}

void RequestFlow::recall() {
    if (++recalls_ > max_recalls)
        return refuse({ErrorKind::internal, "internal error", dialect_->name + ": recalls too often"});
    if (!dialect_->store) return resume(Found(parsed_.recall.size()));
    std::vector<StoreKey> keys;
    for (RecordId& id : parsed_.recall) keys.push_back(key_of(std::move(id)));
    const auto max_bytes = static_cast<std::size_t>(snapshot_.settings.server.max_body_bytes);
    ask_store<Found>([&](auto done) { dialect_->store->get(std::move(keys), max_bytes, std::move(done)); },
                     [this](Result<Found> found) {
                         if (!found) return refuse(without_state(found.error()));
                         resume(*std::move(found));
                     });
}

void RequestFlow::resume(Found records) {
    recalled_.add(bytes_of(records));
    auto parsed = guard({dialect_->name, "Parsed::resume", record_.request_id}, [&] {
        const auto resume = std::move(parsed_.resume);
        return resume(std::move(records));
    });
    if (!parsed) return refuse(parsed.error());
    parsed_ = *std::move(parsed);
    follow();
}

void RequestFlow::forget(std::size_t which) {
    if (which == parsed_.forget.size() || !dialect_->store) {
        parsed_.forget.clear();
        return follow();
    }
    ask_store<bool>(
        [&](auto done) { dialect_->store->erase(key_of(std::move(parsed_.forget[which])), std::move(done)); },
        [this, which](Result<bool> erased) {
            if (!erased) return refuse(without_state(erased.error()));
            forget(which + 1);
        });
}

void RequestFlow::keep_before_reply(std::size_t which) {
    if (which == parsed_.keep.size()) {
        parsed_.keep.clear();
        return follow();
    }
    if (!dialect_->store) return refuse(without_state({ErrorKind::unavailable, "the dialect has no store"}));
    ask_store<Refusal>([&](auto done) { write(std::move(parsed_.keep[which]), std::move(done)); },
                       [this, which](Result<Refusal> written) {
                           if (!written) return refuse(without_state(written.error()));
                           if (*written) return refuse(**std::move(written));
                           keep_before_reply(which + 1);
                       });
}

void RequestFlow::write(Keep document, Completion<Refusal> done) {
    const auto max_bytes = static_cast<std::size_t>(snapshot_.settings.server.max_body_bytes);
    StoreKey key = key_of(std::move(document.id));
    write_document({*dialect_->store, *worker_.loop, snapshot_.log, dialect_->name, dialect_->store_name,
                    record_.request_id, max_bytes,
                    [flow = weak_from_this()] {
                        const auto self = flow.lock();
                        return !self || self->over_;
                    }},
                   std::move(key), std::move(document), std::move(done));
}

// The end of the response waits for the store, because the client may refer to the documents as
// soon as it has the end.
void RequestFlow::keep() {
    const auto self = shared_from_this();
    if (!client_ || !dialect_->store) return send_end();
    auto documents = guard({dialect_->name, "ResponseFormatter::keep", record_.request_id},
                           [&] { return formatter().keep(parsed_.operation); });
    if (!documents)
        snapshot_.log.write(Level::error, dialect_->name, "plugin call failed",
                            {{"request_id", record_.request_id},
                             {"trace_id", trace_id()},
                             {"detail", documents.error().detail}});
    if (!documents || documents->empty()) return send_end();
    worker_.loop->cancel(std::exchange(timer_, 0));
    worker_.loop->cancel(std::exchange(early_timer_, 0));
    keeping_ = documents->size() + 1;  // and one for this function
    timer_ = worker_.loop->after(store_timeout, [self] {
        const Error error = too_slow();
        while (self->keeping_ > 0) self->kept_one(&error);
    });
    for (Keep& document : *documents) put(std::move(document));
    kept_one(nullptr);
}

void RequestFlow::put(Keep document) {
    await<Refusal>(
        *worker_.loop, snapshot_.log, {dialect_->store_name, "Store::put", record_.request_id},
        [&](auto done) { write(std::move(document), std::move(done)); },
        [self = shared_from_this()](Result<Refusal> written) {
            if (!written) return self->kept_one(&written.error());
            self->kept_one(*written ? &**written : nullptr);
        });
}

void RequestFlow::kept_one(const Error* error) {
    if (over_ || keeping_ == 0) return;
    if (error) {
        if (dialect_->store_metrics) dialect_->store_metrics->unkept();
        snapshot_.log.write(Level::warning, dialect_->name, "response not kept",
                            {{"request_id", record_.request_id},
                             {"trace_id", trace_id()},
                             {"store", dialect_->store_name},
                             {"reason", log_reason(*error)}});
    }
    if (--keeping_ > 0) return;
    worker_.loop->cancel(std::exchange(timer_, 0));
    send_end();
}

}  // namespace gatehouse::core
