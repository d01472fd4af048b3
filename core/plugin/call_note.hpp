// SPDX-License-Identifier: Apache-2.0
// Each thread notes the plugin call that it makes, so that a crash, a slow call and a log line can name it.
//
// A note is written by its thread only, without a lock.  The crash report reads the note of its own
// thread, and SlowCalls reads those of all threads: a counter tells it that a note has changed meanwhile.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::core {

/// A call of a plugin.  The texts must live until the call returns.
struct PluginCall {
    PluginCall(std::string_view name) : instance(name) {}
    PluginCall(const std::string& name) : instance(name) {}
    PluginCall(const char* name) : instance(name) {}
    PluginCall(std::string_view name, const char* which, std::string_view id = {})
        : instance(name), member(which), request_id(id) {}

    std::string_view instance;
    const char* member = "a member";   // a literal, such as "Exchange::body"
    std::string_view request_id = {};  // empty: that of RequestNote or of the enclosing call
    bool may_block = false;            // on a thread that serves no connection
};

/// A text that one thread writes and others read, cut at `size` bytes.
template <std::size_t size>
class NotedText {
public:
    /// Most calls name the same texts as the calls before: a text of the same address, length and
    /// last eight bytes is the same text.
    void set(std::string_view text) {
        const std::size_t length = text.size() < size ? text.size() : size;
        const std::uint64_t tail = length < 8 ? few(text.data(), length) : eight(text.data() + length - 8);
        if (text.data() == from_ && length == length_.load(relaxed) && tail == tail_) return;
        from_ = text.data();
        tail_ = tail;
        length_.store(length, relaxed);
        if (length < 8) return words_[0].store(tail, relaxed);
        std::size_t at = 0;
        for (; at + 8 <= length; at += 8) words_[at / 8].store(eight(text.data() + at), relaxed);
        // The last bytes of the text, without those that have been written.
        if (at < length) words_[at / 8].store(tail >> (8 * (8 - length % 8)), relaxed);
    }
    /// Writes the text and a NUL.
    void get(std::array<char, size + 1>& into) const {
        for (std::size_t i = 0; i < size / 8; ++i) {
            const std::uint64_t word = words_[i].load(relaxed);
            std::memcpy(into.data() + i * 8, &word, 8);
        }
        into[length_.load(relaxed)] = '\0';
    }

private:
    static constexpr auto relaxed = std::memory_order_relaxed;
    static std::uint64_t eight(const char* from) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, 8);
        return word;
    }
    // Fewer than eight bytes.
    static std::uint64_t few(const char* from, std::size_t bytes) {
        const auto byte = [&](std::size_t i) {
            return std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
        };
        if (bytes < 4) return bytes == 0 ? 0 : byte(0) | byte(bytes / 2) | byte(bytes - 1);
        std::uint32_t begin = 0, end = 0;
        std::memcpy(&begin, from, 4);
        std::memcpy(&end, from + bytes - 4, 4);
        return begin | std::uint64_t{end} << (8 * (bytes - 4));
    }
    static_assert(size % 8 == 0 && std::endian::native == std::endian::little);
    std::atomic<std::size_t> length_{0};
    std::array<std::atomic<std::uint64_t>, size / 8> words_{};
    const char* from_ = nullptr;  // compared, and not read.  [the writer]
    std::uint64_t tail_ = 0;      // the last eight bytes, or all of a shorter text.  [the writer]
};

/// A note as another thread or a signal handler reads it.
struct NotedCall {
    std::uint64_t number = 0;  // differs among the calls of a thread
    std::array<char, 49> instance{}, request_id{};
    const char* member = "";
    bool may_block = false;
};

/// The notes of one thread: a call, and the calls inside of it.
class CallSlot {
public:
    static constexpr std::size_t max_depth = 8;  // deeper calls are not noted
    struct Calls {
        std::array<NotedCall, max_depth> calls{};
        std::size_t count = 0;
    };

    /// [its thread]
    std::size_t enter(const PluginCall& call) {
        const std::size_t depth = depth_.load(relaxed);
        if (depth < max_depth) {
            // The counter is odd during a change.
            const std::uint64_t change = changes_.load(relaxed) + 1;
            changes_.store(change, relaxed);
            std::atomic_thread_fence(std::memory_order_release);
            Frame& frame = frames_[depth];
            frame.number.store(change, relaxed);
            frame.member.store(call.member, relaxed);
            frame.may_block.store(call.may_block, relaxed);
            frame.instance.set(call.instance);
            frame.request_id.set(call.request_id.empty() ? request_id : call.request_id);
            changes_.store(change + 1, std::memory_order_release);
        }
        depth_.store(depth + 1, std::memory_order_release);
        return depth;
    }
    /// [its thread]
    void leave(std::size_t depth) { depth_.store(depth, relaxed); }
    /// Returns false if a note has changed meanwhile.  Safe in a signal handler.  [any thread]
    bool read(Calls& into) const;

    std::string_view request_id = {};  // belongs to the innermost call with a request.  [its thread]

private:
    static constexpr auto relaxed = std::memory_order_relaxed;
    struct Frame {
        std::atomic<std::uint64_t> number{0};
        std::atomic<const char*> member{""};
        std::atomic<bool> may_block{false};
        NotedText<48> instance, request_id;
    };

    std::atomic<std::uint64_t> changes_{0};
    std::atomic<std::size_t> depth_{0};
    std::array<Frame, max_depth> frames_{};
};

namespace detail {
inline constinit thread_local CallSlot* call_slot = nullptr;
CallSlot& attach_call_slot();
}  // namespace detail

/// Notes a call from construction to destruction.
class CallNote {
public:
    explicit CallNote(const PluginCall& call)
        : slot_(detail::call_slot ? *detail::call_slot : detail::attach_call_slot()),
          outer_request_(slot_.request_id),
          depth_(slot_.enter(call)) {
        if (!call.request_id.empty()) slot_.request_id = call.request_id;
    }
    ~CallNote() {
        slot_.request_id = outer_request_;
        slot_.leave(depth_);
    }
    CallNote(const CallNote&) = delete;
    CallNote& operator=(const CallNote&) = delete;

private:
    CallSlot& slot_;
    const std::string_view outer_request_;
    const std::size_t depth_;
};

/// Names the request of the plugin calls until its destruction, for calls that do not know it.
class RequestNote {
public:
    /// `request_id` must live as long as this object.
    explicit RequestNote(std::string_view request_id)
        : slot_(detail::call_slot ? *detail::call_slot : detail::attach_call_slot()),
          outer_(std::exchange(slot_.request_id, request_id)) {}
    ~RequestNote() { slot_.request_id = outer_; }
    RequestNote(const RequestNote&) = delete;
    RequestNote& operator=(const RequestNote&) = delete;

private:
    CallSlot& slot_;
    const std::string_view outer_;
};

/// The request for which this thread calls a plugin; empty: none.  Valid until the call returns.
inline std::string_view noted_request() {
    return detail::call_slot ? detail::call_slot->request_id : std::string_view();
}

/// The slots of all threads that have called a plugin.  A slot is never destroyed; another thread takes it
/// over when its thread ends.  [any thread]
std::vector<const CallSlot*> call_slots();

/// Called on each thread before its first call of a plugin, and when the thread ends.
struct ThreadHooks {
    void (*begin)() = nullptr;
    void (*end)() = nullptr;
};
/// REQUIRES: no other thread calls plugins yet.
void on_plugin_threads(ThreadHooks hooks);

/// Counts an exception of an instance.  [any thread]
void count_plugin_failure(std::string_view instance);
/// The exceptions since the last call, by instance.  [any thread]
std::vector<std::pair<std::string, std::size_t>> take_plugin_failures();

}  // namespace gatehouse::core
