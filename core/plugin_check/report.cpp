// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/report.hpp"

#include "core/cli/output.hpp"

#include <algorithm>
#include <iostream>

namespace gatehouse::core::plugin_check {

namespace {

struct Group {
    Finding first;
    std::size_t more = 0;
};

const char* word(Severity severity) {
    switch (severity) {
        case Severity::error: return "error";
        case Severity::warning: return "warning";
        case Severity::note: return "note";
    }
    return "note";
}

std::vector<Group> grouped(const std::vector<Finding>& findings) {
    std::vector<Group> groups;
    for (const Finding& finding : findings) {
        const auto known = std::ranges::find_if(groups, [&](const Group& group) {
            return group.first.id == finding.id && group.first.text == finding.text &&
                   group.first.severity == finding.severity;
        });
        if (known == groups.end())
            groups.push_back({finding});
        else
            ++known->more;
    }
    std::ranges::stable_sort(groups, {}, [](const Group& group) { return group.first.severity; });
    return groups;
}

}  // namespace

Summary print(const Record& record) {
    Summary summary;
    for (const Group& group : grouped(record.findings)) {
        const Finding& one = group.first;
        std::size_t& count = one.severity == Severity::error     ? summary.errors
                             : one.severity == Severity::warning ? summary.warnings
                                                                 : summary.notes;
        ++count;
        std::cout << '\n' << padded(word(one.severity), 9) << one.text << "  [" << one.id << "]\n";
        if (!one.context.empty()) std::cout << "         where:    " << printable(one.context, 1000) << '\n';
        if (group.more > 0)
            std::cout << "                   and " << group.more << (group.more == 1 ? " case" : " cases")
                      << " more\n";
        if (!one.contract.empty()) std::cout << "         contract: " << one.contract << '\n';
    }
    return summary;
}

}  // namespace gatehouse::core::plugin_check
