// SPDX-License-Identifier: Apache-2.0
// One part after the other; every part may end anywhere in what was read.
#include "tools/benchmark/message_reader.hpp"

#include <algorithm>
#include <charconv>

#include <strings.h>

namespace gatehouse::benchmark {

namespace {
constexpr std::size_t max_head = 64 * 1024, max_line = 16 * 1024;
/// Bytes copied per step while searching for the end of a head: a large body may follow it.
constexpr std::size_t head_step = 4096;

/// The whole text as a number; false if it is not a number.
bool number(std::string_view text, std::uint64_t& value, int base) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc{} && end == text.data() + text.size();
}
}  // namespace

void MessageReader::begin() {
    part_ = Part::head;
    head_.clear();
    line_.clear();
    left_ = 0;
}

void MessageReader::end() {
    if (part_ == Part::until_end)
        part_ = Part::complete;
    else if (part_ != Part::complete)
        part_ = Part::broken;
}

int MessageReader::status() const {
    int value = 0;
    if (head_.size() > 12) std::from_chars(head_.data() + 9, head_.data() + 12, value);
    return value;
}

std::size_t MessageReader::take(std::string_view bytes, std::vector<std::string_view>& body) {
    const std::size_t size = bytes.size();
    while (!bytes.empty() && part_ != Part::complete && part_ != Part::broken) {
        std::size_t taken = 0;
        switch (part_) {
            case Part::head: taken = take_head(bytes); break;
            case Part::counted:
            case Part::chunk_data:
            case Part::until_end:
                taken =
                    part_ == Part::until_end ? bytes.size() : std::min<std::uint64_t>(left_, bytes.size());
                body.push_back(bytes.substr(0, taken));
                left_ -= std::min<std::uint64_t>(left_, taken);
                if (left_ == 0 && part_ == Part::counted) part_ = Part::complete;
                if (left_ == 0 && part_ == Part::chunk_data) part_ = Part::chunk_end;
                break;
            case Part::chunk_size:
            case Part::chunk_end:
            case Part::trailer: taken = take_line(bytes); break;
            case Part::complete:
            case Part::broken: break;  // the loop has ended
        }
        bytes.remove_prefix(taken);
    }
    return size - bytes.size();
}

std::size_t MessageReader::take_head(std::string_view bytes) {
    // The end may lie in what came before: three bytes of it at most.
    const std::size_t before = head_.size(), from = before < 3 ? 0 : before - 3;
    head_.append(bytes.substr(0, head_step));
    const std::size_t end = head_.find("\r\n\r\n", from);
    if (end == std::string::npos) {
        if (head_.size() > max_head) part_ = Part::broken;
        return head_.size() - before;
    }
    head_.resize(end + 4);
    const std::size_t taken = head_.size() - before;
    read_head();
    return taken;
}

std::string_view MessageReader::field(std::string_view lower_case_name) const {
    const std::string_view head = head_;
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at + 2);
        if (line.size() <= lower_case_name.size() || line[lower_case_name.size()] != ':') continue;
        if (strncasecmp(line.data(), lower_case_name.data(), lower_case_name.size()) != 0) continue;
        std::string_view value = line.substr(lower_case_name.size() + 1);
        value = value.substr(0, value.find("\r\n"));
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        return value;
    }
    return {};
}

void MessageReader::read_head() {
    const int code = kind_ == Kind::answer ? status() : 0;
    if (code >= 100 && code < 200) {  // an interim answer: the real one follows
        head_.clear();
        return;
    }
    if (const std::string_view coding = field("transfer-encoding"); !coding.empty()) {
        part_ = coding == "chunked" ? Part::chunk_size : Part::broken;
        return;
    }
    const std::string_view length = field("content-length");
    if (!length.empty() && !number(length, left_, 10)) {
        part_ = Part::broken;
        return;
    }
    if (length.empty() && kind_ == Kind::answer && code != 204 && code != 304)
        part_ = Part::until_end;
    else
        part_ = left_ == 0 ? Part::complete : Part::counted;
}

std::size_t MessageReader::take_line(std::string_view bytes) {
    const std::size_t end = bytes.find('\n');
    const std::size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
    line_.append(bytes.substr(0, taken));
    if (line_.size() > max_line)
        part_ = Part::broken;
    else if (end != std::string_view::npos)
        read_line();
    return taken;
}

void MessageReader::read_line() {
    std::string_view line = line_;
    line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
    if (part_ == Part::chunk_size) {
        const bool good = number(line.substr(0, line.find(';')), left_, 16);
        part_ = !good ? Part::broken : left_ == 0 ? Part::trailer : Part::chunk_data;
    } else if (part_ == Part::chunk_end) {
        part_ = line.empty() ? Part::chunk_size : Part::broken;
    } else if (line.empty()) {
        part_ = Part::complete;
    }
    line_.clear();
}

}  // namespace gatehouse::benchmark
