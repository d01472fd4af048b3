// SPDX-License-Identifier: Apache-2.0
// Orders the events of an answer as blocks: one is open at a time.  The fragments of a
// second tool call, and other content, wait until the arguments of the first one are complete.
// One instance per attempt, one thread at a time.
#pragma once

#include "plugins/common/upstream/json_check.hpp"

#include <gatehouse/event.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::anthropic_dialect {

/// Writes the blocks.  Content follows the begin of a block of its kind.
class BlockWriter {
public:
    virtual void begin_text() = 0;
    virtual void text(std::string_view text) = 0;
    virtual void citation(const Citation& citation) = 0;
    virtual void begin_thinking() = 0;
    virtual void thinking(std::string_view text) = 0;
    virtual void signature(std::string_view signature) = 0;
    virtual void begin_call(std::string_view id, std::string_view name, const JsonText& extra) = 0;
    virtual void input(std::string_view piece) = 0;
    virtual void end_block() = 0;
    /// A complete block of another kind.
    virtual void other(std::string_view json) = 0;

protected:
    ~BlockWriter() = default;
};

class BlockOrder {
public:
    /// `shows_thoughts`: also thoughts without a signature.  REQUIRES: `writer` outlives it.
    BlockOrder(BlockWriter& writer, bool shows_thoughts) : writer_(writer), shows_thoughts_(shows_thoughts) {}

    void on(const TextDelta& delta);
    void on(const RefusalDelta& delta);
    void on(const ReasoningDelta& delta);
    void on(const ThoughtEnd& end);
    void on(const BlockEnd& end);
    void on(const ToolCallDelta& delta);
    void on(const OtherBlock& block);
    void on(const Citation& citation);
    /// The answer has no more content.
    void finish();

    bool called() const { return called_; }
    bool refused() const { return refused_; }
    /// Bytes of texts, thoughts and arguments.
    std::size_t bytes() const { return bytes_; }

private:
    enum class Open { none, text, thought, call };

    struct CustomCall {
        std::string id = {}, name = {}, input = {};
    };

    /// Whether the open call needs more arguments.
    bool waits() const { return open_ == Open::call && (arguments_.blank() || arguments_.unfinished()); }
    /// Returns whether the event has to wait.
    template <typename Kind>
    bool hold(const Kind& event);
    void hold_call(const ToolCallDelta& delta);
    bool fits(std::size_t bytes);
    void release();

    void close();
    void open_text();
    void begin_call(const ToolCallDelta& delta);
    void feed_call(std::string_view arguments);
    void show_thought(const ThoughtEnd& end);

    BlockWriter& writer_;
    const bool shows_thoughts_;
    Open open_ = Open::none;
    int call_ = -1;                               // index of the open call
    upstream::JsonCheck arguments_ = {};          // the open call's
    std::vector<Event> held_ = {};                // behind the open call
    std::map<int, std::size_t> held_calls_ = {};  // their places in held_
    std::map<int, CustomCall> custom_ = {};
    std::vector<bool> begun_ = {};  // by the index of a call
    std::string thought_ = {};      // not shown yet
    std::size_t bytes_ = 0, held_bytes_ = 0;
    bool called_ = false, refused_ = false;
};

}  // namespace gatehouse::anthropic_dialect
