// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/valgrind.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>

namespace gatehouse::core::plugin_check {

namespace {

namespace fs = std::filesystem;

constexpr const char* how_to_install =
    "valgrind is not installed: apt install valgrind (Debian, Ubuntu) or dnf install valgrind (Fedora and "
    "its "
    "relatives), or leave out --valgrind";

struct Folder {
    Folder() {
        std::string name = (fs::temp_directory_path() / "gatehouse-plugin-check-XXXXXX").string();
        if (const char* made = ::mkdtemp(name.data())) path = made;
    }
    ~Folder() {
        std::error_code ignored;
        if (!path.empty()) fs::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    fs::path path;
};

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The content of the next <name>…</name> from `at` on; moves `at` behind it.
std::string_view element(std::string_view xml, std::string_view name, std::size_t& at) {
    const std::string open = "<" + std::string(name) + ">", close = "</" + std::string(name) + ">";
    const std::size_t begin = xml.find(open, at);
    if (begin == xml.npos) return at = xml.npos, std::string_view();
    const std::size_t end = xml.find(close, begin);
    if (end == xml.npos) return at = xml.npos, std::string_view();
    at = end + close.size();
    return xml.substr(begin + open.size(), end - begin - open.size());
}

std::string first(std::string_view xml, std::string_view name) {
    std::size_t at = 0;
    std::string text(element(xml, name, at));
    for (const auto& [code, sign] :
         {std::pair<std::string, std::string>{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}})
        for (std::size_t found; (found = text.find(code)) != text.npos;)
            text.replace(found, code.size(), sign);
    return text;
}

/// The innermost function of the library `own` in an error's stack, better its own than one of
/// the standard library; empty: the error is not the plugin's.
std::string place_in(std::string_view error, const std::string& own) {
    std::string place;
    for (std::size_t in = 0; in != std::string_view::npos;) {
        const std::string_view frame = element(error, "frame", in);
        if (frame.empty() || first(frame, "obj") != own) continue;
        const std::string function = first(frame, "fn"), line = first(frame, "line");
        if (place.empty() || !function.starts_with("std::"))
            place = (function.empty() ? "the library" : function) +
                    (line.empty() ? "" : " (" + first(frame, "file") + ":" + line + ")");
        if (!function.starts_with("std::")) break;
    }
    return place;
}

bool is_installed() {
    const char* path = std::getenv("PATH");
    const std::string_view all = path ? path : "/usr/bin:/bin";
    for (std::size_t at = 0; at <= all.size();) {
        const std::size_t end = std::min(all.find(':', at), all.size());
        if (::access((std::string(all.substr(at, end - at)) + "/valgrind").c_str(), X_OK) == 0) return true;
        at = end + 1;
    }
    return false;
}

}  // namespace

std::vector<Finding> valgrind_findings(const std::string& xml, const fs::path& library) {
    std::vector<Finding> findings;
    const std::string own = fs::absolute(library).lexically_normal().string();
    for (std::size_t at = 0; at != std::string::npos;) {
        const std::string_view error = element(xml, "error", at);
        const std::string place = place_in(error, own);
        if (place.empty()) continue;
        std::string what = first(error, "what");
        if (what.empty()) what = first(error, "text");
        findings.push_back({Severity::error, "valgrind", "valgrind: " + first(error, "kind"),
                            what + " in " + place,
                            "one process serves everybody: no memory error is harmless"});
    }
    return findings;
}

Result<Record> under_valgrind(const std::vector<std::string>& arguments, const fs::path& library) {
    if (!is_installed()) return Error{ErrorKind::bad_config, how_to_install};
    const Folder folder;
    if (folder.path.empty()) return Error{ErrorKind::bad_config, "cannot create a temporary folder"};
    const fs::path record = folder.path / "record";
    std::vector<std::string> words = {"valgrind",
                                      "--quiet",
                                      "--xml=yes",
                                      "--xml-file=" + (folder.path / "%p.xml").string(),
                                      "--leak-check=full",
                                      "--show-leak-kinds=definite",
                                      "--keep-debuginfo=yes",
                                      "--fair-sched=yes",
                                      "/proc/self/exe"};
    std::error_code failure;
    words.back() = fs::read_symlink("/proc/self/exe", failure).string();
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.insert(words.end(), {"--record", record.string()});
    std::vector<char*> argv;
    for (std::string& one : words) argv.push_back(one.data());
    argv.push_back(nullptr);

    pid_t child = 0;
    if (::posix_spawnp(&child, "valgrind", nullptr, nullptr, argv.data(), environ) != 0)
        return Error{ErrorKind::bad_config, how_to_install};
    int status = 0;
    ::waitpid(child, &status, 0);
    Record out;
    decode(content_of(record), out);
    if (out.facts.empty())
        return Error{ErrorKind::bad_config, "the check did not come to its end under valgrind"};
    std::set<std::string> seen;
    for (const auto& entry : fs::directory_iterator(folder.path, failure))
        if (entry.path().extension() == ".xml")
            for (Finding& finding : valgrind_findings(content_of(entry.path()), library))
                if (seen.insert(finding.text + finding.context).second)
                    out.findings.push_back(std::move(finding));
    return out;
}

}  // namespace gatehouse::core::plugin_check
