// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/early_warnings.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_lines = 32;

}  // namespace

void EarlyWarnings::add(Level level, std::string_view instance, std::string_view message,
                        Host::LogFields fields) {
    if (level < Level::warning || !open_.load(std::memory_order_relaxed)) return;
    std::string line = std::string(instance) + ": " + std::string(message);
    const char* separator = " (";
    for (const auto& [name, value] : fields) {
        line += separator + std::string(name) + ": " + std::string(value);
        separator = "; ";
    }
    if (fields.size() > 0) line += ')';
    const std::lock_guard lock(mutex_);
    if (open_.load() && lines_.size() < max_lines) lines_.push_back(std::move(line));
}

std::vector<std::string> EarlyWarnings::take() {
    const std::lock_guard lock(mutex_);
    open_.store(false);
    return std::move(lines_);
}

}  // namespace gatehouse::core
