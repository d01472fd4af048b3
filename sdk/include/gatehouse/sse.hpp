// SPDX-License-Identifier: Apache-2.0
// Cuts a server-sent-event stream into events, wherever its bytes are cut.  It follows
// the WHATWG HTML specification, section 9.2.6: lines end in LF, CR or CRLF, `data:`
// lines of one event are joined by LF, comments are skipped.  One difference: an event
// at the end of the stream counts even without its empty line.
// [one thread at a time]
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse {

class SseReader {
public:
    /// Maximum size of an event, in bytes, including its longest line.
    explicit SseReader(std::size_t max_event_bytes = 16 * 1024 * 1024) : limit_(max_event_bytes) {}

    /// Calls on_data(std::string_view) for the data of each complete event.  The view is
    /// valid during the call.  False: an event exceeds the limit; feed no more.
    template <typename OnData>
    [[nodiscard]] bool feed(std::string_view bytes, OnData&& on_data) {
        if (skip_lf_ && !bytes.empty()) {
            if (bytes.front() == '\n') bytes.remove_prefix(1);
            skip_lf_ = false;
        }
        // The next CR and LF after `begin`, so that no byte is read more than twice.
        std::size_t lf = bytes.find('\n'), cr = bytes.find('\r');
        for (std::size_t begin = 0; begin < bytes.size();) {
            const std::size_t end = std::min(lf, cr);
            const std::string_view piece = bytes.substr(begin, end - begin);
            if (line_.size() + data_.size() + piece.size() > limit_) return false;
            if (end == std::string_view::npos) {
                line_ += piece;
                return true;
            }
            begin = end + 1;
            if (end == cr) {
                if (begin == bytes.size())
                    skip_lf_ = true;
                else if (begin == lf)
                    ++begin;
                cr = bytes.find('\r', begin);
            }
            if (lf < begin) lf = bytes.find('\n', begin);
            if (line_.empty()) {
                take_line(piece, on_data);
            } else {
                line_ += piece;
                take_line(line_, on_data);
                line_.clear();
            }
        }
        return true;
    }

    /// The stream has ended.  Delivers a last event without its empty line.
    template <typename OnData>
    void finish(OnData&& on_data) {
        if (!line_.empty()) take_line(line_, on_data);
        line_.clear();
        take_line({}, on_data);
    }

    /// The type of the event that is being delivered, "" if it has no type.
    std::string_view type() const { return type_; }

private:
    template <typename OnData>
    void take_line(std::string_view line, OnData&& on_data) {
        if (first_) {
            first_ = false;
            if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);  // a byte order mark
        }
        if (line.empty()) {
            if (has_data_) on_data(std::string_view(data_));
            data_.clear();
            type_.clear();
            has_data_ = false;
            return;
        }
        const std::size_t colon = line.find(':');
        const std::string_view field = line.substr(0, colon);
        std::string_view value =
            colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (field == "data") {
            if (has_data_) data_ += '\n';
            data_ += value;
            has_data_ = true;
        } else if (field == "event") {
            type_ = value;
        }
    }

    std::size_t limit_;
    std::string line_, data_, type_;
    bool has_data_ = false, skip_lf_ = false, first_ = true;
};

}  // namespace gatehouse
