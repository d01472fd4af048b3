// SPDX-License-Identifier: Apache-2.0
// `gatehouse check`: checks that the gateway can start with this file, and with --live that
// its upstreams respond.
#include "core/app/live_check.hpp"
#include "core/cli/check_file.hpp"
#include "core/cli/output.hpp"
#include "core/cli/user.hpp"
#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"
#include "core/observe/log.hpp"
#include "core/util/suggest.hpp"

#include <signal.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <sstream>

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

/// The lines of advice that have been printed, each with the subject of its finding.
using Printed = std::map<std::string, std::string>;

/// Prints the lines of `advice` that have not been printed, and the finding that has the others.
void print_advice(const Finding& finding, Printed& printed) {
    std::string before;
    bool any = false;
    std::istringstream lines(finding.advice);
    for (std::string line; std::getline(lines, line);) {
        const auto [known, is_new] = printed.try_emplace(line, finding.subject);
        if (is_new)
            std::cout << "      " << line << '\n';
        else if (before.empty())
            before = known->second;
        any = any || is_new;
    }
    if (!before.empty())
        std::cout << (any ? "      See also the advice for " : "      See the advice for ") << before
                  << ".\n";
}

void print_finding(const Finding& finding, Printed& printed) {
    std::cout << "  " << (finding.good ? "ok      " : "FAILED  ") << finding.subject
              << (finding.where.empty() ? "" : " at " + finding.where) << ": " << finding.text;
    if (finding.took.count() > 0) std::cout << ", " << finding.took.count() << " ms";
    std::cout << std::endl;
    print_advice(finding, printed);
}

}  // namespace

int check_configuration(const std::filesystem::path& config, bool live, const std::string& user) {
    if (!user.empty())
        if (auto ok = become_user(user); !ok) return fail(exit_status::usage, ok.error().message);
    Mistakes mistakes(config);
    auto gateway =
        check_file(config, live ? Gateway::Purpose::check_live : Gateway::Purpose::check, mistakes);
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
    LogOptions log = gateway->settings().log;
    log.file = "stderr";
    if (auto ok = gateway->log().configure(log); !ok) return fail(exit_status::failure, ok.error().message);
    ::signal(SIGPIPE, SIG_IGN);  // an upstream that closes must not end the process
    Printed printed;
    auto good = gateway->check_live([&](const Finding& finding) { print_finding(finding, printed); });
    if (!good) return fail(exit_status::failure, good.error().message);
    return *good ? exit_status::ok : exit_status::failure;
}

}  // namespace gatehouse::core
