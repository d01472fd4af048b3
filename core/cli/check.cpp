// SPDX-License-Identifier: Apache-2.0
// `gatehouse check`: checks that the gateway can start with this file, and with --live that
// its upstreams respond.
#include "core/app/gateway.hpp"
#include "core/app/live_check.hpp"
#include "core/cli/output.hpp"
#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"
#include "core/util/suggest.hpp"

#include <signal.h>

#include <algorithm>
#include <iostream>

namespace gatehouse::core {

namespace {

void print_summary(const Settings& settings, const std::vector<InstanceConfig>& all) {
    std::cout << "  " << padded("listen", 15) << settings.server.listen << '\n';
    for (const std::string& kind : instance_kinds()) {
        std::string names;
        for (const InstanceConfig& one : all)
            if (one.kind == kind)
                add_to_list(names, one.name + " (" + one.use +
                                       (one.signer.empty() ? "" : ", signed by " + one.signer) + ")");
        if (!names.empty()) std::cout << "  " << padded(kind, 15) << names << '\n';
    }
}

void print_indented(const std::string& lines) {
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', at), lines.size());
        std::cout << "      " << lines.substr(at, end - at) << '\n';
        at = end + 1;
    }
}

/// `last`: the advice printed last, which is not repeated.
void print_finding(const Finding& finding, std::string& last) {
    std::cout << "  " << (finding.good ? "ok      " : "FAILED  ") << finding.subject
              << (finding.where.empty() ? "" : " at " + finding.where) << ": " << finding.text;
    if (finding.took.count() > 0) std::cout << ", " << finding.took.count() << " ms";
    std::cout << std::endl;
    if (finding.advice.empty()) return;
    print_indented(finding.advice == last ? "As above." : finding.advice);
    last = finding.advice;
}

}  // namespace

int check_configuration(const std::filesystem::path& config, bool live) {
    Mistakes mistakes(config);
    auto gateway =
        Gateway::make(config, live ? Gateway::Purpose::check_live : Gateway::Purpose::check, mistakes);
    for (const Mistake& one : mistakes.in_order()) std::cerr << one.text << '\n';
    if (mistakes.count() > 1) std::cerr << mistakes.summary() << '\n';
    std::cerr.flush();
    if (!gateway) return exit_status::usage;
    auto all = instances(gateway->file());
    if (!all) return fail(exit_status::usage, all.error().message);
    std::cout << config.string() << ": ok\n";
    print_summary(gateway->settings(), *all);
    if (!live) return exit_status::ok;
    std::cout << std::endl;
    ::signal(SIGPIPE, SIG_IGN);  // an upstream that closes must not end the process
    std::string last;
    auto good = gateway->check_live([&](const Finding& finding) { print_finding(finding, last); });
    if (!good) return fail(exit_status::failure, good.error().message);
    return *good ? exit_status::ok : exit_status::failure;
}

}  // namespace gatehouse::core
