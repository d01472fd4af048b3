// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/report.hpp"

#include "core/cli/output.hpp"

#include <gatehouse/json_writer.hpp>

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

namespace {

void count(Summary& summary, Severity severity) {
    ++(severity == Severity::error     ? summary.errors
       : severity == Severity::warning ? summary.warnings
                                       : summary.notes);
}

}  // namespace

Summary print_json(const std::string& library, const Record& record) {
    Summary summary;
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("library", library);
    for (const char* fact : {"kind", "name", "version", "refused", "unusable"})
        if (const auto found = record.facts.find(fact); found != record.facts.end())
            json.member(fact, found->second);
    json.key("findings").begin_array();
    for (const Group& group : grouped(record.findings)) {
        count(summary, group.first.severity);
        json.begin_object()
            .member("severity", word(group.first.severity))
            .member("word", group.first.id)
            .member("text", group.first.text)
            .member("where", printable(group.first.context, 1000))
            .member("contract", group.first.contract)
            .member("cases", group.more + 1)
            .end_object();
    }
    json.end_array()
        .member("errors", summary.errors)
        .member("warnings", summary.warnings)
        .member("notes", summary.notes)
        .end_object();
    std::cout << out << std::endl;
    return summary;
}

Summary print(const Record& record) {
    Summary summary;
    for (const Group& group : grouped(record.findings)) {
        const Finding& one = group.first;
        count(summary, one.severity);
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
