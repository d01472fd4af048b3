// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/origins.hpp"

#include <link.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace gatehouse::core {

namespace {

struct Owner {
    std::string_view instance, library;
};
struct Range {
    std::uintptr_t begin, end, base;
    std::string_view library;
};

/// A table that a reader sees as a whole.  Earlier tables stay for their readers.
template <typename Row>
class Table {
public:
    using Rows = std::vector<Row>;
    const Rows* rows() const { return current_.load(std::memory_order_acquire); }
    void replace(Rows rows) {
        all_.push_back(std::make_unique<Rows>(std::move(rows)));
        current_.store(all_.back().get(), std::memory_order_release);
    }

private:
    std::vector<std::unique_ptr<Rows>> all_;
    std::atomic<const Rows*> current_{nullptr};
};

// Never destroyed, because a crash may come after main().
struct Tables {
    std::mutex mutex;
    std::deque<std::string> texts;
    Table<Owner> owners;
    Table<Range> ranges;

    std::string_view kept(std::string_view text) {
        const auto known = std::ranges::find(texts, text);
        return known == texts.end() ? texts.emplace_back(text) : *known;
    }
};
Tables* const tables = new Tables;

int add_ranges(dl_phdr_info* info, std::size_t, void* into) {
    auto& ranges = *static_cast<std::vector<Range>*>(into);
    const bool named = info->dlpi_name && *info->dlpi_name;
    const std::string_view name = tables->kept(named ? info->dlpi_name : "gatehouse");
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const auto& header = info->dlpi_phdr[i];
        if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
        const std::uintptr_t begin = info->dlpi_addr + header.p_vaddr;
        ranges.push_back({begin, begin + header.p_memsz, info->dlpi_addr, name});
    }
    return 0;
}

}  // namespace

void note_instance(std::string_view instance, std::string_view path) {
    std::lock_guard lock(tables->mutex);
    if (library_of(instance) == path) return;
    auto rows = tables->owners.rows() ? *tables->owners.rows() : std::vector<Owner>();
    std::erase_if(rows, [&](const Owner& row) { return row.instance == instance; });
    rows.push_back({tables->kept(instance), tables->kept(path)});
    tables->owners.replace(std::move(rows));
}

std::string_view library_of(std::string_view instance) {
    if (const auto* rows = tables->owners.rows())
        for (const Owner& row : *rows)
            if (row.instance == instance) return row.library;
    return {};
}

void note_libraries() {
    std::lock_guard lock(tables->mutex);
    std::vector<Range> ranges;
    ::dl_iterate_phdr(add_ranges, &ranges);
    tables->ranges.replace(std::move(ranges));
}

Place place_of(const void* address) {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    if (const auto* rows = tables->ranges.rows())
        for (const Range& row : *rows)
            if (at >= row.begin && at < row.end) return {row.library, at - row.base};
    return {};
}

}  // namespace gatehouse::core
