// SPDX-License-Identifier: Apache-2.0
#include "core/request/document_write.hpp"

#include "core/plugin/guard.hpp"
#include "core/request/call_plugin_async.hpp"
#include "core/util/random_bits.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::core {

namespace {

// Each conflict is the success of another request.
constexpr int max_conflicts = 10, conflicts_without_pause = 2;

struct Write {
    DocumentPlace place;
    StoreKey key;
    Keep document;
    Completion<Refusal> done;
    int conflicts = 0;
};
using Shared = std::shared_ptr<Write>;
using Found = std::vector<std::optional<Record>>;

void read(const Shared& write);

PluginCall store_call(const Write& write, const char* member) {
    return {write.place.store_name, member, write.place.request_id};
}

/// Reads again, at a random time of a period that doubles with each conflict.
void repeat(const Shared& write) {
    if (write->conflicts <= conflicts_without_pause) return read(write);
    const std::uint64_t most_ms = std::uint64_t{1} << write->conflicts;
    const std::chrono::milliseconds pause(random_bits() % most_ms + 1);
    write->place.loop.after(pause, [write] { read(write); });
}

void put(const Shared& write, std::string body, std::optional<std::uint64_t> expected) {
    await<std::uint64_t>(
        write->place.loop, write->place.log, store_call(*write, "Store::put"),
        [&](auto done) {
            write->place.store.put({write->key, std::move(body), write->document.keep_for, expected},
                                   std::move(done));
        },
        [write](Result<std::uint64_t> version) {
            if (version) return write->done(Refusal());
            const bool changed = write->document.change && version.error().kind == ErrorKind::conflict;
            if (changed && ++write->conflicts < max_conflicts && !write->place.over()) return repeat(write);
            write->done(version.error());
        });
}

void change(const Shared& write, const std::optional<Record>& record) {
    auto body = guard({write->place.dialect, "Keep::change", write->place.request_id},
                      [&] { return write->document.change(record); });
    if (!body) return write->done(Refusal(body.error()));
    if (body->size() > write->place.max_bytes)
        return write->done(Refusal(Error{ErrorKind::bad_request, "the stored document would be too large"}));
    put(write, *std::move(body), record ? record->version : 0);
}

void read(const Shared& write) {
    await<Found>(
        write->place.loop, write->place.log, store_call(*write, "Store::get"),
        [&](auto done) { write->place.store.get({write->key}, write->place.max_bytes, std::move(done)); },
        [write](Result<Found> found) {
            if (!found) return write->done(found.error());
            change(write, found->empty() ? std::nullopt : std::move(found->front()));
        });
}

}  // namespace

void write_document(const DocumentPlace& place, StoreKey key, Keep document, Completion<Refusal> done) {
    auto write = std::make_shared<Write>(Write{place, std::move(key), std::move(document), std::move(done)});
    if (write->document.change) return read(write);
    put(write, std::move(write->document.body), write->document.expected);
}

}  // namespace gatehouse::core
